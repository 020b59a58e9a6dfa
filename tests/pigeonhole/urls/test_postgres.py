"""URLs of PostgreSQL: the driver's arguments, and refused options."""

import ssl
from typing import Any

import pytest

from pigeonhole.urls.postgres import parse


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "postgresql://us%40er:p%2Fw%23%3F@host:6432/na%20me",
            {"dsn": "postgres://us%40er:p%2Fw%23%3F@host:6432/na%20me", "pooled": None},
        ),
        (
            "postgres://u:p@host/db?sslmode=require&application_name=shop&connect_timeout=3",
            {
                "dsn": "postgres://u:p@host/db?sslmode=require&application_name=shop",
                "timeout": 3.0,
                "pooled": None,
            },
        ),
        (
            "postgres://u@host/db?options=-c%20statement_timeout%3D5000",
            {
                "dsn": "postgres://u@host/db?options=-c%20statement_timeout%3D5000",
                "pooled": None,
            },
        ),
        (
            "postgres://u:p@a:1,b:2/db?target_session_attrs=read-write&pgbouncer=true",
            {"dsn": "postgres://u:p@a:1,b:2/db?target_session_attrs=read-write", "pooled": True},
        ),
        (
            "postgres://h/db?password=a+b%2Bc\n",
            {"dsn": "postgres://h/db?password=a%2Bb%2Bc", "pooled": None},
        ),
        (
            "postgres:///db?host=/run/postgresql&channel_binding=prefer",
            {"dsn": "postgres:///db?host=%2Frun%2Fpostgresql", "pooled": None},
        ),
    ],
)
def test_a_url_becomes_arguments_of_the_driver(url: str, expected: dict[str, Any]) -> None:
    assert parse(url) == expected


def test_sslrootcert_may_be_system_for_the_certificates_of_the_system() -> None:
    found = parse("postgres://u@host/db?sslmode=verify-full&sslrootcert=system")

    assert found["dsn"] == "postgres://u@host/db"
    assert found["ssl"].verify_mode is ssl.CERT_REQUIRED
    assert found["ssl"].check_hostname


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgres://u@host", "names no database"),
        ("postgres://u@host/db?sslmode=always", "has sslmode=always, which must be one of disable"),
        ("postgres://u@host/db?keepalives=1", "has the unsupported option keepalives; supported"),
        ("postgres://u@host/db?channel_binding=require", "channel_binding=require; remove it"),
        (
            "postgres://u@host/db?sslrootcert=/nowhere.pem",
            "has sslrootcert=/nowhere.pem, which is not a file",
        ),
        ("postgres://u@host/db?sslrootcert=system", "needs sslmode=verify-full"),
        ("postgres://u@host/db?connect_timeout=0", "must be a number of seconds above 0"),
        ("postgres://u@host/db?pgbouncer=yes", "has pgbouncer=yes, which must be one of"),
        ("postgres://u@host/db?sslmode=require&sslmode=disable", "has the option sslmode twice"),
        ("postgres://u:%E4@host/db", "has percent-encoded bytes that are not UTF-8"),
        ("postgres://u@host/db?port=abc", "has port=abc, which must be a number up to 65535"),
        ("postgres://u@host/db?target_session_attrs=any-one", "must be one of any, primary"),
        ("postgres://u@host/db?ssl_min_protocol_version=3", "must be one of TLSv1, TLSv1.1"),
        ("postgres://u@host/db?sslnegotiation=no", "must be one of postgres, direct"),
        ("postgres://u@host/db?maxsize=0", "must be a number of connections above 0"),
    ],
)
def test_an_unsupported_option_is_refused_by_name(url: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse(url)
