"""The wire: every frame, code and name that crosses a socket. No I/O, no asyncio, nothing of the server."""

SUBPROTOCOL = "flashio.v1+msgpack"
VERSION = (1, 0)  # (major: in the subprotocol's name, minor: negotiated in Hello and Welcome)
