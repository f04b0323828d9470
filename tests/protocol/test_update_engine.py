"""What the gate lets through, pycrdt takes: without a crash, without hanging, and whole."""

import os
import random

import pycrdt
import pytest

from protocol.yjs.lib0 import write_var_uint
from protocol.yjs.state_vector import decode_state_vector
from protocol.yjs.update import MESSAGE_LIMITS, STORED_LIMITS, UpdateRefused, check_update, missing
from tests.protocol.engine import EngineCrashError, feed
from tests.protocol.mutations import (
    ARRAY_OF_ONE,
    NULL,
    any_item,
    child,
    delete_set,
    golden_updates,
    hostile,
    item,
    update,
)

EMPTY = b"\x00\x00"
MUTANTS = 20_000
BATCH = 4_000
# Whether a parent is a type is known only with the document at hand: the engine says so itself.
WRONG_PARENT = "RuntimeError: Cannot apply update: block parent"


@pytest.fixture
def seed() -> int:
    seed = int(os.environ.get("TEST_SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"TEST_SEED={seed}")  # noqa: T201 - pytest shows it when the test fails
    return seed


def is_accepted(data: bytes) -> bool:
    try:
        check_update(data)
    except UpdateRefused:
        return False
    return True


def test_the_engine_takes_every_mutant_that_the_gate_lets_through(seed: int) -> None:
    accepted = [data for _, data in hostile(seed, MUTANTS) if is_accepted(data)]
    assert len(accepted) > MUTANTS // 20
    golden = golden_updates()
    bases = [EMPTY, golden[1], golden[6]]
    for start in range(0, len(accepted), BATCH):
        batch = accepted[start : start + BATCH]
        for data, (outcome, seconds) in zip(batch, feed(batch, bases), strict=True):
            assert outcome == "applied" or outcome.startswith(WRONG_PARENT), data.hex()
            assert seconds < 2, data.hex()


@pytest.mark.parametrize(
    "bomb",
    [
        update(any_item(ARRAY_OF_ONE * 200_000 + NULL)),
        update(
            item(7, b"\x00"), *(child(clock, 7, b"\x00") for clock in range(199_999)), deletes=delete_set({1: [(0, 1)]})
        ),
    ],
    ids=["nested values", "a deleted chain of types"],
)
def test_what_ends_the_process_is_refused_even_from_the_store(bomb: bytes) -> None:
    with pytest.raises(EngineCrashError):
        feed([bomb], [EMPTY])
    for limits in (MESSAGE_LIMITS, STORED_LIMITS):
        with pytest.raises(UpdateRefused):
            check_update(bomb, limits)


def test_what_panics_on_a_known_client_is_refused() -> None:
    empty_section = b"\x01\x00\x01\x00\x00"
    [(outcome, _)] = feed([empty_section], [update(item(4, b"\x01x"))])
    assert outcome.startswith("PanicException")
    assert not is_accepted(empty_section)


def random_update(rng: random.Random, known: dict[int, int]) -> bytes:
    """Build an update of one to three clients whose structs refer to known, new and missing ones."""

    def an_id() -> bytes:
        client = rng.choice((1, 2, 3))
        return write_var_uint(client) + write_var_uint(rng.randrange(known.get(client, 0) + 5))

    def a_struct() -> bytes:
        kind = rng.choice((0, 1, 3, 4, 4, 4, 7, 8, 10))
        if kind in {0, 10}:
            return bytes((kind, rng.randint(1, 3)))
        content = {1: b"\x02", 3: b"\x01z", 4: b"\x02ab", 7: b"\x00", 8: b"\x02\x7e\x7e"}[kind]
        ids = rng.choice((0, 0, 1, 2))
        parent = rng.choice((b"\x01\x01t", b"\x01\x01t", b"\x00" + an_id()))
        head = parent if not ids else b"".join(an_id() for _ in range(ids))
        return bytes((kind | (0, rng.choice((0x80, 0x40)), 0xC0)[ids],)) + head + content

    sections = []
    for client in rng.sample((1, 2, 3), rng.randint(0, 3)):
        count = rng.randint(1, 4)
        clock = max(0, known.get(client, 0) + rng.choice((0, 0, 0, 0, -1, 1)))
        sections.append(bytes((count, client)) + write_var_uint(clock) + b"".join(a_struct() for _ in range(count)))
    deleted = {
        client: [(rng.randrange(known.get(client, 0) + 2), 1)] for client in rng.sample((1, 2, 3), rng.randrange(2))
    }
    return bytes((len(sections),)) + b"".join(sections) + delete_set(deleted)


def test_an_update_that_misses_nothing_is_integrated_whole(seed: int) -> None:
    rng = random.Random(seed)
    integrated = 0
    for _ in range(3_000):
        doc = pycrdt.Doc()
        known: dict[int, int] = {}
        for _ in range(6):
            data = random_update(rng, known)
            if not is_accepted(data):
                continue
            summary = check_update(data)
            if missing(summary, known):
                continue
            try:
                doc.apply_update(data)
            except RuntimeError:  # its parent is not a type
                break
            for client, _, end in summary.ranges:
                known[client] = max(known.get(client, 0), end)
            assert decode_state_vector(doc.get_state()) == known, data.hex()
            assert not missing(check_update(doc.get_update(), STORED_LIMITS), {}), data.hex()
            integrated += 1
    assert integrated > 1_000
