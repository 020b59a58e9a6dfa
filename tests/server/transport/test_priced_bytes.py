"""Bytes cost points and are limited for each caller, over HTTP and websockets."""

import json

from tests.server.transport.conftest import RESPONSE, Serve
from tests.server.transport.forms import FILE, FINE, PLACE, parts, send
from tests.server.transport.messages import closed

JSON = {"Content-Type": "application/json", "Accept": RESPONSE}
HELLO = '{"query": "{ hello }", "variables": {"pad": "%s"}}'


def test_a_body_costs_a_point_for_each_16_kib_before_it_is_parsed(serve: Serve) -> None:
    server = serve()

    small = server.http.post("/", content=HELLO % ("a" * 16_000), headers=JSON)
    large = server.http.post("/", content="a" * 160 * 1024, headers=JSON)

    assert (small.status_code, large.status_code) == (200, 400)
    assert sum(cost for what, cost in server.world.taken if what == "pay") == 10


def test_an_upload_costs_as_much_as_other_bodies_and_releases_its_slot_at_its_end(
    serve: Serve,
) -> None:
    server = serve(caller_body_bytes=200_000)
    whole = parts(FINE, PLACE, x=("a.txt", b"a" * 150_000, "text/plain"))

    answers = [send(server, whole).json()["data"]["upload"] for _ in range(3)]
    beyond = send(server, parts(FINE, PLACE, x=("a.txt", b"a" * 200_000, "text/plain")))

    assert answers == ["a.txt: " + "a" * 150_000] * 3
    assert beyond.status_code == 429
    assert beyond.json()["errors"][0]["message"] == (
        "Your requests in progress have more than 200000 bytes together. Send fewer at once."
    )
    paid = sum(cost for what, cost in server.world.taken if what == "pay")
    assert 27 <= paid <= 27 + 12  # the last one pays for the bytes that arrived


def test_json_of_a_caller_without_a_key_is_limited_to_1_mib(serve: Serve) -> None:
    server = serve()
    body = HELLO % ("a" * 1024 * 1024)
    stranger = {**JSON, "Authorization": "stranger"}

    refused = server.http.post("/", content=body, headers=stranger)
    known = server.http.post("/", content=body, headers=JSON)
    taken = server.http.post("/", content=HELLO % ("a" * 1_000_000), headers=stranger)

    assert refused.status_code == 413
    [error] = refused.json()["errors"]
    assert (error["extensions"]["limit"], error["extensions"]["most"]) == ("body_bytes", 1_048_576)
    assert (known.status_code, taken.status_code) == (200, 200)


def test_a_message_of_a_caller_without_a_key_is_limited_to_1_mib(serve: Serve) -> None:
    server = serve()
    socket, other = server.sockets(), server.sockets()
    socket.begin(authorization="stranger")
    other.begin()

    for each in (socket, other):
        each.subscribe("1", "{ hello }", variables={"pad": "a" * 1024 * 1024})

    assert closed(socket) == (1009, "A message may have at most 1048576 bytes")
    assert other.receive()["payload"] == {"data": {"hello": "Hello, world!"}}


def test_all_fields_of_a_form_have_a_common_limit(serve: Serve) -> None:
    server = serve(form_field_bytes=1_000)
    form = parts(FINE, PLACE, x=FILE)

    refused = send(server, [*form, *((f"field{n}", (None, "a" * 400)) for n in range(3))])
    taken = send(server, [*form, ("field", (None, "a" * 400))])

    assert refused.status_code == 400
    [error] = refused.json()["errors"]
    assert error["message"] == "The form's fields have more than 1000 bytes together."
    assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert "errors" not in taken.json()


def test_a_message_before_the_acknowledgement_is_limited_to_64_kib(serve: Serve) -> None:
    server = serve()
    socket = server.sockets()

    socket.send(type="connection_init", payload={"pad": "a" * 64 * 1024})

    assert closed(socket) == (1009, "A message may have at most 65536 bytes")


def test_a_longer_message_after_the_acknowledgement_is_accepted_and_charged(serve: Serve) -> None:
    server = serve()
    socket = server.sockets()
    socket.begin()

    socket.subscribe("1", "{ hello }", variables={"pad": "a" * 160 * 1024})

    assert socket.receive()["payload"] == {"data": {"hello": "Hello, world!"}}
    assert [cost for what, cost in server.world.taken if what == "pay"] == [10]


def test_a_caller_that_cannot_pay_for_a_message_is_told_when_to_retry(serve: Serve) -> None:
    server = serve()
    socket = server.sockets()
    socket.begin(authorization="hasty")

    socket.subscribe("1", "{ hello }", variables={"pad": "a" * 160 * 1024})

    assert closed(socket) == (1013, "Too many requests; try again later.")


def test_a_caller_without_a_key_may_send_fewer_values_than_one_with_a_key(serve: Serve) -> None:
    server = serve()
    body = json.dumps({"query": "{ hello }", "variables": {"pad": [1] * 3_000}})

    known = server.http.post("/", content=body, headers=JSON)
    stranger = server.http.post("/", content=body, headers={**JSON, "Authorization": "stranger"})

    assert known.json() == {"data": {"hello": "Hello, world!"}}
    assert stranger.status_code == 400
    assert stranger.json()["errors"][0]["message"] == (
        "The request is not valid JSON: it has more than 2000 commas, brackets and braces."
    )
