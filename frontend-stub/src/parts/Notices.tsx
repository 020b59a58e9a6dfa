import { useSyncExternalStore } from "react";
import { announcer, notices } from "./notices";
import styles from "./Notices.module.css";

export function Notices() {
  const shown = useSyncExternalStore(notices.watch, notices.get);
  const said = useSyncExternalStore(announcer.watch, announcer.get);
  return (
    <>
      <p className="visually-hidden" role="status">
        {said}
      </p>
      <div className={styles["notices"]} role="log" aria-label="Messages">
        {shown.map((notice) => (
          <div key={notice.id} className={`${styles["notice"]} ${notice.bad ? styles["bad"] : ""}`}>
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
              aria-label="Close this message"
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
