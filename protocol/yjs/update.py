"""The gate: checks a Yjs update (encoding v1) before anything else reads it, and says what it carries and needs.

Engines that read an update afterwards (yrs in this process, Yjs in every browser) trust it: crafted bytes overflow
their stacks, wrap their counters, make them panic or loop. So every update passes here, at every size, when it
arrives and again when it is read back. The walk neither recurses nor keeps content; it is linear in the bytes.

An update is a varUint count of sections, the sections, and the delete set. Numbers are varUint unless said otherwise.

| part | bytes |
| --- | --- |
| section | number of structs, client, clock of the first struct, structs; each client has one section |
| id | client, clock |
| GC | info 0, length: content that is gone |
| Skip | info 10, length: clocks that this update does not carry |
| item | info, [left origin id], [right origin id], [parent], [key], content |
| info | bits 0-4 kind of content, 0x80 has a left origin, 0x40 has a right origin, 0x20 has a key |
| parent | only without origins: 1 and varString name of a root, or 0 and the id of the item that holds the type |
| key | only without origins and with 0x20: varString, the entry of a map or the name of an attribute |
| delete set | number of clients; for each: client, number of ranges, and for each range clock, length |

| kind | content | length in clocks |
| --- | --- | --- |
| 1 Deleted | length | that length |
| 3 Binary | varUint8Array | 1 |
| 4 String | varString | UTF-16 units |
| 5 Embed | varString of JSON | 1 |
| 6 Format | varString key, varString of JSON | 1 |
| 7 Type | 0 array, 1 map, 2 text, 3 XML element + varString name, 4 XML fragment, 6 XML text | 1 |
| 8 Any | count, values (see `protocol.yjs.content`) | count |
| 9 Doc | varString guid, one object value | 1 |

Refused although Yjs knows them, because yrs reads other bytes for them than Yjs does and the two would part: kind 2
(JSON, not written since Yjs 13) and type 5 (XML hook). Kind 11 (Move) and types above 6 are yrs's alone.
"""

from collections.abc import Mapping
from typing import NamedTuple

from protocol.yjs.causality import Link, check_acyclic
from protocol.yjs.content import check_json, skip_any, skip_string, utf16_length
from protocol.yjs.lib0 import read_var_bytes, read_var_uint, truncated
from protocol.yjs.limits import MAX_CLOCK, MESSAGE_LIMITS, STORED_LIMITS, Limits, above, beyond
from protocol.yjs.malformed import Malformed, UpdateRefused

__all__ = [
    "GATE_VERSION",
    "MAX_CLOCK",
    "MESSAGE_LIMITS",
    "STORED_LIMITS",
    "Limits",
    "UpdateRefused",
    "UpdateSummary",
    "check_update",
    "missing",
]


# Raise it with every change that refuses, or counts, what was let through before: what an older gate accepted and is
# kept, is then walked again. Lowering a limit of `STORED_LIMITS` is such a change.
GATE_VERSION = 1


class UpdateSummary(NamedTuple):
    """What an update carries, and what must be known before it can be integrated."""

    ranges: tuple[tuple[int, int, int], ...]  # (client, clock, end) of structs carried, without Skips
    needs: dict[int, int]  # client -> clocks that must be known; owned by the summary, do not change
    struct_count: int  # with Skips
    delete_count: int  # ranges
    type_count: int  # nested shared types and subdocuments: the caller keeps the sum over a document small
    type_ids: frozenset[tuple[int, int]] = frozenset()  # (client, clock) of the nested types carried
    parent_ids: frozenset[tuple[int, int]] = frozenset()  # of types that structs name as the one that holds them

    @property
    def is_empty(self) -> bool:
        """Whether it changes nothing, whatever is known."""
        return not self.ranges and not self.delete_count

    @property
    def client_ids(self) -> frozenset[int]:
        """The authors of what it carries."""
        return frozenset([client for client, _, _ in self.ranges])


