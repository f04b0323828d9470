"""How much one update or state vector may hold: one set of limits for messages, one for what is read back."""

from dataclasses import dataclass

from protocol.yjs.malformed import Malformed

# yrs keeps clocks in 32 bits, some of its differences are signed, and it wraps silently beyond.
MAX_CLOCK = (1 << 31) - 1

_UNLIMITED = MAX_CLOCK


@dataclass(frozen=True, slots=True)
class Limits:
    """What an update may hold; bytes are the caller's to bound.

    Invariant: `nesting` and `types` are limits for stored updates too, because what breaks them kills processes.
    The sizes of a message bound what one of them can cost: memory (a client 600 bytes in a replica, a struct 450)
    and time (100,000 deletions out of one long string take yrs 0.5 s, 10,000 crafted insertions into 10,000
    others 5 s: insertions that all claim a place between the same far ends are compared with one another).
    """

    nesting: int  # values inside values; they overflow yrs's stack at 26,000 (of 8 MiB) or 800 (256 KiB), V8's at 5,000
    types: int  # nested types and subdocuments; deleting a chain of 32,000 (4,000 at 1 MiB, 3,000 in V8) overflows too
    clients: int  # sections, one for each author
    structs: int  # structs and the values in them
    deletes: int  # ranges and clients of the delete set; a step 2 repeats all that was ever deleted
    vector_clients: int  # entries of a state vector


MESSAGE_LIMITS = Limits(nesting=64, types=1_000, clients=1_000, structs=20_000, deletes=200_000, vector_clients=50_000)
STORED_LIMITS = Limits(
    nesting=64,
    types=20_000,
    clients=_UNLIMITED,
    structs=_UNLIMITED,
    deletes=_UNLIMITED,
    vector_clients=_UNLIMITED,
)


def above(what: str, count: int, limit: int) -> Malformed:
    """Build the error for more than a limit allows; `what` is its name."""
    return Malformed(what, f"it holds {count} {what}, and {limit} is the limit: send it in smaller parts")


def beyond(clock: int) -> Malformed:
    """Build the error for a clock that nobody can count up to."""
    return Malformed("clock", f"clock {clock} is beyond {MAX_CLOCK}")
