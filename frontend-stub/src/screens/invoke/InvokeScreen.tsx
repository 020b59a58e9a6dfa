import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { hrefOf } from "../../logic/route";
import { FileInput } from "../../parts/FileInput";
import { Icon } from "../../parts/Icon";
import { type FoundFile, picturesOf } from "../../parts/files";
import { announcer, notices } from "../../parts/notices";
import { useFileDrop } from "../../parts/useFileDrop";
import { count, percent } from "../../logic/estimate";
import { useFunction } from "../../workspace/context";
import { Answer } from "./Answer";
import { AnswerTable } from "./AnswerTable";
import dropStyles from "../../parts/Drop.module.css";
import styles from "./InvokeScreen.module.css";

/** The most photos at once; more are better sent by a program. */
const AT_ONCE = 1000;

/** More answers than these are first shown as a table. */
const CARDS = 5;

/** The most answers that are shown as cards, with the photos behind them. */
const MOST_CARDS = 20;

type View = "cards" | "table";

/** The screen to invoke the function on photos, and to correct its predictions. */
export function InvokeScreen() {
  const {
    fn,
    workspace: { asks },
  } = useFunction();
  const all = useSyncExternalStore(asks.watch, asks.get);
  useEffect(() => asks.restore(), [asks]);
  const [chosen, setChosen] = useState<View | null>(null);
  const view = chosen ?? (all.length > CARDS ? "table" : "cards");
  const files = useRef<HTMLInputElement>(null);
  const dropping = useFileDrop(take);

  function take(found: FoundFile[]): void {
    const pictures = picturesOf(found);
    if (pictures.length > AT_ONCE)
      notices.show(`The first ${count(AT_ONCE, "photo")} are asked about. Send more by a program.`);
    const answers = asks.ask(pictures.slice(0, AT_ONCE).map(({ file }) => file));
    if (answers.length > CARDS) {
      void Promise.all(answers).then((all) => {
        const answered = all.filter((invocation) => invocation !== null).length;
        announcer.say(`${answered} of ${count(all.length, "photo")} answered.`);
      });
      return;
    }
    for (const answer of answers) {
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
        <p className="muted">Drop photos here, paste one, or choose files: one, or hundreds.</p>
        <FileInput ref={files} take={take} />
        <button type="button" className="button primary" onClick={() => files.current?.click()}>
          <Icon name="upload" />
          Choose photos
        </button>
      </section>
      {all.length > 1 && (
        <div className="row spread">
          <ViewChoice view={view} choose={setChosen} />
          <button type="button" className="button compact quiet" onClick={() => asks.clear()}>
            Clear answers
          </button>
        </div>
      )}
      {view === "table" ? (
        <AnswerTable all={all} />
      ) : (
        <ul className="stack" aria-label="Answers">
          {all.slice(0, MOST_CARDS).map((one) => (
            <Answer key={one.key} asked={one} again={() => asks.again(one)} />
          ))}
        </ul>
      )}
      {view === "cards" && all.length > MOST_CARDS && (
        <p className="muted">
          {count(all.length - MOST_CARDS, "earlier answer")} are in the table.
        </p>
      )}
      {dropping === "hovering" && (
        <div className={dropStyles["overlay"]} aria-hidden="true">
          Drop to ask
        </div>
      )}
    </div>
  );
}

function ViewChoice({ view, choose }: { view: View; choose: (view: View) => void }) {
  return (
    <div className="row" role="group" aria-label="Show answers as">
      {(["cards", "table"] as const).map((one) => (
        <button
          key={one}
          type="button"
          className="button compact"
          aria-pressed={view === one}
          onClick={() => choose(one)}
        >
          {one === "cards" ? "Cards" : "Table"}
        </button>
      ))}
    </div>
  );
}
