export const languages = ["curl", "Python", "JavaScript", "GraphQL"] as const;
export type Language = (typeof languages)[number];

/**
 * One call of a function in each language, ready to copy; `photo.jpg` stands for the picture.
 *
 * `server` is the base URL of the server, with a slash at its end. The key of a private function is
 * read from the environment, so that the code contains no secret.
 */
export function snippetsFor(server: string, functionId: string): Record<Language, string> {
  return {
    curl: curl(server, functionId),
    Python: python(server, functionId),
    JavaScript: javascript(server, functionId),
    GraphQL: graphql(server, functionId),
  };
}

function invokeAddress(server: string, functionId: string): string {
  return `${server}v1/functions/${functionId}/invoke`;
}

function curl(server: string, functionId: string): string {
  return `curl ${invokeAddress(server, functionId)} \\
  -H "Authorization: Bearer $PIGEONHOLE_KEY" \\
  -F image=@photo.jpg
`;
}

function python(server: string, functionId: string): string {
  return `import json
import os
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

with open("photo.jpg", "rb") as file:
    picture = file.read()

request = Request(
    "${invokeAddress(server, functionId)}",
    data=picture,
    headers={
        "Authorization": "Bearer " + os.environ["PIGEONHOLE_KEY"],
        "Content-Type": "application/octet-stream",
    },
)
try:
    with urlopen(request) as response:
        answer = json.load(response)
except HTTPError as error:
    raise SystemExit(json.load(error)["detail"])
except URLError as error:
    raise SystemExit(f"The server does not answer: {error.reason}")

print(answer["label"], answer["confidence"])
`;
}

function javascript(server: string, functionId: string): string {
  return `// In Node 20 or newer. In a browser, send a file of <input type="file"> as the body.
import { readFile } from "node:fs/promises";

const response = await fetch("${invokeAddress(server, functionId)}", {
  method: "POST",
  headers: {
    Authorization: \`Bearer \${process.env.PIGEONHOLE_KEY}\`,
    "Content-Type": "application/octet-stream",
  },
  body: await readFile("photo.jpg"),
});
const answer = await response.json();

if (response.ok) {
  console.log(answer.label, answer.confidence);
} else {
  console.error(answer.detail);
  process.exitCode = 1;
}
`;
}

function graphql(server: string, functionId: string): string {
  return `# POST to ${server}graphql, or try it in GraphiQL there. Send the key as
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
