"""Plain handshakes are answered at once; what other parsers might refuse or read otherwise is left to them."""

import pytest
from websockets.http11 import MAX_LINE_LENGTH, MAX_NUM_HEADERS

from server.transport.upgrade import plain_handshake, websocket_scope

HEADERS = [
    (b"host", b"here"),
    (b"upgrade", b"websocket"),
    (b"connection", b"keep-alive, Upgrade"),
    (b"sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZQ=="),
    (b"sec-websocket-version", b"13"),
    (b"sec-websocket-extensions", b"permessage-deflate"),
]


def without(name: bytes) -> list[tuple[bytes, bytes]]:
    return [header for header in HEADERS if header[0] != name]


def test_the_key_is_answered_as_in_the_rfc() -> None:
    """Section 1.3."""
    handshake = plain_handshake("GET", b"/ws", HEADERS)
    assert handshake is not None
    assert handshake == (b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", [])


def test_the_subprotocols_offered_are_told_in_order() -> None:
    handshake = plain_handshake("GET", b"/ws", [*HEADERS, (b"sec-websocket-protocol", b"one, two ,three")])
    assert handshake is not None
    assert handshake.subprotocols == ["one", "two", "three"]


@pytest.mark.parametrize(
    ("method", "url", "header"),
    [
        ("POST", b"/ws", (b"x", b"")),
        ("GET", b"/" + b"a" * MAX_LINE_LENGTH, (b"x", b"")),
        ("GET", b"/ws", (b"x", b"a" * MAX_LINE_LENGTH)),
        ("GET", b"/ws", (b"x", "ä".encode())),
        ("GET", "/ä".encode(), (b"x", b"")),
        ("GET", b"/ws#part", (b"x", b"")),
        ("GET", b"/ws", (b"content-length", b"5")),
        ("GET", b"/ws", (b"transfer-encoding", b"chunked")),
        ("GET", b"/ws", (b"upgrade", b"websocket")),
        ("GET", b"/ws", (b"connection", b"Upgrade")),
        ("GET", b"/ws", (b"sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZQ==")),
        ("GET", b"/ws", (b"sec-websocket-version", b"13")),
        ("GET", b"/ws", (b"sec-websocket-protocol", b"one two")),
        ("GET", b"/ws", (b"sec-websocket-protocol", b"")),
    ],
)
def test_what_another_parser_may_refuse_is_left_to_it(method: str, url: bytes, header: tuple[bytes, bytes]) -> None:
    assert plain_handshake(method, url, [*HEADERS, header]) is None


@pytest.mark.parametrize("name", [b"upgrade", b"connection", b"sec-websocket-key", b"sec-websocket-version"])
def test_a_request_that_lacks_what_the_handshake_needs_is_left_to_another_parser(name: bytes) -> None:
    assert plain_handshake("GET", b"/ws", without(name)) is None


@pytest.mark.parametrize(
    "header",
    [
        (b"upgrade", b"websocket, h2c"),
        (b"connection", b"close"),
        (b"sec-websocket-key", b"c2hvcnQ="),
        (b"sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZQ"),
        (b"sec-websocket-version", b"8"),
    ],
)
def test_another_handshake_than_that_of_rfc_6455_is_left_to_another_parser(header: tuple[bytes, bytes]) -> None:
    assert plain_handshake("GET", b"/ws", [*without(header[0]), header]) is None


def test_too_many_headers_are_left_to_another_parser() -> None:
    assert plain_handshake("GET", b"/ws", [*HEADERS, *[(b"x", b"")] * MAX_NUM_HEADERS]) is None


def test_two_origins_are_left_to_another_parser() -> None:
    origins = [(b"origin", b"https://here"), (b"origin", b"https://there")]
    assert plain_handshake("GET", b"/ws", [*HEADERS, *origins]) is None


def test_a_door_is_told_the_address_without_its_escapes_and_the_query_apart() -> None:
    scope = websocket_scope({"type": "http", "method": "GET", "scheme": "https"}, b"/yjs/p/a%20b.txt?token=t%20")
    assert scope == {
        "type": "websocket",
        "scheme": "wss",
        "path": "/yjs/p/a b.txt",
        "raw_path": b"/yjs/p/a%20b.txt",
        "query_string": b"token=t%20",
    }
