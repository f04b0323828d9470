"""Settings: read once from the environment, checked, and frozen."""

import pytest
from pydantic import ValidationError

from server.settings import Settings


def test_a_variable_is_named_like_its_field(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "9001")
    monkeypatch.setenv("UNWRITTEN_LIMIT_BYTES", "65536")
    assert (Settings().port, Settings().unwritten_limit_bytes) == (9001, 65536)


def test_an_empty_variable_is_like_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    assert Settings().database_url is None


@pytest.mark.parametrize(
    ("given", "read"),
    [("a.example", ("a.example",)), (" a.example , b.example,, ", ("a.example", "b.example")), ("*", ("*",)), ("", ())],
)
def test_lists_are_words_between_commas(monkeypatch: pytest.MonkeyPatch, given: str, read: tuple[str, ...]) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", given)
    monkeypatch.setenv("ALLOWED_ORIGINS", given)
    assert Settings().allowed_hosts == read
    assert Settings().allowed_origins == read


@pytest.mark.parametrize(("name", "value"), [("PORT", "70000"), ("TICKET_S", "31"), ("OUTBOX_LIMIT_BYTES", "10")])
def test_a_value_out_of_range_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """P10."""
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=name.lower()):
        Settings()


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        Settings().port = 1


def test_every_bound_says_its_unit_and_what_it_is_for() -> None:
    """P10."""
    for name, field in Settings.model_fields.items():
        assert field.description, name
    units = ("_bytes", "_s", "_ms", "_hours", "_days", "_rows", "_size", "_per_s", "_limit", "_cache")
    numbers = {name for name, field in Settings.model_fields.items() if field.annotation in (int, float)}
    named = {name for name in numbers if name.endswith(units) or name.startswith("max_")}
    assert numbers - named == {"port", "web_concurrency"}
