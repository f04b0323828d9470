"""Between a file's bytes and a document's text: what is taken away is given back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.text_form import TextForm, line_count, restored, unified

BOM = "\ufeff"


@pytest.mark.parametrize(
    ("content", "text", "form"),
    [
        ("", "", TextForm()),
        ("a\nb\n", "a\nb\n", TextForm()),
        ("a\r\nb\r\n", "a\nb\n", TextForm("crlf")),
        (f"{BOM}a\r\nb", "a\nb", TextForm("crlf", has_bom=True)),
        (f"{BOM}", "", TextForm(has_bom=True)),
        ("mostly\r\ncrlf\r\nlines\n", "mostly\ncrlf\nlines\n", TextForm("crlf")),
        ("mostly\nlf\nlines\r\n", "mostly\nlf\nlines\n", TextForm()),
        ("old mac\rlines", "old mac\nlines", TextForm()),
    ],
)
def test_documents_hold_lf_only_and_the_file_remembers_its_form(content: str, text: str, form: TextForm) -> None:
    assert unified(content) == (text, form)


@given(st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=8), max_size=8))
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", BOM])
def test_a_file_of_one_line_ending_comes_back_byte_for_byte(ending: str, mark: str, lines: list[str]) -> None:
    content = mark + ending.join(line.removeprefix(BOM) for line in lines)
    text, form = unified(content)
    assert "\r" not in text
    assert restored(text, form) == content.encode()


@pytest.mark.parametrize(("text", "lines"), [("", 1), ("a", 1), ("a\n", 2), ("a\nb", 2)])
def test_lines_are_counted_as_an_editor_numbers_them(text: str, lines: int) -> None:
    assert line_count(text) == lines
