"""Requests that hold the event loop of a server for long, the worst of each kind.

None has a key, and a client sends each all at once.
"""

import base64
import json
import random
from collections.abc import Callable, Mapping

from tests import make

MIB = 1 << 20
LARGEST = MIB - 4_096
"""Bytes of a value in the largest JSON body that is allowed without a key."""
BURST = 250_000
"""Bytes that the loop reads from a connection at once."""
FORM = "content-type: multipart/form-data; boundary=cut\r\napollo-require-preflight: 1\r\n"
UPGRADE = (
    b"GET /graphql HTTP/1.1\r\nHost: here\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
    b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)

chance = random.Random(0)

Made = Callable[[str], bytes]
"""Makes a request that refers to a public function, which has many labels, by its ID."""


def request(
    body: bytes = b"", head: str = "", first: str = "POST /graphql HTTP/1.1", length: bool = True
) -> bytes:
    """Return a whole request, after which the connection closes."""
    lines = f"{first}\r\nhost: here\r\nconnection: close\r\n{head}"
    if length:
        lines += f"content-length: {len(body)}\r\n"
    return lines.encode() + b"\r\n" + body


def posted(value: object, path: str = "/graphql") -> bytes:
    """Return a request with a JSON body."""
    body = value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()
    return request(body, "content-type: application/json\r\n", f"POST {path} HTTP/1.1")


def document(text: str, **variables: object) -> bytes:
    """Return a request with a document that is new each time."""
    return posted({"query": f"{text} #{chance.random()}", "variables": variables})


def frame(data: bytes, opcode: int = 1, is_last: bool = True) -> bytes:
    """Return a masked frame of a websocket."""
    size = len(data)
    if size < 126:
        length = bytes([0x80 | size])
    elif size < 1 << 16:
        length = b"\xfe" + size.to_bytes(2, "big")
    else:
        length = b"\xff" + size.to_bytes(8, "big")
    return bytes([(0x80 if is_last else 0) | opcode]) + length + bytes(4) + data


END = frame(b"", 8)


def socket_of(*messages: bytes, begun: bool = True, ends: bool = True) -> bytes:
    """Return a websocket connection that sends everything at once."""
    init = [frame(b'{"type":"connection_init"}')] if begun else []
    return UPGRADE + b"".join([*init, *messages, *[END] * ends])


def part(name: str, data: bytes, head: str = "") -> bytes:
    """Return a part of a form."""
    file = f'--cut\r\nContent-Disposition: form-data; name="{name}"{head}\r\n\r\n'
    return file.encode() + data + b"\r\n"


def form(*parts: bytes) -> bytes:
    """Return a multipart request."""
    return request(b"".join(parts) + b"--cut--\r\n", FORM)


def invoked(function: str, uri: str) -> bytes:
    return posted({"image": uri}, f"/v1/functions/{function}/invoke")


def by_graphql(function: str, uris: list[str], asks: str = "error { message }") -> bytes:
    text = (
        "mutation ($input: InvokeBatchInput!) { invokeBatch(input: $input) "
        f"{{ results {{ {asks} }} }} }}"
    )
    images = [{"dataUri": uri} for uri in uris]
    return document(text, input={"functionId": function, "images": images, "topK": 100})


def pictures(count: int) -> list[str]:
    """Images that no request has sent before."""
    return [
        "data:image/png;base64,"
        + base64.b64encode(make.picture(chance.randrange(2**32), side=6)).decode()
        for _ in range(count)
    ]


def answers(asks: str) -> str:
    return f"invocation {{ prediction {{ {asks} }} }} error {{ message }}"


def names(count: int) -> str:
    return " ".join(f"viewr{chance.randrange(10**6)}" for _ in range(count))


def chained(count: int) -> str:
    """Return fragments that each spread the next, and as many operations."""
    spreads = " ".join(
        f"fragment f{index} on Viewer {{ scopes ...f{index + 1} }}" for index in range(count)
    )
    operations = " ".join(f"query q{index} {{ viewer {{ ...f0 }} }}" for index in range(count))
    return f"{operations} {spreads} fragment f{count} on Viewer {{ scopes }}"


