export const languages = ["curl", "Python", "JavaScript", "GraphQL"] as const;
export type Language = (typeof languages)[number];

/**
 * One call of a function in each language, ready to copy; `photo.jpg` stands for the picture.
 *
 * The key of a private function is read from the environment, so that code holds no secret.
 */
export function snippetsFor(origin: string, functionId: string): Record<Language, string> {
  return {
    curl: curl(origin, functionId),
    Python: python(origin, functionId),
    JavaScript: javascript(origin, functionId),
    GraphQL: graphql(origin, functionId),
  };
}

const query =
  "mutation($function: ID!, $image: Upload!) { invoke(input: { functionId: $function, image: { upload: $image } }) { invocation { prediction { label { name } confidence } } errors { message } } }";

function curl(origin: string, functionId: string): string {
  const operations = JSON.stringify({ query, variables: { function: functionId, image: null } });
  return `curl ${origin}/graphql \\
  -H "Authorization: Bearer $PIGEONHOLE_KEY" \\
  -H 'Apollo-Require-Preflight: true' \\
  -F operations='${operations}' \\
  -F map='{"0": ["variables.image"]}' \\
  -F 0=@photo.jpg
`;
}

function python(origin: string, functionId: string): string {
  return `import base64
import json
import os
from urllib.request import Request, urlopen

QUERY = """
mutation ($function: ID!, $picture: String!) {
  invoke(input: { functionId: $function, image: { dataUri: $picture } }) {
    invocation { prediction { label { name } confidence } }
    errors { message }
  }
}
"""

with open("photo.jpg", "rb") as file:
    picture = "data:image/jpeg;base64," + base64.b64encode(file.read()).decode()

variables = {"function": "${functionId}", "picture": picture}
request = Request(
    "${origin}/graphql",
    data=json.dumps({"query": QUERY, "variables": variables}).encode(),
    headers={
        "Authorization": "Bearer " + os.environ["PIGEONHOLE_KEY"],
        "Content-Type": "application/json",
    },
)
with urlopen(request) as response:
    answer = json.load(response)["data"]["invoke"]

for error in answer["errors"]:
    raise SystemExit(error["message"])
prediction = answer["invocation"]["prediction"]
print(prediction["label"]["name"], prediction["confidence"])
`;
}

function javascript(origin: string, functionId: string): string {
  return `// In Node 20 or newer. In a browser, take the picture from <input type="file">.
import { openAsBlob } from "node:fs";

const query = \`
  mutation ($function: ID!, $image: Upload!) {
    invoke(input: { functionId: $function, image: { upload: $image } }) {
      invocation { prediction { label { name } confidence } }
      errors { message }
    }
  }
\`;
const variables = { function: "${functionId}", image: null };

const form = new FormData();
form.set("operations", JSON.stringify({ query, variables }));
form.set("map", JSON.stringify({ 0: ["variables.image"] }));
form.set("0", await openAsBlob("photo.jpg"), "photo.jpg");

const response = await fetch("${origin}/graphql", {
  method: "POST",
  headers: {
    Authorization: \`Bearer \${process.env.PIGEONHOLE_KEY}\`,
    "Apollo-Require-Preflight": "true",
  },
  body: form,
});
const { invocation, errors } = (await response.json()).data.invoke;

if (errors.length > 0) throw new Error(errors[0].message);
console.log(invocation.prediction.label.name, invocation.prediction.confidence);
`;
}

function graphql(origin: string, functionId: string): string {
  return `# POST to ${origin}/graphql, or try it in GraphiQL there. Send the key as
# Authorization: Bearer ...; a public function needs none. The picture is a variable:
# { "picture": "data:image/jpeg;base64,..." }
mutation Invoke($picture: String!) {
  invoke(
    input: { functionId: "${functionId}", image: { dataUri: $picture }, topK: 3 }
  ) {
    invocation {
      id
      prediction {
        label { name }
        confidence
        ranking(first: 3) { label { name } confidence }
      }
    }
    errors { code message path }
  }
}
`;
}
