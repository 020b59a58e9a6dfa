// @vitest-environment jsdom
import { cleanup, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Failure } from "../../api/failure";
import * as api from "../../api/webhooks";
import * as functions from "../functions/functionList";
import { WebhooksScreen } from "./WebhooksScreen";
import { show, webhookOf } from "./testWebhooks";

vi.mock("../../api/webhooks");
vi.mock("../functions/functionList");

const screenOfAll = <WebhooksScreen setHere={() => undefined} />;

beforeEach(() => {
  vi.mocked(functions.listFunctions).mockResolvedValue([
    { id: "fn_1", name: "Dishes" } as functions.FunctionSummary,
  ]);
});

afterEach(() => {
  cleanup();
  vi.resetAllMocks();
});

test("webhooks are listed by page, with why one was turned off", async () => {
  const gone = webhookOf({ id: "wh_2", enabled: false, note: "Status 410. It was disabled." });
  vi.mocked(api.fetchWebhooks)
    .mockResolvedValueOnce({ webhooks: [webhookOf()], next: "cursor" })
    .mockResolvedValueOnce({
      webhooks: [{ ...gone, function: { id: "fn_1", name: "Dishes" } }],
      next: null,
    });
  show(screenOfAll);

  const list = await screen.findByRole("list", { name: "Webhooks" });
  expect(within(list).getByText("All functions · training.failed, model.activated")).toBeDefined();
  expect(within(list).getByText("On")).toBeDefined();
  await userEvent.click(screen.getByRole("button", { name: "Show more" }));

  expect(await within(list).findByText("Status 410. It was disabled.")).toBeDefined();
  expect(within(list).getByText("Off")).toBeDefined();
  expect(api.fetchWebhooks).toHaveBeenLastCalledWith("cursor");
  expect(screen.queryByRole("button", { name: "Show more" })).toBeNull();
});

test("a new webhook is for chosen events, and its secret is shown once", async () => {
  vi.mocked(api.fetchWebhooks).mockResolvedValue({ webhooks: [], next: null });
  vi.mocked(api.createWebhook).mockResolvedValue("whsec_shown");
  show(screenOfAll);

  await userEvent.click(await screen.findByRole("button", { name: "New webhook" }));
  await userEvent.click(screen.getByRole("button", { name: "Create webhook" }));
  expect(screen.getByText("URL is required.")).toBeDefined();
  expect(screen.getByText("Choose at least one event.")).toBeDefined();
  expect(api.createWebhook).not.toHaveBeenCalled();
  await userEvent.type(screen.getByLabelText("URL"), " https://example.org/hook ");
  await userEvent.click(screen.getByLabelText(/^A photo that the function was asked about/));
  await userEvent.click(screen.getByLabelText(/^A training run has failed/));
  await screen.findByRole("option", { name: "Dishes" });
  await userEvent.selectOptions(screen.getByLabelText("Function"), "Dishes");
  await userEvent.click(screen.getByRole("button", { name: "Create webhook" }));

  expect(await screen.findByText("whsec_shown")).toBeDefined();
  expect(screen.queryByRole("dialog")).toBeNull();
  expect(api.createWebhook).toHaveBeenCalledExactlyOnceWith({
    url: "https://example.org/hook",
    events: ["TRAINING_FAILED", "SAMPLE_CAPTURED"],
    functionId: "fn_1",
  });
  expect(api.fetchWebhooks).toHaveBeenCalledTimes(2);
});

test("a refused URL is explained beside its field, and the form stays", async () => {
  vi.mocked(api.fetchWebhooks).mockResolvedValue({ webhooks: [webhookOf()], next: null });
  const message = "The URL's port is not allowed.";
  vi.mocked(api.createWebhook).mockRejectedValue(
    new Failure("invalid", message, [{ code: "INVALID", message, path: ["input", "url"] }]),
  );
  show(screenOfAll);

  await userEvent.click(await screen.findByRole("button", { name: "New webhook" }));
  const url = screen.getByLabelText("URL");
  await userEvent.type(url, "http://example.org:99");
  await userEvent.click(screen.getByLabelText(/^A version was put to use/));
  await userEvent.click(screen.getByRole("button", { name: "Create webhook" }));

  expect(await screen.findByText(message)).toBeDefined();
  expect(url.getAttribute("aria-invalid")).toBe("true");
});
