"""PostgreSQL as operators run it: with TLS, behind PgBouncer, and with a restricted user."""

import asyncio
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
from tortoise.transactions import in_transaction

from pigeonhole.deployment import doctor
from pigeonhole.services import database
from pigeonhole.services.postgres import Client
from pigeonhole.settings import read_settings
from pigeonhole.tables import Choice
from tests import certificates
from tests.faults import backing
from tests.faults.processes import Process
from tests.pigeonhole.running import PIGEONHOLE, bounded, environment

pytestmark = pytest.mark.skipif(
    backing.postgres_programs() is None, reason="PostgreSQL is not installed here."
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> certificates.Certificates:
    return certificates.make(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def server(
    made: certificates.Certificates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of a PostgreSQL with TLS, such as ``127.0.0.1:5432``."""
    options = {"ssl": "on", "ssl_cert_file": "server.pem", "ssl_key_file": "server.key"}
    with backing.postgres(
        tmp_path_factory.mktemp("postgres"), options, (made.certificate, made.key)
    ) as (_, url):
        yield urlsplit(url).netloc.rpartition("@")[2]


def pool_of(url: str) -> Client:
    client = database.connection()
    assert isinstance(client, Client)
    return client


@pytest.mark.parametrize(
    ("options", "over_tls"),
    [
        ("sslmode=disable", False),
        ("sslmode=require", True),
        ("sslmode=verify-full&sslrootcert={authority}&application_name=shop", True),
        ("sslmode=verify-ca&sslrootcert={authority}&options=-c%20work_mem%3D7MB", True),
    ],
)
async def test_options_of_a_hosted_database_reach_the_server(
    made: certificates.Certificates, server: str, options: str, over_tls: bool
) -> None:
    options = options.format(authority=made.authority)
    url = f"postgres://pigeonhole:p%40ss@{server}/postgres?connect_timeout=5&{options}"

    async with database.connected(url):
        asked = "SELECT ssl, application_name, current_setting('work_mem') AS memory"
        rows = await database.connection().execute_query_dict(
            f"{asked} FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) "
            "WHERE pid = pg_backend_pid()"
        )
        assert pool_of(url).pooled is False

    assert rows[0]["ssl"] is over_tls
    assert rows[0]["application_name"] == ("shop" if "shop" in options else "")
    assert rows[0]["memory"] == ("7MB" if "work_mem" in options else "4MB")
    check = await doctor.check_database(read_settings(database_url=url))
    assert "pending migrations" in check.found


async def test_a_server_with_a_certificate_for_another_name_is_refused(
    made: certificates.Certificates, server: str
) -> None:
    host = f"localhost:{server.partition(':')[2]}"
    options = f"sslmode=verify-full&sslrootcert={made.authority}"
    url = f"postgres://pigeonhole@{host}/postgres?{options}"

    check = await doctor.check_database(read_settings(database_url=url))

    assert check.state is doctor.State.PROBLEM
    assert "certificate verify failed" in check.found


async def test_a_server_without_tls_is_reported_with_advice() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(8)  # SSLRequest
        writer.write(b"N")
        await reader.read()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as plain:
        port = plain.sockets[0].getsockname()[1]
        url = f"postgres://me:secret@127.0.0.1:{port}/db?sslmode=require"
        check = await doctor.check_database(read_settings(database_url=url))

    assert check.state is doctor.State.PROBLEM
    assert "rejected SSL upgrade" in check.found
    assert check.fix == (
        "Turn on TLS in PostgreSQL, or set `sslmode=disable` in PIGEONHOLE_DATABASE_URL if the "
        "connection needs no encryption."
    )


@pytest.fixture
def pgbouncer(server: str, tmp_path: Path) -> Iterator[str]:
    """A PgBouncer that uses any of three connections for each transaction."""
    if shutil.which("pgbouncer") is None:
        pytest.skip("PgBouncer is not installed here.")
    port = backing.free_port()
    host, _, real = server.partition(":")
    (tmp_path / "users.txt").write_text('"pigeonhole" ""\n')
    (tmp_path / "pgbouncer.ini").write_text(
        f"[databases]\npostgres = host={host} port={real} user=pigeonhole\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
        f"auth_type = trust\nauth_file = {tmp_path}/users.txt\n"
        "pool_mode = transaction\ndefault_pool_size = 3\nserver_round_robin = 1\n"
    )
    user = "postgres" if os.getuid() == 0 else None  # PgBouncer refuses to run as root
    if user:
        for path in (tmp_path, *tmp_path.parents):
            if path.is_relative_to("/tmp/pytest-of-root"):
                path.chmod(0o755)
    words = [str(shutil.which("pgbouncer")), str(tmp_path / "pgbouncer.ini")]
    process = Process("pgbouncer", words, tmp_path, {}, user=user)
    process.start()
    try:
        backing.await_port(port)
        yield f"postgres://pigeonhole@127.0.0.1:{port}/postgres"
    finally:
        process.kill()


async def test_a_pooler_that_changes_connections_is_detected_and_supported(pgbouncer: str) -> None:
    await database.migrate(pgbouncer)

    async def write(number: int) -> None:
        for round_ in range(10):
            name = f"{number}-{round_}"
            await Choice.create(name=name, value="a")
            async with in_transaction():
                choice = await Choice.select_for_update().get(name=name)
                choice.value = name
                await choice.save()
            assert (await Choice.get(name=name)).value == name

    async with database.connected(pgbouncer):
        assert pool_of(pgbouncer).pooled is True
        await asyncio.gather(*(write(number) for number in range(20)))
        processes = {
            (await database.connection().execute_query_dict("SELECT pg_backend_pid() AS pid"))[0][
                "pid"
            ]
            for _ in range(6)
        }
        assert await Choice.all().count() == 200

    assert len(processes) > 1
    assert await database.pending(pgbouncer) == []


async def test_the_error_for_a_user_who_may_not_create_tables_says_what_to_grant(
    server: str,
) -> None:
    admin = await asyncpg.connect(f"postgres://pigeonhole@{server}/postgres")
    await admin.execute("CREATE USER poor")
    await admin.execute("CREATE DATABASE poorhouse")
    await admin.close()
    process = await asyncio.create_subprocess_exec(
        *PIGEONHOLE, "migrate",
        env=environment(PIGEONHOLE_DATABASE_URL=f"postgres://poor@{server}/poorhouse"),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, said = await bounded(process.communicate())

    assert process.returncode == 1
    assert said.decode() == (
        "error: Migrating the database failed: permission denied for schema public. Run `GRANT "
        "CREATE, USAGE ON SCHEMA public TO USER`, with the user of PIGEONHOLE_DATABASE_URL, as "
        "the owner of the database, then run `pigeonhole migrate` again.\n"
    )
