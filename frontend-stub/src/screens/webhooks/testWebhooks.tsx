import { QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { createQueries } from "../../api/queries";
import type { Delivery, Webhook } from "../../api/webhooks";

/** A webhook for tests, with defaults for fields that a test does not set. */
export function webhookOf(over: Partial<Webhook> = {}): Webhook {
  return {
    id: "wh_1",
    url: "https://example.org/hook",
    events: ["TRAINING_FAILED", "MODEL_ACTIVATED"],
    enabled: true,
    note: null,
    previousSecretUntil: null,
    createdAt: "2026-11-28T07:00:00.000Z",
    function: null,
    ...over,
  };
}

/** A delivery for tests that waits for its first attempt. */
export function deliveryOf(over: Partial<Delivery> = {}): Delivery {
  return {
    id: "wd_1",
    event: "MODEL_ACTIVATED",
    state: "PENDING",
    body: '{"type":"model.activated"}',
    attempts: 0,
    status: null,
    failure: null,
    createdAt: "2026-11-28T07:00:00.000Z",
    deliveredAt: null,
    dueAt: "2026-11-28T07:00:00.000Z",
    ...over,
  };
}

/** Render a part of the screens in the cache of the page. */
export function show(part: ReactNode): void {
  // jsdom has no modal dialogs.
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  render(<QueryClientProvider client={createQueries()}>{part}</QueryClientProvider>);
}
