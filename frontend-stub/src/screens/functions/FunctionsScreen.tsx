import { useEffect, useState } from "react";
import { type FunctionSummary, listFunctions } from "../../api/functions";
import { count, known, percent } from "../../logic/estimate";
import { hrefOf } from "../../logic/route";
import { Icon } from "../../parts/Icon";
import { Busy, Failed } from "../../parts/Waiting";
import { go } from "../../parts/router";
import { useLoaded } from "../../parts/useLoaded";
import { NewFunction } from "./NewFunction";

/** Every function, and how to make one. */
export function FunctionsScreen({ setHere }: { setHere: (name: string | null) => void }) {
  const { value: functions, failure, reload } = useLoaded(listFunctions);
  const [creating, setCreating] = useState(false);

  useEffect(() => {
    setHere(null);
    document.title = "Functions · Pigeonhole";
  }, [setHere]);
  useEffect(() => {
    window.addEventListener("focus", reload);
    return () => window.removeEventListener("focus", reload);
  }, [reload]);

  return (
    <main id="main" tabIndex={-1} className="page">
      <div className="page-head">
        <h1>Functions</h1>
        {functions !== undefined && functions.length > 0 && (
          <button type="button" className="button primary" onClick={() => setCreating(true)}>
            <Icon name="plus" />
            New function
          </button>
        )}
      </div>
      {failure !== undefined && <Failed error={failure} retry={reload} />}
      {functions === undefined && failure === undefined && <Busy>Loading functions</Busy>}
      {functions?.length === 0 && <Empty create={() => setCreating(true)} />}
      <ul className="function-list">
        {functions?.map((fn) => (
          <FunctionCard key={fn.id} fn={fn} />
        ))}
      </ul>
      {creating && (
        <NewFunction close={() => setCreating(false)} created={(id) => go(hrefOf(id, "samples"))} />
      )}
    </main>
  );
}

function Empty({ create }: { create: () => void }) {
  return (
    <section className="card empty">
      <h2>Teach your first function</h2>
      <p className="muted">
        A function sorts photos into labels that you choose. Name the labels, add some photos, say
        what a few of them show: it learns while you click.
      </p>
      <button type="button" className="button primary" onClick={create}>
        <Icon name="plus" />
        New function
      </button>
    </section>
  );
}

function FunctionCard({ fn }: { fn: FunctionSummary }) {
  const { labels, sampleCounts } = fn;
  const more = labels.totalCount - labels.nodes.length;
  return (
    <li className="card function-card">
      <div className="row spread">
        <h2>
          <a href={hrefOf(fn.id, "samples")}>{fn.name}</a>
        </h2>
        <State fn={fn} />
      </div>
      <p className="function-accuracy">
        <Accuracy fn={fn} />
      </p>
      <p className="muted small">
        {count(sampleCounts.total, "photo")}, {sampleCounts.annotated.toLocaleString("en")}{" "}
        annotated
        {fn.visibility === "PUBLIC" && " · public"}
      </p>
      <p className="function-labels small">
        {labels.nodes.map(({ name }) => name).join(", ")}
        {more > 0 && ` and ${more} more`}
      </p>
    </li>
  );
}

function Accuracy({ fn }: { fn: FunctionSummary }) {
  const accuracy = known(fn.model?.metrics.accuracy);
  if (accuracy === null) {
    return <span className="muted">Too early to tell</span>;
  }
  return (
    <>
      <strong className="number">{percent(accuracy.value)}</strong>{" "}
      <span className="muted">accurate</span>
    </>
  );
}

function State({ fn: { state } }: { fn: FunctionSummary }) {
  switch (state) {
    case "READY":
      return <span className="tag good">Ready</span>;
    case "TRAINING":
      return <span className="tag">Training</span>;
    case "FAILED":
      return <span className="tag bad">Training failed</span>;
    case "COLLECTING":
      return <span className="tag warn">Needs photos</span>;
  }
}
