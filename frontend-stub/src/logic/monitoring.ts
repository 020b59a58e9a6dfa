import type {
  CaptureCount,
  CaptureReason,
  Drift,
  Period,
  PeriodLength,
  PredictedLabel,
} from "../api/monitoring";
import { percent, range } from "./estimate";

/** The time that the page can show, by the name in its address. */
export const spans = {
  day: { name: "24 hours", days: 1, period: "HOUR" },
  week: { name: "7 days", days: 7, period: "HOUR" },
  month: { name: "30 days", days: 30, period: "DAY" },
} as const satisfies Record<string, { name: string; days: number; period: PeriodLength }>;
export type Span = keyof typeof spans;

/** The span that an address names; a month if it names none. */
export function spanOf(name: string | null): Span {
  return name !== null && name in spans ? (name as Span) : "month";
}

/** A part of a column of a chart; both ends are between 0 and 1, and up is more. */
export interface Block {
  tone: "accept" | "review" | "none" | "range" | "value";
  from: number;
  to: number;
}

/** The decisions of each period, stacked; the highest column is 1. */
export function decisionColumns(periods: readonly Period[]): Block[][] {
  const most = Math.max(1, ...periods.map(({ count }) => count));
  return periods.map(({ acceptCount, reviewCount, noneOfTheseCount }) => {
    const steps = [
      ["accept", acceptCount],
      ["review", reviewCount],
      ["none", noneOfTheseCount],
    ] as const;
    let from = 0;
    return steps.flatMap(([tone, count]) => {
      const block = { tone, from: from / most, to: (from + count) / most };
      from += count;
      return count > 0 ? [block] : [];
    });
  });
}

/** A range with a value in it for each period, none where it is null. */
export function rangeColumns(
  periods: readonly Period[],
  of: (period: Period) => { lower: number; value: number; upper: number } | null,
): Block[][] {
  return periods.map((period) => {
    const found = of(period);
    if (found === null) return [];
    const { lower, value, upper } = found;
    return [
      { tone: "range", from: lower, to: upper },
      { tone: "value", from: value, to: value },
    ];
  });
}

/** The start of a period in words, such as `28 Nov` or `28 Nov, 14:00`, in UTC as it is counted. */
export function periodName(start: string, length: PeriodLength): string {
  const time = length === "HOUR" ? ({ hour: "2-digit", minute: "2-digit" } as const) : {};
  return new Date(start).toLocaleString("en-GB", {
    day: "numeric",
    month: "short",
    ...time,
    timeZone: "UTC",
  });
}

/** Whether photos differ from those that taught it, as a headline and a sentence. */
export function driftWords(drift: Drift | null): { title: string; text: string } {
  if (drift === null) {
    return {
      title: "Too early to say whether photos have changed",
      text: "It takes ten photos that were asked about and ten that it was measured on.",
    };
  }
  const { invoked, heldOut, lower, upper, detected } = drift;
  const shares = `${percent(invoked.value)} of the photos asked about look like none of its labels, of those held out of training ${percent(heldOut.value)}.`;
  const points = `The difference is between ${Math.round(lower * 100)} and ${Math.round(upper * 100)} points, 19 times in 20`;
  return detected
    ? {
        title: "Photos are unlike those that taught it",
        text: `${shares} ${points}: more than chance. Label some of them below, or add a label for what is new.`,
      }
    : {
        title: "No change that is more than chance",
        text: `${shares} ${points}.`,
      };
}

/** How a label's share of answers compares with its share of the photos that taught it. */
export function shareWords({ share, taughtShare }: Omit<PredictedLabel, "label">): string {
  if (share.lower > taughtShare) return "more often than among your photos";
  if (share.upper < taughtShare) return "less often than among your photos";
  return "about as often";
}

/** A label's share of answers with its interval, such as `41 % (35 to 47 %)`. */
export function shareFigure({ value, ...rest }: PredictedLabel["share"]): string {
  return `${percent(value)} (${range(rest)})`;
}

const reasons: Record<CaptureReason, string> = {
  REQUESTED: "Asked for",
  FEEDBACK: "Corrected",
  RANDOM: "Random share",
  STRANGE: "Like none of its labels",
  RARE_LABEL: "Rare label",
  LOW_CONFIDENCE: "Unsure",
};

/** Why a photo was kept, in two words or three. */
export function reasonName(reason: CaptureReason | null): string {
  return reason === null ? "Before reasons were noted" : reasons[reason];
}

/** The reasons that photos wait for review with, as choices. */
export function waitingReasons(captures: readonly CaptureCount[]): CaptureReason[] {
  return captures.flatMap(({ reason, unannotatedCount }) =>
    reason !== null && unannotatedCount > 0 ? [reason] : [],
  );
}
