"""uvicorn's HTTP class with an end to its patience: by itself it waits for ever for the head of a request."""

import asyncio
from typing import cast

from starlette.types import ASGIApp, Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from server.transport.upgrade import FastUpgrade, plain_handshake, websocket_scope


class PatientHttp(HttpToolsProtocol):
    """A connection whose request is not there in time is cut; `timeout_keep_alive` is that time, too."""

    _patience: asyncio.TimerHandle

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._patience.cancel()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._patience.cancel()
        self._wait()

    def on_headers_complete(self) -> None:
        self._patience.cancel()
        super().on_headers_complete()

    def _wait(self) -> None:
        self._patience = self.loop.call_later(self.timeout_keep_alive, self.transport.abort)


class FastHttp(PatientHttp):
    """The same, whose plain WebSocket handshakes end with a `FastSocket`."""

    def handle_websocket_upgrade(self) -> None:
        handshake = plain_handshake(self.scope["method"], self.url, self.headers)
        if handshake is None or self.scope["http_version"] != "1.1":
            super().handle_websocket_upgrade()
            return
        self.connections.discard(self)
        scope = websocket_scope(cast("Scope", self.scope), self.url)
        FastUpgrade(self.transport, handshake, scope, cast("ASGIApp", self.app), self.server_state)
