import { Icon } from "./Icon";
import { copy } from "./copy";
import styles from "./SecretOnce.module.css";

/** A secret that the server tells only once, to be copied. */
export function SecretOnce({ secret, copyLabel }: { secret: string; copyLabel: string }) {
  return (
    <div role="status" className="alert warn">
      <span>
        Copy it now, it is shown this once: <code className={styles["secret"]}>{secret}</code>
      </span>
      <button type="button" className="button compact" onClick={() => void copy(secret)}>
        <Icon name="copy" />
        {copyLabel}
      </button>
    </div>
  );
}
