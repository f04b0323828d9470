"""Handshakes are parsed once; what websockets' own parser would refuse is left to it."""

import pytest
from websockets.http11 import MAX_LINE_LENGTH, MAX_NUM_HEADERS

from server.transport.upgrade import plain_request

HEADERS = [(b"host", b"here"), (b"upgrade", b"websocket"), (b"x", b"1"), (b"x", b"2")]


def test_a_plain_handshake_keeps_its_address_and_every_header() -> None:
    request = plain_request("GET", b"/yjs/p/a%20b.txt?token=t", HEADERS)
    assert request is not None
    assert request.path == "/yjs/p/a%20b.txt?token=t"
    assert request.headers.get_all("X") == ["1", "2"]


@pytest.mark.parametrize(
    ("method", "url", "header"),
    [
        ("POST", b"/ws", (b"x", b"")),
        ("GET", b"/" + b"a" * MAX_LINE_LENGTH, (b"x", b"")),
        ("GET", b"/ws", (b"x", b"a" * MAX_LINE_LENGTH)),
        ("GET", b"/ws", (b"x", "ä".encode())),
        ("GET", "/ä".encode(), (b"x", b"")),
        ("GET", b"/ws", (b"content-length", b"5")),
        ("GET", b"/ws", (b"transfer-encoding", b"chunked")),
    ],
)
def test_what_the_other_parser_may_refuse_is_left_to_it(method: str, url: bytes, header: tuple[bytes, bytes]) -> None:
    assert plain_request(method, url, [*HEADERS, header]) is None


def test_too_many_headers_are_left_to_the_other_parser() -> None:
    assert plain_request("GET", b"/ws", [(b"x", b"")] * (MAX_NUM_HEADERS + 1)) is None
