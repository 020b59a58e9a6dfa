"""Public and private network addresses.

Sources: https://www.iana.org/assignments/iana-ipv4-special-registry/
https://www.iana.org/assignments/iana-ipv6-special-registry/
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# An explicit list: what the standard library calls global differs between Python's versions.
INSIDE_4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this host
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT; a cloud's metadata
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # a cloud's internal services, although the address is public
        "169.254.0.0/16",  # link-local; clouds' metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments; a cloud's metadata
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
GLOBAL_6 = IPv6Network("2000::/3")
"""All routed addresses; others are loopback, mapped, link-local, private or multicast."""
INSIDE_6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarking
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which embeds an IPv4 address
        "3fff::/20",  # documentation
    )
)
NAT64 = IPv6Network("64:ff9b::/96")
"""Prefix by which IPv6-only networks reach the IPv4 address in the last 32 bits."""


def is_outside(address: Address) -> bool:
    """Return whether an address belongs to the public internet."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in INSIDE_4)
    if address in NAT64:
        return is_outside(IPv4Address(int(address) & 0xFFFF_FFFF))
    return address in GLOBAL_6 and not any(address in network for network in INSIDE_6)


def parse_address(text: str) -> Address:
    """Parse an address as resolvers write it; one that wraps an IPv4 address becomes that.

    Raises:
        ValueError: It is not an address.
    """
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


@dataclass(frozen=True)
class OwnHosts:
    """Private hosts that are allowed."""

    names: frozenset[str]
    networks: tuple[Network, ...]

    def allow(self, host: str, address: Address) -> bool:
        """Return whether this address of this host is allowed."""
        return host in self.names or any(address in network for network in self.networks)


def own_hosts(entries: Iterable[str]) -> OwnHosts:
    """Parse names such as ``images.example``, addresses, and networks such as ``10.1.0.0/16``.

    Raises:
        ValueError: A network has bits set beyond its length, or a length that it cannot have.
    """
    names = set()
    networks = []
    for entry in entries:
        if "/" in entry or ":" in entry or entry.replace(".", "").isdigit():
            networks.append(ip_network(entry))
        else:
            names.add(entry.lower().rstrip("."))
    return OwnHosts(frozenset(names), tuple(networks))
