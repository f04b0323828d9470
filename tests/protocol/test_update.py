import dataclasses
import json

import pytest

from protocol.yjs.lib0 import write_var_string, write_var_uint
from protocol.yjs.update import (
    MAX_CLOCK,
    MESSAGE_LIMITS,
    STORED_LIMITS,
    Limits,
    UpdateRefused,
    UpdateSummary,
    check_update,
    missing,
)
from tests.protocol.mutations import (
    ARRAY_OF_ONE,
    MAP_OF_ONE,
    NULL,
    VECTORS,
    after,
    any_item,
    child,
    delete_set,
    fake_clients,
    item,
    raw_var_uint,
    update,
)

GOLDEN = json.loads(VECTORS.read_text("utf-8"))["vectors"]
TEXT = item(4, b"\x03abc")


def refusal_of(data: bytes, limits: Limits = MESSAGE_LIMITS) -> str:
    with pytest.raises(UpdateRefused) as refusal:
        check_update(data, limits)
    return refusal.value.reason


@pytest.mark.parametrize("vector", GOLDEN, ids=lambda vector: vector["name"])
def test_an_update_of_a_real_client_passes_and_is_summarised(vector) -> None:
    summary = check_update(bytes.fromhex(vector["hex"]))
    assert summary._replace(type_ids=frozenset(), parent_ids=frozenset()) == UpdateSummary(
        ranges=tuple(map(tuple, vector["ranges"])),
        needs={int(client): clock for client, clock in vector["needs"].items()},
        struct_count=vector["structs"],
        delete_count=vector["deletes"],
        type_count=vector["types"],
    )


def test_nested_types_and_those_that_structs_name_as_parents_are_named() -> None:
    in_a_type = child(0, 7, b"\x01")
    summary = check_update(update(item(7, b"\x00"), in_a_type, child(5, 4, b"\x01x"), client=1, clock=6))
    assert summary.type_ids == {(1, 6), (1, 7)}
    assert summary.parent_ids == {(1, 0), (1, 5)}


@pytest.mark.parametrize("vector", GOLDEN, ids=lambda vector: vector["name"])
def test_an_update_cut_off_anywhere_is_refused(vector) -> None:
    whole = bytes.fromhex(vector["hex"])
    for size in range(len(whole)):
        assert refusal_of(whole[:size])


@pytest.mark.parametrize("vector", GOLDEN, ids=lambda vector: vector["name"])
def test_an_update_with_bytes_left_over_is_refused(vector) -> None:
    assert refusal_of(bytes.fromhex(vector["hex"]) + b"\x00") == "trailing"


def test_the_empty_update_is_empty() -> None:
    summary = check_update(b"\x00\x00")
    assert summary.is_empty
    assert not missing(summary, {})


def test_text_is_measured_in_utf16_units() -> None:
    summary = check_update(update(item(4, write_var_string("aé日😀")), clock=10, client=5))
    assert summary.ranges == ((5, 10, 15),)
    assert summary.client_ids == {5}


@pytest.mark.parametrize(
    "text", [b"\xff", b"a\xc3", b"\xed\xa0\x80", b"\xed\xb0\x80", b"\xc0\x80", b"\xf5\x80\x80\x80"]
)
def test_text_that_is_not_utf8_is_refused_wherever_it_stands(text: bytes) -> None:
    string = write_var_uint(len(text)) + text
    quoted = write_var_uint(len(text) + 2) + b'"' + text + b'"'
    places = [
        item(4, string),
        b"\x04\x01" + string + b"\x01x",
        b"\x24\x01\x01t" + string + b"\x01x",
        item(5, quoted),
        item(6, string + b"\x04null"),
        item(6, b"\x01k" + quoted),
        item(7, b"\x03" + string),
        any_item(b"\x77" + string),
        any_item(b"\x76\x01" + string + NULL),
        item(9, string + b"\x76\x00"),
    ]
    assert {refusal_of(update(place)) for place in places} == {"utf8"}


@pytest.mark.parametrize("opening", [ARRAY_OF_ONE, MAP_OF_ONE])
def test_values_nested_beyond_the_limit_are_refused_at_every_size(opening: bytes) -> None:
    assert check_update(update(any_item(opening * 64 + NULL)))
    for depth in (65, 1_000, 500_000):
        assert refusal_of(update(any_item(opening * depth + NULL))) == "nesting"
        assert refusal_of(update(any_item(opening * depth + NULL)), STORED_LIMITS) == "nesting"


