import { generate } from "lean-qr/nano";
import { useMemo } from "react";
import styles from "./QrCode.module.css";

/** Modules of white that readers need around a code. */
const MARGIN = 4;

/** A text as a QR code, black on white in every theme, which phones read most reliably. */
export function QrCode({ text, name }: { text: string; name: string }) {
  const { size, path } = useMemo(() => drawn(text), [text]);
  const side = size + 2 * MARGIN;
  return (
    <svg
      className={styles["code"]}
      role="img"
      aria-label={name}
      viewBox={`${-MARGIN} ${-MARGIN} ${side} ${side}`}
      shapeRendering="crispEdges"
    >
      <rect x={-MARGIN} y={-MARGIN} width={side} height={side} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}

function drawn(text: string): { size: number; path: string } {
  const code = generate(text);
  let path = "";
  for (let y = 0; y < code.size; y++) {
    for (let x = 0; x < code.size; x++) if (code.get(x, y)) path += `M${x} ${y}h1v1h-1z`;
  }
  return { size: code.size, path };
}
