import type { Conflict } from "../api/sampleChanges";
import { count } from "./estimate";
import { isolated } from "./isolated";

/** What to say of photos that somebody else has annotated in the meantime. */
export function overruled(samples: readonly Conflict[]): string {
  const names = new Set(samples.map(({ annotation }) => annotation?.label.name));
  const [name] = names;
  const label = names.size === 1 && name !== undefined ? ` as ${isolated(name)}` : "";
  return `Somebody else has annotated ${count(samples.length, "photo")}${label} meanwhile. That stays, and yours is not saved: look again, and change it if it is wrong.`;
}
