"""Crafted and mutated Yjs updates: the same bytes for the same seed.

`hostile(seed, count)` yields pairs of a name and an update: first each crafted one, then `count` mutants of the
golden updates. Most are not valid and some are harmless; what is fed with them must survive them all.
"""

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path

from protocol.yjs.lib0 import write_var_string, write_var_uint

VECTORS = Path(__file__).parents[2] / "protocol" / "vectors" / "yjs_updates.json"
GIANTS = (0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 1 << 32, (1 << 53) - 1, 1 << 53, 1 << 63)

NULL, ARRAY_OF_ONE, MAP_OF_ONE = b"\x7e", b"\x75\x01", b"\x76\x01\x00"
NO_DELETES = b"\x00"


def golden_updates() -> list[bytes]:
    """Load the updates that real clients made."""
    return [bytes.fromhex(vector["hex"]) for vector in json.loads(VECTORS.read_text("utf-8"))["vectors"]]


def hostile(seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    """Yield every crafted update, then `count` mutants."""
    yield from crafted()
    yield from mutants(seed, count)


def mutants(seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    """Yield golden updates changed in one to three places."""
    rng = random.Random(seed)
    sources = golden_updates()
    for index in range(count):
        data = rng.choice(sources)
        names = []
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            mutate = rng.choice(_MUTATIONS)
            data = mutate(rng, data, sources)
            names.append(mutate.__name__.lstrip("_"))
        yield f"mutant {index} of seed {seed} ({', '.join(names)})", data


def crafted() -> Iterator[tuple[str, bytes]]:
    """Yield the attacks that are known by name."""
    yield "no bytes at all", b""
    for depth in (65, 1_000, 30_000, 200_000):
        yield f"{depth} nested arrays", update(any_item(ARRAY_OF_ONE * depth + NULL))
        yield f"{depth} nested maps", update(any_item(MAP_OF_ONE * depth + NULL))
        yield f"{depth} nested arrays in JSON", update(item(5, write_var_string("[" * depth + "]" * depth)))
        yield (
            f"{depth} nested arrays in a subdocument",
            update(item(9, b"\x00" + MAP_OF_ONE + ARRAY_OF_ONE * depth + NULL)),
        )
    yield (
        "100,000 nested types, the outermost deleted",
        update(
            item(7, b"\x00"), *(child(clock, 7, b"\x00") for clock in range(99_999)), deletes=delete_set({1: [(0, 1)]})
        ),
    )
    yield "200,000 invented clients", fake_clients(200_000)
    yield (
        "200,000 invented clients in the delete set",
        (b"\x00" + delete_set({client: [(0, 1)] for client in range(1 << 20, (1 << 20) + 200_000)})),
    )
    yield (
        "100,000 deletions in reverse order",
        update(
            item(4, write_var_string("x" * 200_000)),
            deletes=delete_set({1: [(2 * n, 1) for n in range(99_999, -1, -1)]}),
        ),
    )
    for giant in GIANTS:
        yield from _giants(giant)


def _giants(giant: int) -> Iterator[tuple[str, bytes]]:
    number = raw_var_uint(giant)
    text = item(4, b"\x01x")
    yield f"GC of {giant}", update(b"\x00" + number)
    yield f"GC of {giant}, then text", update(b"\x00" + number, text)
    yield f"two GCs of {giant}", update(b"\x00" + number, b"\x00" + number)
    yield f"Deleted of {giant}", update(item(1, number))
    yield f"Skip of {giant}, then text", update(text, b"\x0a" + number, text)
    yield f"clock {giant}", b"\x01\x01\x01" + number + text + NO_DELETES
    yield f"client {giant}", b"\x01\x01" + number + b"\x00" + text + NO_DELETES
    yield f"text of {giant} bytes", update(item(4, number + b"x"))
    yield f"{giant} values", update(item(8, number + NULL))
    yield f"array of {giant}", update(any_item(b"\x75" + number + NULL))
    yield f"map of {giant}", update(any_item(b"\x76" + number + b"\x00" + NULL))
    yield f"{giant} sections", number + b"\x01\x01\x00" + text + NO_DELETES
    yield f"{giant} structs", b"\x01" + number + b"\x01\x00" + text + NO_DELETES
    yield f"deletion of {giant}", update(text, deletes=b"\x01\x01\x01\x00" + number)
    yield f"deletion at {giant}", update(text, deletes=b"\x01\x01\x01" + number + b"\x01")
    yield f"{giant} deletions", update(text, deletes=b"\x01\x01" + number + b"\x00\x01")
    yield f"{giant} clients in the delete set", update(text, deletes=number + b"\x01\x01\x00\x01")
    yield f"origin at {giant}", update(text, b"\x84\x02" + number + b"\x01x")


def update(*structs: bytes, deletes: bytes = NO_DELETES, client: int = 1, clock: int = 0) -> bytes:
    """Build an update of one section."""
    head = write_var_uint(len(structs)) + write_var_uint(client) + write_var_uint(clock)
    return b"\x01" + head + b"".join(structs) + deletes


def item(kind: int, content: bytes) -> bytes:
    """Build an item at the root `t`."""
    return bytes((kind,)) + b"\x01\x01t" + content


def any_item(value: bytes) -> bytes:
    """Build an item of one value."""
    return item(8, b"\x01" + value)


def child(parent_clock: int, kind: int, content: bytes) -> bytes:
    """Build an item inside the type that client 1 made at `parent_clock`."""
    return bytes((kind,)) + b"\x00\x01" + write_var_uint(parent_clock) + content


def after(client: int, clock: int, text: str) -> bytes:
    """Build a text item to the right of an id."""
    return b"\x84" + write_var_uint(client) + write_var_uint(clock) + write_var_string(text)


def delete_set(ranges: dict[int, list[tuple[int, int]]]) -> bytes:
    """Build a delete set from (clock, length) pairs, in the order given."""
    parts = [write_var_uint(len(ranges))]
    for client, pairs in ranges.items():
        parts += write_var_uint(client), write_var_uint(len(pairs))
        parts += (write_var_uint(clock) + write_var_uint(length) for clock, length in pairs)
    return b"".join(parts)


def fake_clients(count: int) -> bytes:
    """Build an update in which every struct has an author of its own."""
    body = item(4, b"\x01x")
    sections = (b"\x01" + write_var_uint((1 << 20) + index) + b"\x00" + body for index in range(count))
    return write_var_uint(count) + b"".join(sections) + NO_DELETES


def raw_var_uint(value: int) -> bytes:
    """Encode any number, also those that lib0 refuses."""
    out = bytearray()
    while value > 127:
        out.append(128 | value & 127)
        value >>= 7
    out.append(value)
    return bytes(out)


Mutation = Callable[[random.Random, bytes, list[bytes]], bytes]


def _truncate(rng: random.Random, data: bytes, _: list[bytes]) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _flip_bit(rng: random.Random, data: bytes, _: list[bytes]) -> bytes:
    if not data:
        return data
    at = rng.randrange(len(data))
    return data[:at] + bytes((data[at] ^ 1 << rng.randrange(8),)) + data[at + 1 :]


def _set_byte(rng: random.Random, data: bytes, _: list[bytes]) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + bytes((rng.choice((0, 1, 2, 10, 64, 127, 128, 132, 255)),)) + data[at + 1 :]


def _insert(rng: random.Random, data: bytes, _: list[bytes]) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.randbytes(rng.randint(1, 4)) + data[at:]


def _cut_out(rng: random.Random, data: bytes, _: list[bytes]) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + data[at + rng.randint(1, 6) :]


def _make_giant(rng: random.Random, data: bytes, _: list[bytes]) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + raw_var_uint(rng.choice(GIANTS)) + data[at + 1 :]


def _repeat(rng: random.Random, data: bytes, _: list[bytes]) -> bytes:
    at = rng.randrange(len(data) + 1)
    piece = data[at : at + rng.randint(1, 30)]
    return data[:at] + piece * rng.randint(2, 5) + data[at:]


def _splice(rng: random.Random, data: bytes, sources: list[bytes]) -> bytes:
    other = rng.choice(sources)
    return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other)) :]


_MUTATIONS: tuple[Mutation, ...] = (
    _truncate,
    _flip_bit,
    _flip_bit,
    _flip_bit,
    _set_byte,
    _set_byte,
    _insert,
    _cut_out,
    _make_giant,
    _repeat,
    _splice,
)
