"""URLs of Redis: the meaning of each part, and refused options."""

from pathlib import Path

import pytest

from pigeonhole.urls.redis import parse


@pytest.mark.parametrize(
    ("url", "host", "database", "user", "password"),
    [
        ("redis://host", ("host", 6379), 0, None, None),
        ("redis://host/", ("host", 6379), 0, None, None),
        ("redis://host:7000/3", ("host", 7000), 3, None, None),
        ("redis://host/3/", ("host", 6379), 3, None, None),
        ("redis://host?db=4", ("host", 6379), 4, None, None),
        ("redis://:p%40ss%2Fw%23rd@host", ("host", 6379), 0, None, "p@ss/w#rd"),
        ("redis://us%3Aer:pass@host", ("host", 6379), 0, "us:er", "pass"),
        ("redis://default:pass@[::1]:7000", ("::1", 7000), 0, "default", "pass"),
        ("redis://user:p@ss@host", ("host", 6379), 0, "user", "p@ss"),
        ("redis://user:p+ss@host:6379\n", ("host", 6379), 0, "user", "p+ss"),
        ("valkey://host/2", ("host", 6379), 2, None, None),
    ],
)
def test_each_part_of_a_url_is_decoded(
    url: str, host: tuple[str, int], database: int, user: str | None, password: str | None
) -> None:
    address = parse(url)

    assert address.hosts == (host,)
    assert not address.tls
    assert (address.options["db"], address.options["username"]) == (database, user)
    assert address.options["password"] == password


def test_a_certificate_and_its_name_are_checked_by_default(tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    authority.touch()

    address = parse(f"rediss://host?ssl_ca_certs={authority}")

    assert address.tls
    assert address.options["ssl_cert_reqs"] == "required"
    assert address.options["ssl_check_hostname"] is True
    assert address.options["ssl_ca_certs"] == str(authority)


@pytest.mark.parametrize("said", ["none", "CERT_NONE"])
def test_a_certificate_is_not_checked_if_the_url_says_so(said: str) -> None:
    options = parse(f"rediss://host?ssl_cert_reqs={said}").options

    assert (options["ssl_cert_reqs"], options["ssl_check_hostname"]) == ("none", False)


def test_a_valkey_with_tls_is_a_redis_with_tls() -> None:
    assert parse("valkeys://host").tls


def test_a_sentinel_url_has_hosts_a_name_and_a_database() -> None:
    address = parse("redis+sentinel://:pass@a,b:7000/main/2?sentinel_password=oth+er")

    assert (address.hosts, address.service) == ((("a", 26379), ("b", 7000)), "main")
    assert (address.options["db"], address.options["password"]) == (2, "pass")
    assert address.sentinel_options["password"] == "oth+er"


def test_a_socket_url_has_the_database_among_its_options() -> None:
    address = parse("unix:///run/redis.sock?db=5")

    assert (address.socket, address.options["db"]) == ("/run/redis.sock", 5)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("redis://host/x", "has 'x' in place of the number of a database"),
        ("redis://host/1?db=2", "names two databases, 1 and 2"),
        ("redis://:p#w@host", "has a '#', which must be written as %23"),
        ("redis://host?db=1&db=2", "has the option db twice"),
        ("redis://:%E4@host", "has percent-encoded bytes that are not UTF-8"),
        ("redis://host?client_name=%ff", "has percent-encoded bytes that are not UTF-8"),
        ("redis://a,b", "has several hosts, which only redis\\+sentinel:// supports"),
        ("redis://host?ssl_cert_reqs=none", "has ssl_cert_reqs, but TLS needs a rediss:// URL"),
        ("rediss://host?ssl_cert_reqs=maybe", "has ssl_cert_reqs=maybe, which must be one of"),
        (
            "rediss://host?ssl_ca_certs=/nowhere.pem",
            "has ssl_ca_certs=/nowhere.pem, which is not a file",
        ),
        ("redis://host?socket_timeout=2", "has the unsupported option socket_timeout"),
        ("redis://host?socket_connect_timeout=soon", "which must be a number of seconds above 0"),
        ("redis+sentinel://a,b", "lacks the name of the server that the Sentinels monitor"),
        ("unix://run/redis.sock", "must name an absolute path with three slashes"),
    ],
)
def test_an_unsupported_option_is_refused_by_name(url: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse(url)
