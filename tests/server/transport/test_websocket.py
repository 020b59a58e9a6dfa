"""graphql-transport-ws, beyond its conformance checks."""

import pytest
from websockets.exceptions import InvalidStatus

from tests.pigeonhole.running import eventually
from tests.server.transport.conftest import Serve, Server
from tests.server.transport.messages import closed, next_of, results


def test_the_payload_of_connection_init_reaches_the_context(server: Server) -> None:
    socket = server.sockets()
    socket.begin(authorization="thrifty")

    socket.subscribe("1", "{ hello }")

    assert results(socket, "1")[0]["payload"] == {
        "data": {"hello": "Hello, world!"},
        "extensions": {"cost": 1},
    }


def test_a_refusal_by_the_context_closes_the_socket_with_its_message(server: Server) -> None:
    socket = server.sockets()

    socket.send(type="connection_init", payload={"authorization": "bad"})

    assert closed(socket) == (4403, "That key is not valid.")


def test_a_bug_in_the_context_closes_the_socket_with_a_masked_message(server: Server) -> None:
    socket = server.sockets()

    socket.send(type="connection_init", payload={"authorization": "broken"})

    code, reason = closed(socket)
    assert code == 4500
    assert reason.startswith("Internal server error. Report this ID to the operator: ")


def test_a_query_sees_the_change_of_a_mutation_over_the_same_socket(server: Server) -> None:
    socket = server.sockets()
    socket.begin()

    seen = []
    for id, query in enumerate(["{ item { seen } }", "mutation { change }", "{ item { seen } }"]):
        socket.subscribe(str(id), query)
        seen.append(results(socket, str(id))[0]["payload"]["data"])

    assert seen == [{"item": {"seen": 0}}, {"change": 1}, {"item": {"seen": 1}}]


def test_each_event_has_its_own_loaders(server: Server) -> None:
    socket = server.sockets()
    socket.begin()

    socket.subscribe("1", "subscription { watch { seen again: seen } }")

    assert results(socket, "1") == [
        *(next_of("1", watch={"seen": n, "again": n}) for n in (1, 2, 3)),
        {"id": "1", "type": "complete"},
    ]
    assert server.world.reads == 3


def test_a_revoked_key_ends_the_sockets_that_it_opened(server: Server) -> None:
    socket = server.sockets()
    socket.begin()
    socket.subscribe("1", "subscription { count(to: 1000000, delayMs: 1) }")
    assert socket.receive() == next_of("1", count=1)

    server.world.revoked = True
    *_, last, complete = results(socket, "1")
    socket.subscribe("2", "mutation { change }")
    [refused] = results(socket, "2")

    told = {"message": "That key is revoked.", "extensions": {"code": "FORBIDDEN"}}
    assert last["payload"] == {"data": None, "errors": [told]}
    assert complete == {"id": "1", "type": "complete"}
    assert refused == {"id": "2", "type": "error", "payload": [told]}
    assert (server.world.changes, server.world.live) == (0, 0)


def test_a_generator_that_never_waits_does_not_block_others(server: Server) -> None:
    socket = server.sockets()
    socket.begin()
    socket.subscribe("1", "subscription { busy }")
    assert socket.receive()["type"] == "next"

    assert server.ask("{ live }") == {"data": {"live": 1}}
    socket.send(type="complete", id="1")
    eventually(lambda: not server.world.live)

    socket.subscribe("2", "{ hello }")
    assert results(socket, "2")[0] == next_of("2", hello="Hello, world!")


@pytest.mark.parametrize("field", ["hang", "busy", "count(to: 1000000, delayMs: 1)"])
def test_complete_ends_the_generator_at_once(server: Server, field: str) -> None:
    socket = server.sockets()
    socket.begin()
    socket.subscribe("1", f"subscription {{ {field} }}")
    eventually(lambda: server.world.live)

    socket.send(type="complete", id="1")

    eventually(lambda: not server.world.live)
    assert server.ask("{ live }") == {"data": {"live": 0}}


def test_a_client_that_does_not_read_is_disconnected_and_harms_nobody(serve: Serve) -> None:
    server = serve(socket_send_s=0.5)
    rude = server.sockets(max_queue=1, compression=None)
    rude.begin()

    rude.subscribe("1", "subscription { busy(size: 100000) }")
    eventually(lambda: server.world.live)
    polite = server.sockets()
    polite.begin()
    polite.subscribe("1", "{ hello }")

    assert results(polite, "1")[0] == next_of("1", hello="Hello, world!")
    eventually(lambda: not server.world.live)


def test_a_socket_that_does_not_answer_pings_is_closed(serve: Serve) -> None:
    socket = serve(socket_ping_s=0.05).sockets()
    socket.begin()

    assert socket.receive() == {"type": "ping"}

    assert closed(socket) == (4499, "Pings are not answered")


def test_a_socket_that_answers_pings_stays_open(serve: Serve) -> None:
    socket = serve(socket_ping_s=0.3).sockets()
    socket.begin()

    for _ in range(4):
        assert socket.receive() == {"type": "ping"}
        socket.send(type="pong")


def test_a_socket_without_connection_init_is_closed(serve: Serve) -> None:
    socket = serve(socket_init_s=0.05).sockets()

    assert closed(socket) == (4408, "Connection initialisation timeout")


def test_a_page_of_another_site_opens_no_socket_unless_its_origin_is_allowed(serve: Serve) -> None:
    origin = "https://friend.example"

    with pytest.raises(InvalidStatus, match="403"):
        serve().sockets(origin=origin)
    serve({"allowed_origins": [origin]}).sockets(origin=origin).begin()


def test_many_sockets_that_vanish_leave_nothing_behind(server: Server) -> None:
    sockets = [server.sockets() for _ in range(20)]
    for socket in sockets:
        socket.begin()
        for i, field in enumerate(["hang", "busy", "count(to: 1000000, delayMs: 1)"]):
            socket.subscribe(str(i), f"subscription {{ {field} }}")
    eventually(lambda: server.world.live == 60)

    for socket in sockets:
        socket.connection.socket.close()

    eventually(lambda: not server.world.live)
