import { useState } from "react";
import { type Language, languages, snippetsFor } from "../../logic/snippets";
import { webhooksHref } from "../../logic/route";
import { endpoint, server } from "../../api/addresses";
import { Icon } from "../../parts/Icon";
import { copy } from "../../parts/copy";
import { useMay } from "../../parts/useMay";
import { useFunction } from "../../workspace/context";
import { KeysCard } from "./KeysCard";
import { ShareCard } from "./ShareCard";
import type { keysFields } from "./keysFields";
import styles from "./UseScreen.module.css";

/** Code that invokes this function, ready to copy. */
export function UseScreen() {
  const { fn } = useFunction<[typeof keysFields]>();
  const mayManage = useMay("ADMIN");
  const [language, setLanguage] = useState<Language>("curl");
  const isPublic = fn.visibility === "PUBLIC";
  const code = snippetsFor({ server: server.href, functionId: fn.id, isPublic })[language];

  return (
    <div className="stack">
      <h1>Use it</h1>
      <p className="muted">
        Each of these asks <strong>{fn.name}</strong> about <code>photo.jpg</code>,{" "}
        {isPublic ? (
          "without a key, because it is public"
        ) : (
          <>
            with the key in <code>PIGEONHOLE_KEY</code>
          </>
        )}
        . The whole API is described in <a href="graphql">GraphiQL</a>.
      </p>
      <section className={styles["snippet"]} aria-label={`Call in ${language}`}>
        <div className={`row spread ${styles["head"]}`}>
          <div className="row" role="group" aria-label="Language">
            {languages.map((one) => (
              <button
                key={one}
                type="button"
                className={one === language ? "button compact" : "button compact quiet"}
                aria-pressed={one === language}
                onClick={() => setLanguage(one)}
              >
                {one}
              </button>
            ))}
          </div>
          <button type="button" className="button compact" onClick={() => void copy(code)}>
            <Icon name="copy" />
            Copy
          </button>
        </div>
        <pre role="region" aria-label={`${language} code`}>
          <code>{code}</code>
        </pre>
      </section>
      <ShareCard />
      <KeysCard />
      {mayManage && (
        <p className="muted">
          A program can also be told of changes, such as a new version:{" "}
          <a href={webhooksHref()}>webhooks</a>.
        </p>
      )}
      <dl className="card stack small">
        <div>
          <dt className="label-text">Function ID</dt>
          <dd>
            <code>{fn.id}</code>
          </dd>
        </div>
        <div>
          <dt className="label-text">Address for one POST</dt>
          <dd>
            <code>
              {server.href}v1/functions/{fn.id}/invoke
            </code>
          </dd>
        </div>
        <div>
          <dt className="label-text">GraphQL endpoint</dt>
          <dd>
            <code>{endpoint}</code>
          </dd>
        </div>
      </dl>
    </div>
  );
}
