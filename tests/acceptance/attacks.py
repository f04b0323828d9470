"""What hostile clients send: every attack known by name, those made for one document, and mutants up to the count."""

import itertools
import random
from collections.abc import Iterator

from protocol.yjs.lib0 import write_var_uint
from server.features.documents.replica import RESERVED_CLIENTS
from server.features.documents.updates import seed_update
from tests.protocol.mutations import after, any_item, crafted, delete_set, item, mutants, update

CHAIN_PART = 900  # nested types in one update of a chain

Attack = tuple[str, bytes]


def attacks(seed: int, count: int, seed_client: int, author: int) -> Iterator[Attack]:
    """So many attacks, the same for the same seed, on a document with this seed and another author's text."""
    known = [*crafted(), *_crafted_for(seed_client, author)]
    random.Random(seed).shuffle(known)
    return itertools.islice(itertools.chain(known, _chain(72_000), mutants(seed, count)), count)


def _crafted_for(seed_client: int, author: int) -> Iterator[Attack]:
    for client in (seed_client, RESERVED_CLIENTS[0], RESERVED_CLIENTS[-1]):
        for clock in (0, 1, 2, 1_000):
            data = update(item(4, b"\x01x"), client=client, clock=clock)
            yield f"text under the reserved id {client} at {clock}", data
    for n in range(5):
        other = RESERVED_CLIENTS[1_000 + n]
        yield f"the seed of another lineage {n}", seed_update(other, f"another {n}", "codemirror", f"foreign {n}")
        yield f"text after another lineage's {n}", update(after(other, 3, "x"), client=70_000 + n)
    for n, (parent, clock) in enumerate(itertools.product((seed_client, author), (0, 1, 50, 5_000))):
        data = b"\x04\x00" + write_var_uint(parent) + write_var_uint(clock) + b"\x01y"
        yield f"text under {parent} {clock}, which is no type", update(data, client=71_000 + n)
    for n in range(20):
        yield f"an edit that waits in vain {n}", update(after(73_000, 1_000 + n, "x" * 1_000), client=73_001 + n)
    yield "an edit that waits, of 2 MB", update(after(73_000, 1_000, "x" * 2_000_000), client=74_000)
    for n, size in enumerate((5_100_000, 7_000_000, 9_000_000)):
        yield f"a text of {size} bytes", update(item(4, write_var_uint(size) + b"x" * size), client=74_001 + n)
    yield "deletion of what another wrote, to come", b"\x00" + delete_set({author: [(1_000_000, 5)]})
    yield (
        "half a megabyte in a value",
        update(any_item(b"\x74" + write_var_uint(500_000) + b"x" * 500_000), client=74_010),
    )


def _chain(client: int) -> Iterator[Attack]:
    """Types inside types over many updates, in order; then the outermost is deleted."""
    yield "a chain's first type", update(item(7, b"\x00"), client=client)
    for start in range(0, 12 * CHAIN_PART, CHAIN_PART):
        structs = [_link(client, clock) for clock in range(start, start + CHAIN_PART)]
        yield f"a chain of types from {start}", update(*structs, client=client, clock=start + 1)
    yield "the outermost of a chain deleted", b"\x00" + delete_set({client: [(0, 1)]})


def _link(client: int, clock: int) -> bytes:
    """A type inside the one that the client made at `clock`."""
    return b"\x07\x00" + write_var_uint(client) + write_var_uint(clock) + b"\x00"
