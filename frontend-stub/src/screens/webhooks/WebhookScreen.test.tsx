// @vitest-environment jsdom
import { cleanup, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import * as api from "../../api/webhooks";
import { WebhookScreen } from "./WebhookScreen";
import { deliveryOf, show, webhookOf } from "./testWebhooks";

vi.mock("../../api/webhooks");

const screenOfOne = <WebhookScreen id="wh_1" setHere={() => undefined} />;

beforeEach(() => {
  vi.mocked(api.fetchWebhook).mockResolvedValue(webhookOf());
  vi.mocked(api.fetchDeliveries).mockResolvedValue({ deliveries: [], older: null });
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.resetAllMocks();
});

test("a test is sent, and the log follows it until it is delivered", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  vi.mocked(api.testWebhook).mockResolvedValue();
  const user = userEvent.setup({ advanceTimers: (ms) => vi.advanceTimersByTime(ms) });
  show(screenOfOne);
  expect(await screen.findByText("Nothing was sent yet.")).toBeDefined();

  const sent = deliveryOf({ event: "TEST", dueAt: new Date().toISOString() });
  vi.mocked(api.fetchDeliveries).mockResolvedValue({ deliveries: [sent], older: null });
  await user.click(screen.getByRole("button", { name: "Send a test" }));
  const log = await screen.findByRole("list", { name: "Deliveries, newest first" });
  expect(within(log).getByText("Waiting")).toBeDefined();
  expect(within(log).getByText("Not sent yet.")).toBeDefined();

  const arrived = { attempts: 1, status: 204, deliveredAt: "2026-11-28T07:00:01.000Z" };
  vi.mocked(api.fetchDeliveries).mockResolvedValue({
    deliveries: [{ ...sent, ...arrived, state: "DELIVERED", dueAt: null }],
    older: null,
  });
  await vi.advanceTimersByTimeAsync(2_000);

  expect(await within(log).findByText("Delivered")).toBeDefined();
  expect(within(log).getByText("The receiver responded with status 204.")).toBeDefined();
  expect(api.testWebhook).toHaveBeenCalledExactlyOnceWith("wh_1");
});

test("a failed delivery says why and when the next attempt is, and goes out at once on demand", async () => {
  vi.mocked(api.redeliver).mockResolvedValue();
  const failure = "The receiver responded with status 500.";
  const failed = deliveryOf({ attempts: 2, status: 500, failure });
  vi.mocked(api.fetchDeliveries).mockResolvedValueOnce({ deliveries: [failed], older: "cursor" });
  vi.mocked(api.fetchDeliveries).mockResolvedValueOnce({
    deliveries: [deliveryOf({ id: "wd_0", state: "DELIVERED", deliveredAt: failed.createdAt })],
    older: null,
  });
  show(screenOfOne);

  expect(await screen.findByText("Failed, will be tried again")).toBeDefined();
  expect(screen.getByText(failure)).toBeDefined();
  expect(screen.getByText(/2 attempts · next attempt Nov 28, 2026/)).toBeDefined();
  await userEvent.click(screen.getByRole("button", { name: "Show older ones" }));
  expect(await screen.findByRole("button", { name: /^Deliver again/ })).toBeDefined();
  expect(api.fetchDeliveries).toHaveBeenLastCalledWith("wh_1", "cursor");
  await userEvent.click(screen.getByRole("button", { name: /^Deliver now: model.activated/ }));

  expect(api.redeliver).toHaveBeenCalledExactlyOnceWith("wd_1");
});

test("a webhook that was turned off says why, sends nothing, and can be turned on", async () => {
  vi.mocked(api.updateWebhook).mockResolvedValue();
  vi.mocked(api.fetchWebhook).mockResolvedValueOnce(
    webhookOf({ enabled: false, note: "Status 410. It was disabled." }),
  );
  vi.mocked(api.fetchDeliveries).mockResolvedValue({ deliveries: [deliveryOf()], older: null });
  show(screenOfOne);

  expect(
    await screen.findByText(/^Status 410. It was disabled. Nothing is recorded/),
  ).toBeDefined();
  expect(await screen.findByText("Held")).toBeDefined();
  const sending = screen.getByRole<HTMLButtonElement>("button", { name: "Send a test" });
  const again = screen.getByRole<HTMLButtonElement>("button", { name: /^Deliver now/ });
  expect([sending.disabled, again.disabled]).toEqual([true, true]);
  await userEvent.click(screen.getByRole("button", { name: "Turn on" }));

  expect(api.updateWebhook).toHaveBeenCalledExactlyOnceWith({ id: "wh_1", enabled: true });
  await vi.waitFor(() => expect(sending.disabled).toBe(false));
});

test("editing starts from the present events, and keeps what was not changed", async () => {
  vi.mocked(api.updateWebhook).mockResolvedValue();
  show(screenOfOne);

  await userEvent.click(await screen.findByRole("button", { name: "Edit" }));
  await userEvent.click(screen.getByLabelText(/^A training run has failed/));
  await userEvent.click(screen.getByRole("button", { name: "Save" }));

  expect(api.updateWebhook).toHaveBeenCalledExactlyOnceWith({
    id: "wh_1",
    url: "https://example.org/hook",
    events: ["MODEL_ACTIVATED"],
  });
  await vi.waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
});

test("a new secret replaces the present one after a question, and is shown once", async () => {
  vi.mocked(api.rotateSecret).mockResolvedValue("whsec_new");
  vi.mocked(api.fetchWebhook).mockResolvedValueOnce(webhookOf());
  vi.mocked(api.fetchWebhook).mockResolvedValueOnce(
    webhookOf({ previousSecretUntil: "2026-11-29T07:00:00.000Z" }),
  );
  show(screenOfOne);

  await userEvent.click(await screen.findByRole("button", { name: "New secret" }));
  expect(screen.getByText(/^For 24 hours, all that is sent is signed with both/)).toBeDefined();
  expect(api.rotateSecret).not.toHaveBeenCalled();
  await userEvent.click(screen.getByRole("button", { name: "Replace the secret" }));

  expect(await screen.findByText("whsec_new")).toBeDefined();
  expect(
    await screen.findByText(/^Until Nov 29, 2026.* are also signed with the previous secret.$/),
  ).toBeDefined();
  expect(screen.queryByRole("dialog")).toBeNull();
  expect(api.rotateSecret).toHaveBeenCalledExactlyOnceWith("wh_1");
});

test("deleting says what goes too, and leads back to the list", async () => {
  vi.mocked(api.countDeliveries).mockResolvedValue(42);
  vi.mocked(api.deleteWebhook).mockResolvedValue();
  show(screenOfOne);

  await userEvent.click(await screen.findByRole("button", { name: "Delete" }));
  expect(await screen.findByText(/Its secret and its log of 42 deliveries go too/)).toBeDefined();
  await userEvent.click(screen.getByRole("button", { name: "Delete webhook" }));

  expect(api.deleteWebhook).toHaveBeenCalledExactlyOnceWith("wh_1");
  await vi.waitFor(() => expect(window.location.hash).toBe("#/webhooks"));
});

test("a webhook that is gone says so", async () => {
  vi.mocked(api.fetchWebhook).mockResolvedValue(null);
  show(screenOfOne);

  expect(
    await screen.findByText("There is no such webhook. Perhaps it was deleted."),
  ).toBeDefined();
});
