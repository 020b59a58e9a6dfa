import { useRef, useState } from "react";
import { type Invocation, invoke } from "../../api/invocations";
import { hrefOf } from "../../logic/route";
import { FileInput } from "../../parts/FileInput";
import { Icon } from "../../parts/Icon";
import { type FoundFile, isPicture } from "../../parts/files";
import { announcer, notices } from "../../parts/notices";
import { useFileDrop } from "../../parts/useFileDrop";
import { percent } from "../../logic/estimate";
import { useFunction } from "../../workspace/context";
import { Answer } from "./Answer";

/** A photo that was asked about. */
export interface Asked {
  key: number;
  file: File;
  preview: string;
  invocation: Invocation | null;
  failure: unknown;
}

/** More photos than this at once belong into a program. */
const AT_ONCE = 20;
let asked = 0;

/** Ask the function about photos, and tell it when it was wrong. */
export function InvokeScreen() {
  const { fn } = useFunction();
  const [all, setAll] = useState<Asked[]>([]);
  const files = useRef<HTMLInputElement>(null);
  const dropping = useFileDrop(take);

  function take(found: FoundFile[]): void {
    const pictures = found.filter(({ file }) => isPicture(file));
    if (pictures.length < found.length) notices.show("Files that are not pictures are left out.");
    if (pictures.length > AT_ONCE) notices.show(`The first ${AT_ONCE} photos are asked about.`);
    for (const { file } of pictures.slice(0, AT_ONCE)) {
      const one: Asked = {
        key: ++asked,
        file,
        preview: URL.createObjectURL(file),
        invocation: null,
        failure: null,
      };
      setAll((now) => [one, ...now]);
      void ask(one);
    }
  }

  async function ask(one: Asked): Promise<void> {
    update(one.key, { failure: null });
    try {
      const invocation = await invoke(fn.id, one.file);
      update(one.key, { invocation });
      const { label, confidence } = invocation.prediction;
      announcer.say(`${label.name}, ${percent(confidence)} sure.`);
    } catch (failure) {
      update(one.key, { failure });
    }
  }

  function update(key: number, change: Partial<Asked>): void {
    setAll((now) => now.map((one) => (one.key === key ? { ...one, ...change } : one)));
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
      <section className={all.length === 0 ? "card empty drop-here" : "card drop-here ask-again"}>
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
          <Answer key={one.key} asked={one} again={() => void ask(one)} />
        ))}
      </ul>
      {dropping === "hovering" && (
        <div className="drop-overlay" aria-hidden="true">
          Drop to ask
        </div>
      )}
    </div>
  );
}