def test_nesting_counts_what_is_open_not_what_was() -> None:
    assert check_update(update(item(8, b"\xc8\x01" + b"\x75\x01\x75\x00" * 200)))


def test_json_nested_beyond_the_limit_is_refused() -> None:
    assert check_update(update(item(5, write_var_string("[" * 64 + "]" * 64))))
    assert check_update(update(item(5, write_var_string("[" + "{}," * 200 + "[]]"))))
    assert check_update(update(item(5, write_var_string('"' + "[" * 200 + '"'))))
    for depth in (65, 200_000):
        assert refusal_of(update(item(5, write_var_string("[" * depth + "]" * depth)))) == "nesting"
        assert refusal_of(update(item(6, b"\x01k" + write_var_string('{"a":' * depth)))) == "nesting"


@pytest.mark.parametrize(
    "text",
    ["", "x", "undefined", "NaN", "-Infinity", "1e999", "1" * 400, "1" * 5000, '"\\ud800"', "1 2", '"\x01"', "[1,]"],
)
def test_json_that_one_of_the_engines_cannot_parse_is_refused(text: str) -> None:
    assert refusal_of(update(item(5, write_var_string(text)))) == "json"
    assert refusal_of(update(item(6, b"\x01k" + write_var_string(text)))) == "json"


@pytest.mark.parametrize("text", [' {"a": [1, -0, 1.5e3]} ', '"\\ud83d\\ude00"', '"\\u0000"', "null"])
def test_json_that_all_engines_parse_passes(text: str) -> None:
    assert check_update(update(item(5, write_var_string(text))))


def test_a_struct_that_refers_to_itself_or_a_later_one_is_refused() -> None:
    for clock in (3, 4, 1_000):
        for origin in (b"\x84\x01", b"\x44\x01"):
            assert refusal_of(update(TEXT, origin + write_var_uint(clock) + b"\x01x")) == "order"
        assert refusal_of(update(TEXT, child(clock, 4, b"\x01x"))) == "order"
    assert check_update(update(TEXT, after(1, 2, "x")))


def test_structs_of_two_clients_that_wait_for_each_other_are_refused() -> None:
    def of(client: int, *structs: bytes) -> bytes:
        return bytes((len(structs), client, 0)) + b"".join(structs)

    circle = b"\x02" + of(2, TEXT, after(1, 3, "x")) + of(1, TEXT, after(2, 3, "x")) + b"\x00"
    ladder = b"\x02" + of(2, TEXT, after(1, 2, "x")) + of(1, TEXT, after(2, 3, "x")) + b"\x00"
    long_circle = (
        b"\x03"
        + of(3, TEXT, after(2, 3, "x"))
        + of(2, TEXT, after(1, 3, "x"))
        + of(1, TEXT, after(3, 3, "x"))
        + b"\x00"
    )
    assert refusal_of(circle) == "cycle"
    assert refusal_of(long_circle) == "cycle"
    assert check_update(ladder).needs == {}


def test_lengths_of_nothing_are_refused() -> None:
    empty = [b"\x00\x00", b"\x0a\x00", item(1, b"\x00"), item(4, b"\x00"), item(8, b"\x00")]
    assert {refusal_of(update(struct)) for struct in empty} == {"length"}
    assert refusal_of(b"\x01\x00\x01\x00\x00") == "length"
    assert refusal_of(update(TEXT, deletes=delete_set({1: [(0, 0)]}))) == "length"


def test_clocks_that_an_engine_would_wrap_are_refused() -> None:
    last = MAX_CLOCK - 1
    assert check_update(update(item(4, b"\x01x"), clock=last)).ranges == ((1, last, MAX_CLOCK),)
    assert refusal_of(update(item(4, b"\x02xx"), clock=last)) == "clock"
    for giant in (1 << 31, 1 << 32, (1 << 53) - 1):
        number = raw_var_uint(giant)
        beyond = [b"\x00" + number, b"\x0a" + number, item(1, number), b"\x84\x02" + number + b"\x01x"]
        assert {refusal_of(update(struct)) for struct in beyond} == {"clock"}
        assert refusal_of(b"\x00\x01\x01\x01\x00" + number) == "clock"
        assert refusal_of(b"\x00\x01\x01\x01" + number + b"\x01") == "clock"


