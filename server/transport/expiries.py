"""When the credentials of open sockets are over: each socket is looked at in that moment (P5)."""

import asyncio
from collections.abc import Callable

from protocol.ids import ConnectionId
from server.clock import Clock
from server.feature import Caller

MARGIN_S = 0.01  # timers may come a moment early, and what is not over yet would wait for the next look


class Expiries:
    """One timer per socket whose credential ends; `look` finds out, for a session may have moved its end."""

    def __init__(self, clock: Clock, look: Callable[[Caller], None]) -> None:
        self._clock = clock
        self._look = look
        self._timers: dict[ConnectionId, asyncio.TimerHandle] = {}

    def watch(self, caller: Caller) -> None:
        """Follow the credential that the caller has now, and no other any more."""
        self.forget(caller)
        expires_at = caller.principal.expires_at
        if caller.is_open and expires_at is not None:
            delay_s = (expires_at - self._clock.now()).total_seconds() + MARGIN_S
            self._timers[caller.socket] = asyncio.get_running_loop().call_later(delay_s, self._look, caller)

    def forget(self, caller: Caller) -> None:
        timer = self._timers.pop(caller.socket, None)
        if timer is not None:
            timer.cancel()