def missing(summary: UpdateSummary, clocks: Mapping[int, int]) -> bool:
    """Whether something that the update needs is not yet known; `clocks` is a state vector.

    An update without this is integrated whole, and leaves neither pending structs nor holes.
    """
    for client, clock in summary.needs.items():  # noqa: SIM110 - any() over a generator takes three times as long
        if clocks.get(client, 0) < clock:
            return True
    return False


def check_update(data: bytes, limits: Limits = MESSAGE_LIMITS) -> UpdateSummary:
    """Check an update and summarise it.

    Raises: UpdateRefused, with the reason `truncated`, `trailing`, `number`, `clock`, `length`, `order`,
    `duplicate`, `kind`, `value`, `json`, `utf8`, `nesting`, `types`, `clients`, `structs`,
    `deletes` or `cycle`.
    """
    try:
        return _walk(data, limits)
    except IndexError:
        raise UpdateRefused("truncated", str(truncated())) from None
    except Malformed as error:
        raise UpdateRefused(error.reason, f"the update is refused: {error}") from None


# One function, because it runs for every keystroke: a call for each part would double its time.
def _walk(data: bytes, limits: Limits) -> UpdateSummary:  # noqa: C901
    size = len(data)
    section_count, pos = read_var_uint(data, 0)
    if section_count > limits.clients:
        raise above("clients", section_count, limits.clients)
    ranges: list[tuple[int, int, int]] = []
    needs: dict[int, int] = {}
    links: list[Link] = []
    seen: set[int] = set()
    struct_count = value_count = type_count = 0
    types: list[tuple[int, int]] = []
    parents: list[tuple[int, int]] = []
    for _ in range(section_count):
        count = data[pos]
        if count < 128:
            pos += 1
        else:
            count, pos = read_var_uint(data, pos)
        if not count:
            raise Malformed("length", "a section carries no struct")  # yrs panics on it
        struct_count += count
        if struct_count + value_count > limits.structs:
            raise above("structs", struct_count + value_count, limits.structs)
        id_start = pos
        client, pos = read_var_uint(data, pos)
        client_bytes = data[id_start:pos]
        if client in seen:
            raise Malformed("duplicate", f"client {client} has two sections")
        seen.add(client)
        clock, pos = read_var_uint(data, pos)
        start = clock
        for _ in range(count):
            info = data[pos]
            pos += 1
            if info != 0 and info != 10:
                references = _ORIGINS[info >> 6]
                has_key = has_parent_id = False
                if not references:
                    parent = data[pos]
                    pos += 1
                    if parent == 1:
                        pos = skip_string(data, pos)
                    elif parent == 0:
                        references, has_parent_id = 1, True
                    else:
                        raise Malformed("kind", f"{parent} is not a kind of parent")
                    has_key = info & 32 != 0
                for _ in range(references):
                    if data.startswith(client_bytes, pos):
                        other = client
                        pos += len(client_bytes)
                    else:
                        other, pos = read_var_uint(data, pos)
                    at = data[pos]
                    if at < 128:
                        pos += 1
                    else:
                        at, pos = read_var_uint(data, pos)
                    if other == client:
                        if at >= clock:
                            raise Malformed("order", "a struct refers to itself or to a later one of its client")
                    else:
                        if at >= needs.get(other, 0):
                            needs[other] = at + 1
                        if section_count > 1:
                            links.append((client, clock, other, at))
                if has_parent_id:
                    parents.append((other, at))
                if has_key:
                    pos = skip_string(data, pos)
            kind = info & 31
            if kind == 4:
                length = data[pos]
                if length < 128:
                    pos += 1
                else:
                    length, pos = read_var_uint(data, pos)
                end = pos + length
                if end > size:
                    raise truncated()
                piece = data[pos:end]
                if not piece.isascii():
                    length = utf16_length(piece)
                pos = end
            elif kind == 1 or info == 0 or info == 10:
                length, pos = read_var_uint(data, pos)
                if info == 10:
                    if clock > start:
                        ranges.append((client, start, clock))
                    start = clock + length
            elif kind == 8:
                length, pos = read_var_uint(data, pos)
                pos, values = skip_any(data, pos, length, limits)
                value_count += values
            else:
                pos = _skip_single(data, pos, kind, limits)
                length = 1
                type_count += kind == 7 or kind == 9
                if kind == 7:
                    types.append((client, clock))
            if length < 1:
                raise Malformed("length", "a struct has no length")
            clock += length
            if clock > MAX_CLOCK:
                raise beyond(clock)
        if clock > start:
            ranges.append((client, start, clock))
    if type_count > limits.types:
        raise above("types", type_count, limits.types)
    if struct_count + value_count > limits.structs:
        raise above("structs", struct_count + value_count, limits.structs)
    delete_count = 0
    if data[pos]:
        delete_count, pos = _walk_deletes(data, pos, needs, limits.deletes)
    else:
        pos += 1
    if pos != size:
        raise Malformed("trailing", f"{size - pos} bytes follow the update")
    if links:
        check_acyclic(links, ranges)
    _settle_needs(needs, ranges)
    type_ids, parent_ids = frozenset(types) if types else _NO_IDS, frozenset(parents) if parents else _NO_IDS
    return UpdateSummary(tuple(ranges), needs, struct_count, delete_count, type_count, type_ids, parent_ids)


