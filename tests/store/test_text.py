"""What PostgreSQL cannot hold is replaced at the border, the same way everywhere."""

import json

from hypothesis import given
from hypothesis import strategies as st

from server.store import files
from server.store.db import Database
from server.store.text import REPLACEMENT, encode_json, storable
from tests.store.examples import add_file, add_project, add_user

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()))


def test_ordinary_text_is_the_same_object() -> None:
    text = "naïve 😀 e\N{COMBINING ACUTE ACCENT}"
    assert storable(text) is text


def test_nul_and_lone_surrogates_become_the_replacement_character() -> None:
    assert storable("a\0b\ud800c\udfff") == f"a{REPLACEMENT}b{REPLACEMENT}c{REPLACEMENT}"


def test_a_surrogate_pair_written_as_two_units_becomes_its_character() -> None:
    assert storable("\ud83d\ude00") == "😀"


def test_six_characters_that_only_look_like_an_escaped_nul_survive() -> None:
    assert json.loads(encode_json("\\u0000")) == "\\u0000"


@given(ANY_TEXT)
def test_what_is_storable_encodes_and_stays_as_it_is(text: str) -> None:
    once = storable(text)
    assert "\0" not in once
    assert once.encode().decode() == once
    assert storable(once) is once


@given(ANY_TEXT, ANY_TEXT)
def test_json_follows_the_same_rule_inside_values_and_keys(key: str, value: str) -> None:
    assert json.loads(encode_json({key: [value]})) == {storable(key): [storable(value)]}


async def test_text_and_json_with_any_character_are_accepted_by_postgresql(database: Database) -> None:
    text = "nul \0 lone \ud800 pair \ud83d\ude00 slash \\u0000"
    async with database.transaction() as tx:
        project_id = await add_project(tx, await add_user(tx), name="pro\0ject")
        file_id = await add_file(tx, project_id, "main.py")
        refreshed = await files.refresh_content.run(
            tx, file_id=file_id, content=text, content_seq=1, size=1, checksum=None, line_count=1, user_id=None
        )
        assert refreshed == 1
        content = await files.read_content.one(tx, file_id=file_id)
        assert content.content == storable(text)
        [row] = await tx.fetch("select $1::jsonb", [{"text": text}])
        assert row[0] == {"text": storable(text)}
