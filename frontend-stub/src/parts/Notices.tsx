import { useSyncExternalStore } from "react";
import { announcer, notices } from "./notices";

export function Notices() {
  const shown = useSyncExternalStore(notices.watch, notices.get);
  const said = useSyncExternalStore(announcer.watch, announcer.get);
  return (
    <>
      <p className="visually-hidden" role="status">
        {said}
      </p>
      <div className="notices" role="log" aria-label="Messages">
        {shown.map((notice) => (
          <div key={notice.id} className={notice.bad ? "notice bad" : "notice"}>
            <span>{notice.text}</span>
            {notice.action && (
              <button
                type="button"
                className="button"
                onClick={() => {
                  notice.action?.run();
                  notices.dismiss(notice.id);
                }}
              >
                {notice.action.name}
              </button>
            )}
            <button
              type="button"
              className="button quiet"
              aria-label="Put this message away"
              onClick={() => notices.dismiss(notice.id)}
            >
              ✕
            </button>
          </div>
        ))}
      </div>
    </>
  );
}
