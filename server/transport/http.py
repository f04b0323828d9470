"""uvicorn's HTTP class with an end to its patience: by itself it waits for ever for the head of a request."""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from server.transport.upgrade import FastUpgrade, plain_request


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

    def handle_websocket_upgrade(self) -> None:
        kind = self.ws_protocol_class
        request = plain_request(self.scope["method"], self.url, self.headers)
        if request is None or kind is None or not issubclass(kind, FastUpgrade):
            super().handle_websocket_upgrade()
            return
        self.connections.discard(self)
        upgrade = kind(self.config, self.server_state, self.app_state)
        upgrade.connection_made(self.transport)
        upgrade.handle_connect(request)
        self.transport.set_protocol(upgrade)

    def _wait(self) -> None:
        self._patience = self.loop.call_later(self.timeout_keep_alive, self.transport.abort)
