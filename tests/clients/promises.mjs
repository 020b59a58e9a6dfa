// The promises of the product to every client.
import { deepEqual, equal } from "node:assert/strict";
import { createHash } from "node:crypto";
import test from "node:test";
import { openLine, picture } from "./product.mjs";

export const documents = {
  viewer: "query Viewer { viewer { scopes } }",
  create: `mutation Create($input: CreateFunctionInput!) {
    createFunction(input: $input) {
      function { id name }
      errors { code message path }
    }
  }`,
  rename: `mutation Rename($input: UpdateFunctionInput!) {
    updateFunction(input: $input) {
      function { id name }
      errors { code message path }
    }
  }`,
  add: `mutation Add($input: AddSamplesInput!) {
    addSamples(input: $input) {
      createdCount
      results { sample { image { sha256 } } error { code message path } }
      errors { code message path }
    }
  }`,
  changed: "subscription Changed($id: ID!) { functionChanged(id: $id) { id name } }",
};

/**
 * Test one client. Its `ask`, `change` and `upload` take a document and return the data; `follow`
 * returns a reader of a subscription over a proxy. `its` has the documents in the client's form.
 */
export function keepsItsPromises(name, { ask, change, upload, follow }, its = documents) {
  const create = async (input) => (await change(its.create, { input })).createFunction;

  test(`${name} asks`, async () => {
    const { viewer } = await ask(its.viewer, {});

    deepEqual(viewer.scopes, ["INVOKE", "READ", "WRITE", "ADMIN"]);
  });

  test(`${name} changes something, and hears as data what it can put right`, async () => {
    const made = await create({ name: `${name} changes` });
    const refused = await create({ name: `${name} changes` });

    equal(made.function.name, `${name} changes`);
    deepEqual(made.errors, []);
    equal(refused.function, null);
    deepEqual(
      refused.errors.map(({ code, path }) => ({ code, path })),
      [{ code: "TAKEN", path: ["input", "name"] }],
    );
  });

  test(`${name} uploads a file, and all of it arrives`, async () => {
    const made = await create({ name: `${name} uploads` });
    const file = new File([picture], "picture.png", { type: "image/png" });
    const input = { functionId: made.function.id, samples: [{ image: { upload: file } }] };

    const { addSamples } = await upload(its.add, { input });

    deepEqual(addSamples.errors, []);
    equal(addSamples.createdCount, 1);
    equal(addSamples.results[0].error, null);
    equal(
      addSamples.results[0].sample.image.sha256,
      createHash("sha256").update(picture).digest("hex"),
    );
  });

  if (follow === undefined) return;

  test(`${name} hears by itself what changed while its connection was lost`, async (t) => {
    const made = await create({ name: `${name} follows` });
    const { id } = made.function;
    const line = await openLine();
    t.after(() => line.close());
    const said = follow(line, its.changed, { id });

    const before = await said.read();
    line.cut();
    await change(its.rename, { input: { id, name: `${name} follows again` } });
    line.mend();
    const after = await said.read();
    await said.cancel();

    equal(before.value.functionChanged.name, `${name} follows`);
    equal(after.value.functionChanged.name, `${name} follows again`);
  });
}