@pytest.mark.parametrize("kind", [0, 2, 10, 11, *range(12, 32)])
@pytest.mark.parametrize("flags", [0x20, 0x80, 0xC0])
def test_content_that_engines_read_differently_or_not_at_all_is_refused(kind: int, flags: int) -> None:
    ids = {0x20: b"\x01\x01t\x01k", 0x80: b"\x02\x00", 0xC0: b"\x02\x00\x02\x00"}[flags]
    assert refusal_of(update(bytes((kind | flags,)) + ids + b"\x01\x01a")) == "kind"


@pytest.mark.parametrize("type_ref", [5, 7, 8, 9, 15, 127, 128, 255])
def test_shared_types_that_engines_read_differently_or_not_at_all_are_refused(type_ref: int) -> None:
    assert refusal_of(update(item(7, bytes((type_ref,)) + b"\x01n"))) == "kind"


@pytest.mark.parametrize("tag", [0, 1, 115, 128, 255])
def test_a_value_of_an_unknown_kind_is_refused(tag: int) -> None:
    assert refusal_of(update(any_item(bytes((tag,))))) == "value"


def test_options_of_a_subdocument_must_be_an_object() -> None:
    assert check_update(update(item(9, b"\x01g\x76\x00"))).type_count == 1
    assert refusal_of(update(item(9, b"\x01g\x7e"))) == "value"


def test_a_client_with_two_sections_is_refused() -> None:
    section = b"\x01\x01\x00" + TEXT
    assert refusal_of(b"\x02" + section + section + b"\x00") == "duplicate"
    assert refusal_of(b"\x00\x02\x01\x01\x00\x01\x01\x01\x05\x01") == "duplicate"


def test_a_delete_set_out_of_order_or_overlapping_is_refused() -> None:
    assert check_update(update(TEXT, deletes=delete_set({1: [(0, 1), (1, 1), (2, 1)]}))).delete_count == 3
    assert refusal_of(update(TEXT, deletes=delete_set({1: [(2, 1), (0, 1)]}))) == "order"
    assert refusal_of(update(TEXT, deletes=delete_set({1: [(0, 2), (1, 1)]}))) == "order"


def test_a_message_holds_a_bounded_number_of_everything() -> None:
    limits = dataclasses.replace(MESSAGE_LIMITS, clients=3, structs=3, deletes=3, types=3)
    cases = {
        "clients": fake_clients,
        "structs": lambda count: update(*[item(4, b"\x01x")] * count),
        "types": lambda count: update(*[item(7, b"\x00")] * count),
        "deletes": lambda count: b"\x00" + delete_set({1: [(clock, 1) for clock in range(0, 2 * count - 2, 2)]}),
    }
    for reason, build in cases.items():
        check_update(build(3), limits)
        assert refusal_of(build(4), dataclasses.replace(limits, structs=9) if reason == "types" else limits) == reason
    assert refusal_of(update(item(8, b"\x03" + NULL * 3)), limits) == "structs"
    assert refusal_of(b"\x00" + delete_set({client: [] for client in range(4)}), limits) == "deletes"


def test_200000_invented_clients_are_refused_in_a_message_and_read_back_from_the_store() -> None:
    bomb = fake_clients(200_000)
    assert refusal_of(bomb) == "clients"
    assert len(check_update(bomb, STORED_LIMITS).client_ids) == 200_000


def test_an_update_needs_what_it_refers_to_and_what_comes_before_it() -> None:
    summary = check_update(update(after(2, 7, "x"), after(1, 0, "y"), clock=5, deletes=delete_set({3: [(4, 2)]})))
    assert summary.needs == {1: 5, 2: 8, 3: 6}
    assert missing(summary, {1: 5, 2: 8, 3: 5})
    assert missing(summary, {1: 4, 2: 8, 3: 6})
    assert missing(summary, {})
    assert not missing(summary, {1: 5, 2: 9, 3: 6, 4: 1})


def test_after_a_skip_everything_skipped_is_needed() -> None:
    summary = check_update(update(TEXT, b"\x0a\x05", item(4, b"\x01x"), deletes=delete_set({1: [(0, 9)]})))
    assert summary.ranges == ((1, 0, 3), (1, 8, 9))
    assert summary.needs == {1: 8}
    assert summary.struct_count == 3


def test_a_deletion_beyond_what_is_carried_is_needed() -> None:
    assert check_update(update(TEXT, deletes=delete_set({1: [(0, 4)]}))).needs == {1: 4}
    assert check_update(update(TEXT, deletes=delete_set({1: [(0, 3)]}))).needs == {}
