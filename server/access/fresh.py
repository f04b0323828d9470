"""Answers of the database remembered for a moment, and asked for once however many want one at the same time."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from server.clock import Clock
from server.errors import FlashError
from server.store.failures import StorageFailure

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class _Answer(Generic[V]):
    value: V
    good_until: float  # monotonic seconds


@dataclass(slots=True, eq=False)
class _Asking(Generic[V]):
    """A question under way; answered with None when whoever asked was cancelled. `is_void`: see `Fresh`."""

    answered: "asyncio.Future[_Answer[V] | None]"
    is_void: bool = False


class Fresh(Generic[K, V]):
    """Invariant: nobody is given an answer that was asked for before a `forget`, or more than `keep_s` ago.

    Without `max_entries` nothing is kept, and only those who ask at the same time share an answer; past it everything
    is asked for anew. A failure that has a name is told to all who waited for it; after any other each asks for itself.
    """

    def __init__(self, clock: Clock, keep_s: float = 0.0, max_entries: int = 0) -> None:
        self._clock = clock
        self._keep_s = keep_s
        self._max_entries = max_entries
        self._kept: dict[K, _Answer[V]] = {}
        self._asking: dict[K, _Asking[V]] = {}

    async def of(self, key: K, ask: Callable[[], Awaitable[V]]) -> V:
        """The answer for this key: the one remembered, the one on its way, or that of `ask`."""
        while True:
            kept = self._kept.get(key)
            if kept is not None and kept.good_until > self._clock.monotonic():
                return kept.value
            asking = self._asking.get(key)
            if asking is None:
                asking = self._asking[key] = _Asking(asyncio.get_running_loop().create_future())
                await self._answer(key, asking, ask)
            answer = await asyncio.shield(asking.answered)
            if answer is not None and not asking.is_void:
                return answer.value

    def forget(self, holds: Callable[[K], bool], also: Callable[[V], bool] | None = None) -> None:
        """Ask anew for the keys that `holds` is true of, and for those whose remembered value `also` is true of."""
        for key in [key for key, kept in self._kept.items() if holds(key) or (also is not None and also(kept.value))]:
            del self._kept[key]
        for key, asking in self._asking.items():
            if also is not None or holds(key):  # what will be answered is not known yet
                asking.is_void = True

    async def _answer(self, key: K, asking: _Asking[V], ask: Callable[[], Awaitable[V]]) -> None:
        answered, good_until = asking.answered, self._clock.monotonic() + self._keep_s
        try:
            answer = _Answer(await ask(), good_until)
            answered.set_result(answer)
            if self._max_entries and not asking.is_void:
                self._keep(key, answer)
        except (FlashError, StorageFailure) as error:
            answered.set_exception(error)
        finally:
            del self._asking[key]
            if not answered.done():
                answered.set_result(None)

    def _keep(self, key: K, answer: _Answer[V]) -> None:
        if len(self._kept) >= self._max_entries:
            self._kept.clear()
        self._kept[key] = answer
