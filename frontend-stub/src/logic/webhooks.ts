import type { Delivery, WebhookEvent } from "../api/webhooks";

/** An event that a webhook can be told of; tests are sent only on demand. */
export type ChosenEvent = Exclude<WebhookEvent, "TEST">;

interface Said {
  /** As in the JSON that is sent. */
  type: string;
  text: string;
}

const events: Record<WebhookEvent, Said> = {
  TRAINING_SUCCEEDED: { type: "training.succeeded", text: "A training run has made a new version" },
  TRAINING_FAILED: { type: "training.failed", text: "A training run has failed" },
  MODEL_ACTIVATED: { type: "model.activated", text: "A version was put to use" },
  MODEL_KEPT_BACK: {
    type: "model.kept_back",
    text: "A new version was not put to use, because it is worse",
  },
  ACCURACY_DROPPED: {
    type: "accuracy.dropped",
    text: "The version in use is clearly less accurate than the one before",
  },
  SAMPLE_CAPTURED: {
    type: "sample.captured",
    text: "A photo that the function was asked about was kept",
  },
  TEST: { type: "webhook.test", text: "Somebody sent a test" },
};

/** The events to choose from, in the order of the form. */
export const chosenEvents = Object.keys(events).filter(isChosen);

function isChosen(event: string): event is ChosenEvent {
  return event !== "TEST";
}

/** The type of an event in the JSON that is sent. */
export function typeOf(event: WebhookEvent): string {
  return events[event].type;
}

/** What an event tells of, in words. */
export function textOf(event: WebhookEvent): string {
  return events[event].text;
}

interface Shown {
  text: string;
  tone: "good" | "warn" | "bad" | "";
}

/** The state of a delivery, in words. */
export function stateOf({ state, failure }: Delivery, enabled: boolean): Shown {
  if (state === "DELIVERED") return { text: "Delivered", tone: "good" };
  if (!enabled) return { text: "Held", tone: "warn" };
  return failure === null
    ? { text: "Waiting", tone: "" }
    : { text: "Failed, will be tried again", tone: "bad" };
}

/** What the receiver answered last, or why it did not. */
export function answerOf({ status, failure }: Delivery): string {
  if (failure !== null) return failure;
  return status === null ? "Not sent yet." : `The receiver responded with status ${status}.`;
}

const SOON_MS = 2_000;
const LATER_MS = 10_000;

/** How long to wait before the deliveries are fetched again. */
export function lookAgainMs(deliveries: Delivery[], enabled: boolean, nowMs: number): number {
  const isUnderWay = ({ dueAt }: Delivery) => dueAt !== null && Date.parse(dueAt) - nowMs < SOON_MS;
  return enabled && deliveries.some(isUnderWay) ? SOON_MS : LATER_MS;
}

const times = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "medium" });

/** A time to the second, as the page shows those of deliveries. */
export function at(time: string): string {
  return times.format(new Date(time));
}
