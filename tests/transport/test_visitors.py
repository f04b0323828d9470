"""Where a request comes from: what proxies in front wrote is believed, what visitors wrote is not."""

import pytest
from starlette.requests import HTTPConnection

from server.transport.visitors import network_address
from server.visit import network_of


def request(*forwarded: str) -> HTTPConnection:
    headers = [(b"x-forwarded-for", line.encode()) for line in forwarded]
    return HTTPConnection({"type": "http", "headers": headers, "client": ("10.0.0.1", 1)})


def test_without_proxies_nobody_chooses_their_address() -> None:
    assert network_address(request("203.0.113.9"), 0) == "10.0.0.1"


@pytest.mark.parametrize(
    ("forwarded", "hops", "seen"),
    [
        (("203.0.113.9",), 1, "203.0.113.9"),
        (("6.6.6.6, 203.0.113.9",), 1, "203.0.113.9"),
        (("6.6.6.6, 203.0.113.9, 10.0.0.2",), 2, "203.0.113.9"),
        (("6.6.6.6", "203.0.113.9"), 1, "203.0.113.9"),
        (("203.0.113.9",), 2, "10.0.0.1"),
        (("not an address",), 1, "10.0.0.1"),
        ((), 1, "10.0.0.1"),
    ],
)
def test_the_entry_of_the_outermost_trusted_proxy_counts(forwarded: tuple[str, ...], hops: int, seen: str) -> None:
    assert network_address(request(*forwarded), hops) == seen


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("unknown", "unknown"),
    ],
)
def test_an_ipv6_customer_is_one_visitor(address: str, network: str) -> None:
    assert network_of(address) == network
