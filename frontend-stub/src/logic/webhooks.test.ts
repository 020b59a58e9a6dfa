import { expect, test } from "vitest";
import type { Delivery } from "../api/webhooks";
import { answerOf, chosenEvents, lookAgainMs, stateOf } from "./webhooks";

const waiting: Delivery = {
  id: "wd_1",
  event: "MODEL_ACTIVATED",
  state: "PENDING",
  body: "{}",
  attempts: 0,
  status: null,
  failure: null,
  createdAt: "2026-11-28T07:00:00.000Z",
  deliveredAt: null,
  dueAt: "2026-11-28T07:00:00.000Z",
};
const failed = { ...waiting, attempts: 1, status: 500, failure: "It responded with status 500." };
const delivered: Delivery = { ...waiting, state: "DELIVERED", status: 204, dueAt: null };

test("every event can be chosen except a test", () => {
  expect(chosenEvents).toEqual([
    "TRAINING_SUCCEEDED",
    "TRAINING_FAILED",
    "MODEL_ACTIVATED",
    "MODEL_KEPT_BACK",
    "ACCURACY_DROPPED",
    "SAMPLE_CAPTURED",
  ]);
});

test("a delivery waits, has failed so far, is held while the webhook is off, or has arrived", () => {
  expect(stateOf(waiting, true).text).toBe("Waiting");
  expect(stateOf(failed, true).text).toBe("Failed, will be tried again");
  expect(stateOf(failed, false).text).toBe("Held");
  expect(stateOf(delivered, false).text).toBe("Delivered");
});

test("the answer is the reason of a failure, else the status", () => {
  expect(answerOf(waiting)).toBe("Not sent yet.");
  expect(answerOf(failed)).toBe("It responded with status 500.");
  expect(answerOf(delivered)).toBe("The receiver responded with status 204.");
});

test("the log is fetched again soon only while a delivery is under way", () => {
  const now = Date.parse("2026-11-28T07:00:01.000Z");
  const later = { ...failed, dueAt: "2026-11-28T07:10:00.000Z" };

  expect(lookAgainMs([delivered, waiting], true, now)).toBe(2_000);
  expect(lookAgainMs([delivered, waiting], false, now)).toBe(10_000);
  expect(lookAgainMs([delivered, later], true, now)).toBe(10_000);
});
