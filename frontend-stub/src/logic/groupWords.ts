import { count } from "./estimate";

/** How many photos of a group probably show something else, as the start of a text. */
export function expectedIn(purity: number | null, photos: number): string {
  if (purity === null) return "";
  const wrong = Math.round((1 - purity) * photos);
  if (wrong === 0) return "Probably all of them. ";
  return `About ${count(wrong, "photo")} probably ${wrong === 1 ? "shows" : "show"} something else. `;
}
