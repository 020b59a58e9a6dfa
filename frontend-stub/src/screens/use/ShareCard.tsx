import { server } from "../../api/addresses";
import { hrefOf } from "../../logic/route";
import { Icon } from "../../parts/Icon";
import { QrCode } from "../../parts/QrCode";
import { copy } from "../../parts/copy";
import { useFunction } from "../../workspace/context";
import type { keysFields } from "./keysFields";
import styles from "./ShareCard.module.css";

/** The address of the page on which anyone may ask this function about a photo. */
export function ShareCard() {
  const { fn } = useFunction<[typeof keysFields]>();
  const address = new URL(`f/${fn.id}`, server).href;
  return (
    <section className="card stack" aria-label="Page to share">
      <h2>Page to share</h2>
      {fn.visibility === "PUBLIC" ? (
        <div className={styles["share"]}>
          <QrCode text={address} name="QR code of the link" />
          <div className="stack">
            <p className="muted">
              Whoever has this link can ask about a photo, without a key, and sees the answer alone.
            </p>
            <a href={address} target="_blank" rel="noreferrer" className={styles["link"]}>
              {address}
            </a>
            <div className="row">
              <button type="button" className="button compact" onClick={() => void copy(address)}>
                <Icon name="copy" />
                Copy the link
              </button>
            </div>
          </div>
        </div>
      ) : (
        <p className="muted">
          Once it is public, anyone who has the link can ask it about a photo. Change who may use it
          in the <a href={hrefOf(fn.id, "settings")}>settings</a>.
        </p>
      )}
    </section>
  );
}