def beside(count: int) -> str:
    """Return fragments that validation compares with one another."""
    spreads = " ".join(f"...f{index}" for index in range(count))
    each = " ".join(f"fragment f{index} on Viewer {{ scopes }}" for index in range(count))
    return f"{{ viewer {{ {spreads} }} }} {each}"


ALIASES = " ".join(f"a{index}: nothing {{ id }}" for index in range(90))
INTROSPECTION = """query I { __schema { queryType { name } types { ...T } directives { name args {
  ...I } } } } fragment T on __Type { kind name description fields(includeDeprecated: true) { name
  description args { ...I } type { ...R } } inputFields { ...I } interfaces { ...R } enumValues {
  name description } possibleTypes { ...R } } fragment I on __InputValue { name description type {
  ...R } defaultValue } fragment R on __Type { kind name ofType { kind name ofType { kind name
  ofType { kind name ofType { kind name } } } } }"""

KINDS: Mapping[str, Made] = {
    "JSON of brackets": lambda _: posted(b"[" * LARGEST),
    "JSON of values, just short": lambda _: posted(
        {"query": "{ nope }", "variables": {"v": ["x" * 400] * 600}}
    ),
    "JSON of escapes": lambda _: posted(
        b'{"query":"{ nope }","variables":{"v":"' + b"\\ud83d\\ude00" * (LARGEST // 12) + b'"}}'
    ),
    "JSON of numbers": lambda _: posted(
        b'{"query":"{ nope }","variables":{"v":[' + b",".join([b"9" * 990] * 1_000) + b"]}}"
    ),
    "a variable of a megabyte": lambda _: document(
        "query ($id: Int!) { node(id: $id) { id } }", id="é" * (LARGEST // 2)
    ),
    "wrong variables": lambda _: document(
        "query ($id: [Int!]!) { nodes(ids: $id) { id } }", id=["é" * 200] * 1_900
    ),
    "90 aliases": lambda _: document(f"{{ {ALIASES} }}"),
    "wrong names": lambda _: document(f"{{ {names(49)} }}"),
    "chained fragments": lambda _: document(chained(50)),
    "fragments compared": lambda _: document(beside(90)),
    "nested fragments without a name": lambda _: document("{" + "...{" * 300 + "x" + "}" * 301),
    "nested fields": lambda _: document("{a" * 330 + "}" * 330),
    "nested lists": lambda _: document("{ node(id: " + "[" * 480 + "]" * 480 + ") { id } }"),
    "variables without a type": lambda _: document(
        "query ("
        + " ".join(f"$v{index}: Viewr" for index in range(240))
        + ") { viewer { scopes } }"
    ),
    "a block string": lambda _: document('{ node(id: """' + "\n  x" * 24_000 + '""") { id } }'),
    "escapes in a document": lambda _: document(
        '{ node(id: "' + "\\u0041" * 16_000 + '") { id } }'
    ),
    "blank lines": lambda _: document("\n" * 99_000 + "{ viewer "),
    "the schema": lambda _: document(INTROSPECTION),
    "a long hash": lambda _: posted(
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "a" * LARGEST}}}
    ),
    "a long query string": lambda _: request(
        first="GET /graphql?query={__typename}" + "&a=%41" * 9_000 + " HTTP/1.1"
    ),
    "a long Accept": lambda _: request(head="accept: " + "a/b;q=0.1," * 6_000 + "\r\n"),
    "a long Cookie": lambda _: request(
        first="GET /graphql?query={__typename} HTTP/1.1", head="cookie: " + "a=b;" * 15_000 + "\r\n"
    ),
    "many headers": lambda _: request(
        first="GET /graphql?query={__typename} HTTP/1.1", head="a: b\r\n" * 9_000
    ),
    "an event stream": lambda _: request(
        json.dumps({"query": f"subscription {{ {ALIASES} }}"}).encode(),
        "accept: text/event-stream\r\ncontent-type: application/json\r\n",
    ),
    "an array of operations": lambda _: posted([{"query": "{ __typename }"}] * 900),
    "chunks of a byte": lambda _: request(
        b"1\r\n \r\n" * (BURST // 6) + b"0\r\n\r\n",
        "content-type: application/json\r\ntransfer-encoding: chunked\r\n",
        length=False,
    ),
    "requests in a row": lambda _: (
        b"GET /x HTTP/1.1\r\n\r\n" * 500 + request(first="GET /healthz HTTP/1.1")
    ),
    "a form of parts": lambda _: form(*[part("x", b"y")] * 200),
    "a form of carriage returns": lambda _: form(
        part("0", b"\r\n--cu" * (MIB // 6), '; filename="a"\r\nContent-Type: image/png')
    ),
    "a form's long head": lambda _: form(part("x" * 240_000, b"y")),
    "a form's fields": lambda _: form(part("operations", b"\r" * (MIB - 100))),
    "a form's map": lambda _: form(
        part("operations", json.dumps({"variables": {"f": [None] * 900}}).encode()),
        part("map", json.dumps({"0": [f"variables.f.{i}" for i in range(900)]}).encode()),
        part("0", b"x", '; filename="a"'),
    ),
    "a percent-encoded image by REST": lambda f: invoked(f, "data:," + "%41" * (LARGEST // 3)),
    "a base64 image by REST": lambda f: invoked(
        f, "data:image/png;base64," + base64.b64encode(b"x" * (LARGEST * 3 // 4 - 9)).decode()
    ),
    "a raw image by REST": lambda f: request(
        b"\x89PNG\r\n\x1a\n" + bytes(15_000_000),
        "content-type: image/png\r\n",
        f"POST /v1/functions/{f}/invoke HTTP/1.1",
    ),
    "percent-encoded images": lambda f: by_graphql(f, ["data:," + "%41" * 3_400] * 100),
    "images classified": lambda f: by_graphql(f, pictures(100), answers("confidence")),
    "images with all rankings": lambda f: by_graphql(
        f, pictures(100), answers("ranking { confidence label { name } }")
    ),
    "images with all prediction sets": lambda f: by_graphql(
        f, pictures(100), answers("set { name }")
    ),
    "images without content": lambda f: by_graphql(f, ["data:,"] * 100),
    "logging in": lambda _: posted(b'{"key":"' + b"x" * 16_000 + b'"}', "/login"),
    "asking for a token": lambda _: request(
        b"a=%41&" * 2_700,
        "content-type: application/x-www-form-urlencoded\r\n",
        "POST /oauth/token HTTP/1.1",
    ),
    "the OpenAPI document": lambda _: request(first="GET /v1/openapi.json HTTP/1.1"),
    "metrics": lambda _: request(first="GET /metrics HTTP/1.1"),
    "a long picture's token": lambda _: request(
        first="GET /pictures/" + "a" * 60_000 + " HTTP/1.1"
    ),
    "a websocket's first message": lambda _: socket_of(
        frame(
            b'{"type":"connection_init","payload":{"v":['
            + b"[]," * 600
            + b'"'
            + b"x" * 60_000
            + b'"]}}'
        ),
        begun=False,
    ),
    "pings of frames": lambda _: socket_of(*[frame(b"", 9)] * (BURST // 6)),
    "messages of a byte": lambda _: socket_of(*[frame(b"1")] * (BURST // 7), begun=False),
    "pings of the protocol": lambda _: socket_of(*[frame(b'{"type":"ping"}')] * 3_000),
    "fragments of a message": lambda _: socket_of(
        frame(b'"', 1, False), *[frame(b"", 0, False)] * (BURST // 6)
    ),
    "a document over a websocket": lambda _: socket_of(
        frame(
            json.dumps(
                {
                    "type": "subscribe",
                    "id": "1",
                    "payload": {"query": f"{{ {names(49)} }}", "variables": {"a": "x" * 900_000}},
                }
            ).encode()
        ),
        ends=False,
    ),
    "the schema over a websocket": lambda _: socket_of(
        frame(
            json.dumps(
                {"type": "subscribe", "id": "1", "payload": {"query": INTROSPECTION + "#"}}
            ).encode()
        ),
        ends=False,
    ),
    "the schema as an event stream": lambda _: request(
        json.dumps({"query": INTROSPECTION + "##"}).encode(),
        "accept: text/event-stream\r\ncontent-type: application/json\r\n",
    ),
}
