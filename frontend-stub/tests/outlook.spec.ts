import { expect, expectUsable, test } from "./page";
import { taught } from "./photos";

test("beside the accuracy stands what the next photos are worth, and which labels lack some", async ({
  page,
  server,
  digits,
}) => {
  const id = await taught(server, "How far", digits, 22, ["1", "4", "7"]);
  await server.ask(
    "mutation($input: CreateLabelInput!) { createLabel(input: $input) { errors { message } } }",
    { input: { functionId: id, name: "Eight" } },
  );
  await page.goto(`/#/functions/${encodeURIComponent(id)}/samples`);
  const next = page.getByRole("region", { name: "What is next" });
  await expect(next).toContainText(/Too few photos yet: \W?Eight/, { timeout: 60_000 });
  await expect(next).toContainText(/20 more of .+ and .+: (about \+\d+ points?|less than one)/, {
    timeout: 60_000,
  });
  await expectUsable(page);
});
