import type { Comparison, Encoder, EncoderChange } from "../api/encoders";
import { count } from "./estimate";

export const BUNDLED = "bundled";

/** An encoder's name for a person, without the folder of one that is a file. */
export function titleOf(name: string): string {
  if (name === BUNDLED) return "the bundled encoder";
  const model = name.split(/[/:]/, 1)[0] ?? name;
  const family = familyOf(name);
  return `${family} ${model.replace("-SigLIP2", "").replace("MobileCLIP2-", "")}`;
}

/** A text as the beginning of a sentence. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What an encoder is a kind of. */
export function familyOf(name: string): string {
  if (name.includes("SigLIP2")) return "SigLIP 2";
  return name.startsWith("MobileCLIP2") ? "MobileCLIP 2" : "CLIP";
}

const OPEN: readonly EncoderChange["state"][] = ["EMBEDDING", "COMPARING", "WAITING"];

/** Whether a change has not come to its end. */
export function isOpen({ state }: EncoderChange): boolean {
  return OPEN.includes(state);
}

/**
 * The encoder to offer a function, null if there is none: the first on the server that is published
 * to be better. One that was tried on the function and turned down is not offered again.
 */
export function offerOf(
  used: string,
  change: EncoderChange | null,
  encoders: readonly Encoder[],
): Encoder | null {
  if (change !== null && isOpen(change)) return null;
  const now = encoders.find(({ name }) => name === used);
  if (now === undefined) return null; // it is not known how good it is
  const better = encoders.find(
    ({ accuracy, isHere, licence, name }) =>
      isHere &&
      accuracy !== null &&
      accuracy > (now.accuracy ?? 0) &&
      !isForResearchOnly({ licence }) &&
      !(change !== null && change.state !== "SWITCHED" && change.encoder === name),
  );
  return better ?? null;
}

/** Whether a licence forbids to use the weights in a product. */
export function isForResearchOnly({ licence }: Pick<Encoder, "licence">): boolean {
  return /research/i.test(licence);
}

/** `9.4 ms`, `128 ms`. */
export function time(milliseconds: number): string {
  return `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
}

/** `605 MB`, `1.5 GB`. */
export function size(megabytes: number): string {
  return megabytes < 1000 ? `${megabytes} MB` : `${(megabytes / 1000).toFixed(1)} GB`;
}

/** Which of two versions does better, in a sentence. */
export function verdict(comparison: Comparison | null): string {
  if (comparison === null) return "There is no version yet that it could be compared with.";
  const { sampleCount, gainedCount, lostCount, worse } = comparison;
  if (sampleCount === 0) return "There are too few photos to compare the two.";
  if (worse) return "The new encoder does worse on your photos.";
  if (gainedCount === lostCount) return "Both do equally well on your photos.";
  return gainedCount > lostCount
    ? "The new encoder gets more of your photos right."
    : "The new encoder gets fewer of your photos right, but that may be chance.";
}

/** What the new version gets right and wrong that the other did not. */
export function flips({ sampleCount, gainedCount, lostCount }: Comparison): string {
  return (
    `Of ${count(sampleCount, "photo")} that neither had learned from, ${gainedCount} become right ` +
    `and ${lostCount} become wrong.`
  );
}

/** A figure of both versions, as a row of a table. */
export interface Row {
  name: string;
  before: string;
  after: string;
}

/** The figures of both versions; those that could not be measured are left out. */
export function rowsOf(comparison: Comparison): Row[] {
  const rows: Row[] = [];
  const { accuracyBefore, accuracyAfter, logLossBefore, logLossAfter } = comparison;
  const share = (rate: number): string => `${(100 * rate).toFixed(1)} %`;
  if (accuracyBefore !== null && accuracyAfter !== null) {
    rows.push({
      name: "Right answers",
      before: share(accuracyBefore),
      after: share(accuracyAfter),
    });
  }
  if (logLossBefore !== null && logLossAfter !== null) {
    const name = "Log loss (lower is better)";
    rows.push({ name, before: logLossBefore.toFixed(2), after: logLossAfter.toFixed(2) });
  }
  const { millisecondsBefore, millisecondsAfter } = comparison;
  rows.push({
    name: "Time for a photo",
    before: time(millisecondsBefore),
    after: time(millisecondsAfter),
  });
  return rows;
}
