"""Which addresses are internal, in every form in which an address can be written."""

import pytest

from pigeonhole.addresses import is_outside, own_hosts, parse_address

INSIDE = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.1
127.255.255.254 168.63.129.16 169.254.169.254 169.254.0.1 172.16.0.1 172.31.255.255 192.0.0.192
192.0.2.1 192.88.99.1 192.168.0.1 198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.9 224.0.0.1
239.255.255.255 240.0.0.1 255.255.255.255
:: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:a9fe:a9fe ::ffff:0:7f00:1
64:ff9b::127.0.0.1 64:ff9b::10.0.0.1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 64:ff9b:1::8.8.8.8 100::1
2001::1 2001:0:7f00:1::1 2001:2::1 2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1::1
2002:808:808::1 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fd20:ce::254 fe80::1 fe80::1%eth0 febf::1
fec0::1 ff02::1 ff0e::1
""".split()  # noqa: SIM905 - a list would take a line for each
OUTSIDE = """
1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0
172.15.255.255 172.32.0.0 192.0.1.1 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0
223.255.255.255 ::ffff:8.8.8.8 64:ff9b::8.8.8.8 2001:4860:4860::8888 2600::1 2a00:1450::1
""".split()  # noqa: SIM905 - a list would take a line for each


@pytest.mark.parametrize("text", INSIDE)
def test_an_address_that_is_not_of_the_public_internet_is_internal(text: str) -> None:
    assert not is_outside(parse_address(text))


@pytest.mark.parametrize("text", OUTSIDE)
def test_an_address_of_the_public_internet_is_external(text: str) -> None:
    assert is_outside(parse_address(text))


def test_allowed_hosts_can_be_names_addresses_and_networks() -> None:
    own = own_hosts(["Images.Example.", "10.1.0.0/16", "192.168.0.7", "fd00::/8", "::1"])

    assert own.allow("images.example", parse_address("10.9.9.9"))
    assert own.allow("other.example", parse_address("10.1.2.3"))
    assert own.allow("other.example", parse_address("::ffff:10.1.2.3"))
    assert own.allow("other.example", parse_address("192.168.0.7"))
    assert own.allow("other.example", parse_address("fd12::1"))
    assert own.allow("other.example", parse_address("::1"))
    assert not own.allow("other.example", parse_address("10.2.0.1"))
    assert not own.allow("sub.images.example", parse_address("10.9.9.9"))


@pytest.mark.parametrize("entry", ["10.1.0.1/16", "10.0.0.0/33", "300.1.1.1", "::1::/64"])
def test_an_invalid_network_is_refused(entry: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        own_hosts([entry])
