export const languages = ["curl", "Python", "JavaScript", "GraphQL"] as const;
export type Language = (typeof languages)[number];

interface Called {
  /** The base URL of the server, with a slash at its end. */
  server: string;
  functionId: string;
  /** Whether the function answers without a key. */
  isPublic: boolean;
}

/**
 * One call of a function in each language, ready to copy; `photo.jpg` stands for the picture.
 *
 * The key of a private function is read from the environment, so that the code contains no secret.
 */
export function snippetsFor(called: Called): Record<Language, string> {
  return {
    curl: curl(called),
    Python: python(called),
    JavaScript: javascript(called),
    GraphQL: graphql(called),
  };
}

function invokeAddress({ server, functionId }: Called): string {
  return `${server}v1/functions/${functionId}/invoke`;
}

function curl(called: Called): string {
  const key = '  -H "Authorization: Bearer $PIGEONHOLE_KEY" \\\n';
  return `curl ${invokeAddress(called)} \\
${called.isPublic ? "" : key}  -F image=@photo.jpg
`;
}

function python(called: Called): string {
  const key = `        "Authorization": "Bearer " + os.environ.get("PIGEONHOLE_KEY", ""),\n`;
  return `import json
${called.isPublic ? "" : "import os\n"}from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

with open("photo.jpg", "rb") as file:
    picture = file.read()

request = Request(
    "${invokeAddress(called)}",
    data=picture,
    headers={
${called.isPublic ? "" : key}        "Content-Type": "application/octet-stream",
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

function javascript(called: Called): string {
  const key = '    Authorization: `Bearer ${process.env.PIGEONHOLE_KEY ?? ""}`,\n';
  return `// In Node 20 or newer. In a browser, send a file of <input type="file"> as the body.
import { readFile } from "node:fs/promises";

const response = await fetch("${invokeAddress(called)}", {
  method: "POST",
  headers: {
${called.isPublic ? "" : key}    "Content-Type": "application/octet-stream",
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

function graphql({ server, functionId, isPublic }: Called): string {
  const key = "# Send the key as Authorization: Bearer ...\n";
  return `# POST to ${server}graphql, or try it in GraphiQL there.
${isPublic ? "" : key}# The picture is a variable:
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
