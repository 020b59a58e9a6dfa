import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { count, percent } from "../../logic/estimate";
import { headline } from "../../logic/headline";
import { isolated } from "../../logic/isolated";
import { hrefOf, webhooksHref } from "../../logic/route";
import { FileInput } from "../../parts/FileInput";
import { Icon } from "../../parts/Icon";
import { Busy, Failed } from "../../parts/Waiting";
import { type FoundFile, picturesOf } from "../../parts/files";
import { notices } from "../../parts/notices";
import { go } from "../../parts/router";
import { useFileDrop } from "../../parts/useFileDrop";
import { useMay } from "../../parts/useMay";
import { FunctionFromFolder } from "./FunctionFromFolder";
import styles from "./FunctionsScreen.module.css";
import { NewFunction } from "./NewFunction";
import { type FunctionSummary, listFunctions } from "./functionList";
import dropStyles from "../../parts/Drop.module.css";

/** The list of functions, and forms for a new one; a dropped folder becomes a new function. */
export function FunctionsScreen({ setHere }: { setHere: (name: string | null) => void }) {
  const {
    data: functions,
    error,
    refetch,
  } = useQuery({ queryKey: ["functions"], queryFn: listFunctions, refetchOnWindowFocus: "always" });
  const mayManage = useMay("ADMIN");
  const [creating, setCreating] = useState(false);
  const [dropped, setDropped] = useState<FoundFile[] | null>(null);
  const [drops, setDrops] = useState(0);
  const folder = useRef<HTMLInputElement>(null);
  const dropping = useFileDrop(take);

  function take(found: FoundFile[]): void {
    const pictures = picturesOf(found);
    if (pictures.length === 0) return;
    if (pictures.every((picture) => picture.folder === null)) {
      notices.show("A new function needs a folder. To add photos to a function, open it first.");
      return;
    }
    setCreating(false);
    setDropped(pictures);
    setDrops(drops + 1);
  }

  useEffect(() => {
    setHere(null);
    document.title = "Functions · Pigeonhole";
  }, [setHere]);

  return (
    <main id="main" tabIndex={-1} className="page">
      <div className={styles["head"]}>
        <h1>Functions</h1>
        <div className="row">
          {mayManage && (
            <a className="button quiet" href={webhooksHref()}>
              Webhooks
            </a>
          )}
          {functions !== undefined && functions.length > 0 && (
            <NewButtons create={() => setCreating(true)} choose={() => folder.current?.click()} />
          )}
        </div>
      </div>
      <FileInput ref={folder} take={take} folder />
      {error !== null && <Failed error={error} retry={() => void refetch()} />}
      {functions === undefined && error === null && <Busy>Loading functions</Busy>}
      {functions?.length === 0 && (
        <Empty>
          <NewButtons create={() => setCreating(true)} choose={() => folder.current?.click()} />
        </Empty>
      )}
      <ul className={styles["list"]}>
        {functions?.map((fn) => (
          <FunctionCard key={fn.id} fn={fn} />
        ))}
      </ul>
      {creating && (
        <NewFunction close={() => setCreating(false)} created={(id) => go(hrefOf(id, "samples"))} />
      )}
      {dropped !== null && (
        <FunctionFromFolder
          key={drops}
          found={dropped}
          close={() => setDropped(null)}
          created={(id) => go(hrefOf(id, "samples"))}
        />
      )}
      {dropping !== "no" && (
        <div className={dropStyles["overlay"]} role="status">
          {dropping === "reading" ? "Reading…" : "Drop a folder to make a function of it"}
        </div>
      )}
    </main>
  );
}

function NewButtons({ create, choose }: { create: () => void; choose: () => void }) {
  return (
    <div className="row">
      <button type="button" className="button" onClick={choose}>
        <Icon name="upload" />
        Start from a folder
      </button>
      <button type="button" className="button primary" onClick={create}>
        <Icon name="plus" />
        New function
      </button>
    </div>
  );
}

function Empty({ children }: { children: ReactNode }) {
  return (
    <section className="card empty">
      <h2>Teach your first function</h2>
      <p className="muted">
        A function sorts photos into labels that you choose. Name the labels, add some photos, say
        what a few of them show: it learns while you click. Or drop a folder here whose folders name
        the labels.
      </p>
      {children}
    </section>
  );
}

function FunctionCard({ fn }: { fn: FunctionSummary }) {
  const { labels, sampleCounts } = fn;
  const more = labels.totalCount - labels.nodes.length;
  return (
    <li className={`card ${styles["card"]}`}>
      <div className="row spread">
        <h2>
          <a href={hrefOf(fn.id, "samples")}>
            <bdi>{fn.name}</bdi>
          </a>
        </h2>
        <State fn={fn} />
      </div>
      <p className={styles["accuracy"]}>
        <Accuracy fn={fn} />
      </p>
      <p className="muted small">
        {count(sampleCounts.total, "photo")}, {sampleCounts.annotated.toLocaleString("en")}{" "}
        annotated
        {fn.visibility === "PUBLIC" && " · public"}
      </p>
      <p className={`${styles["labels"]} small`}>
        {labels.nodes.map(({ name }) => isolated(name)).join(", ")}
        {more > 0 && ` and ${more} more`}
      </p>
    </li>
  );
}

function Accuracy({ fn }: { fn: FunctionSummary }) {
  const shown = headline(fn.model?.metrics);
  if (shown === null) {
    return <span className="muted">Too early to tell</span>;
  }
  return (
    <>
      <strong className="number">{percent(shown.accuracy.value)}</strong>{" "}
      <span className="muted">accurate{shown.scope !== null && ` ${shown.scope}`}</span>
    </>
  );
}

function State({ fn: { state, model, sampleCounts } }: { fn: FunctionSummary }) {
  switch (state) {
    case "READY":
      if (sampleCounts.total === 0) return <span className="tag warn">Needs photos</span>;
      if (model?.fromNamesAlone === true) return <span className="tag warn">Knows only names</span>;
      return <span className="tag good">Ready</span>;
    case "TRAINING":
      return <span className="tag">Training</span>;
    case "FAILED":
      return <span className="tag bad">Training failed</span>;
    case "COLLECTING":
      return <span className="tag warn">Needs photos</span>;
  }
}
