import { useContext } from "react";
import { LabelHuesContext } from "./labelHues";
import styles from "./LabelName.module.css";

interface Props {
  label: { id: string; name: string };
  /** Text in place of the whole name, such as a shorter form. */
  text?: string;
}

/** A label's name after a dot of its colour; a right-to-left name does not affect its surroundings. */
export function LabelName({ label: { id, name }, text = name }: Props) {
  return (
    <span className={styles["name"]}>
      <LabelDot id={id} />
      <bdi>{text}</bdi>
    </span>
  );
}

/** The colour of a label, beside its name; a deleted label has none. */
export function LabelDot({ id }: { id: string }) {
  const hue = useContext(LabelHuesContext).get(id);
  if (hue === undefined) return null;
  return <span className={styles["dot"]} style={{ "--hue": hue }} aria-hidden="true" />;
}