_NO_IDS: frozenset[tuple[int, int]] = frozenset()
_ORIGINS = (0, 1, 1, 2)  # number of origins, by the two high bits of the info byte


def _skip_single(data: bytes, pos: int, kind: int, limits: Limits) -> int:
    if kind == 6:
        pos = skip_string(data, pos)
    if kind == 5 or kind == 6:
        text, pos = read_var_bytes(data, pos)
        check_json(text, limits.nesting)
        return pos
    if kind == 7:
        return _skip_type(data, pos)
    if kind == 3:
        return read_var_bytes(data, pos)[1]
    if kind == 9:
        pos = skip_string(data, pos)
        if data[pos] != 118:
            raise Malformed("value", "the options of a subdocument are not an object")  # Yjs throws on it
        return skip_any(data, pos, 1, limits)[0]
    raise Malformed("kind", f"{kind} is not a kind of content that is accepted here")


def _skip_type(data: bytes, pos: int) -> int:
    type_ref = data[pos]
    pos += 1
    if type_ref == 3:
        return skip_string(data, pos)
    if type_ref > 6 or type_ref == 5:
        raise Malformed("kind", f"{type_ref} is not a shared type that is accepted here")
    return pos


def _walk_deletes(data: bytes, pos: int, needs: dict[int, int], limit: int) -> tuple[int, int]:
    """Read the delete set and return (number of ranges, next position).

    Ranges must come in order and apart, as every client writes them: yrs takes 24 s for 100,000 in reverse order.
    """
    client_count, pos = read_var_uint(data, pos)
    total = 0
    seen: set[int] = set()
    for _ in range(client_count):
        client, pos = read_var_uint(data, pos)
        if client in seen:
            raise Malformed("duplicate", f"client {client} occurs twice in the delete set")
        seen.add(client)
        count, pos = read_var_uint(data, pos)
        total += count
        if total + len(seen) > limit:
            raise above("deletes", total + len(seen), limit)
        end = 0
        for _ in range(count):
            clock, pos = read_var_uint(data, pos)
            if clock < end:
                raise Malformed("order", "the ranges of a delete set overlap or are out of order")
            length = data[pos]
            if length < 128:
                pos += 1
            else:
                length, pos = read_var_uint(data, pos)
            if not length:
                raise Malformed("length", "a range of the delete set is empty")
            end = clock + length
        if end > MAX_CLOCK:
            raise beyond(end)
        if end > needs.get(client, 0):
            needs[client] = end
    return total, pos


def _settle_needs(needs: dict[int, int], ranges: list[tuple[int, int, int]]) -> None:
    """Take out of `needs` what the ranges carry, and put in what must be known before each of them."""
    if needs and max(needs.values()) > MAX_CLOCK:
        raise beyond(max(needs.values()))
    last = ranges if len(ranges) < 2 else {client: (client, start, end) for client, start, end in ranges}.values()
    for client, start, end in last:
        if needs.get(client, 0) > end:
            continue
        if start:
            needs[client] = start
        else:
            needs.pop(client, None)
