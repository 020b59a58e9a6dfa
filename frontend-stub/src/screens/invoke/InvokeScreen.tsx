import { useEffect, useRef, useSyncExternalStore } from "react";
import { hrefOf } from "../../logic/route";
import { FileInput } from "../../parts/FileInput";
import { Icon } from "../../parts/Icon";
import { type FoundFile, isPicture } from "../../parts/files";
import { announcer, notices } from "../../parts/notices";
import { useFileDrop } from "../../parts/useFileDrop";
import { percent } from "../../logic/estimate";
import { useFunction } from "../../workspace/context";
import { Answer } from "./Answer";
import dropStyles from "../../parts/Drop.module.css";
import styles from "./InvokeScreen.module.css";

/** The most photos at once; more are better sent by a program. */
const AT_ONCE = 20;

/** The screen to invoke the function on photos, and to correct its predictions. */
export function InvokeScreen() {
  const {
    fn,
    workspace: { asks },
  } = useFunction();
  const all = useSyncExternalStore(asks.watch, asks.get);
  useEffect(() => asks.restore(), [asks]);
  const files = useRef<HTMLInputElement>(null);
  const dropping = useFileDrop(take);

  function take(found: FoundFile[]): void {
    const pictures = found.filter(({ file }) => isPicture(file));
    if (pictures.length < found.length) notices.show("Files that are not pictures are left out.");
    if (pictures.length > AT_ONCE) notices.show(`The first ${AT_ONCE} photos are asked about.`);
    for (const answer of asks.ask(pictures.slice(0, AT_ONCE).map(({ file }) => file))) {
      void answer.then((invocation) => {
        if (invocation === null) return;
        const { label, confidence } = invocation.prediction;
        announcer.say(`${label.name}, ${percent(confidence)} sure.`);
      });
    }
  }

  if (fn.model === null) {
    return (
      <div className="stack">
        <h1>Invoke</h1>
        <section className="card empty">
          <h2>It cannot answer yet</h2>
          <p className="muted">
            {fn.readiness.missing.join(" ") || "The first version is on its way."}
          </p>
          <a className="button primary" href={hrefOf(fn.id, "annotate")}>
            Annotate photos
          </a>
        </section>
      </div>
    );
  }
  return (
    <div className="stack">
      <h1>Invoke</h1>
      <section
        className={
          all.length === 0
            ? `card empty ${dropStyles["here"]}`
            : `card ${dropStyles["here"]} ${styles["again"]}`
        }
      >
        {all.length === 0 && <h2>Ask it about a photo</h2>}
        <p className="muted">Drop a photo here, paste one, or choose a file.</p>
        <FileInput ref={files} take={take} />
        <button type="button" className="button primary" onClick={() => files.current?.click()}>
          <Icon name="upload" />
          Choose a photo
        </button>
      </section>
      <ul className="stack" aria-label="Answers">
        {all.map((one) => (
          <Answer key={one.key} asked={one} again={() => asks.again(one)} />
        ))}
      </ul>
      {dropping === "hovering" && (
        <div className={dropStyles["overlay"]} aria-hidden="true">
          Drop to ask
        </div>
      )}
    </div>
  );
}
