"""Range headers: parts that exist, parts that do not, and headers that mean nothing."""

import pytest

from server.transport.ranges import NotSatisfiable, Part, asked_part

ETAG = '"abc"'


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-0", Part(0, 1)),
        ("bytes=2-4", Part(2, 5)),
        ("bytes=2-", Part(2, 10)),
        ("bytes=2-999", Part(2, 10)),
        ("bytes=-3", Part(7, 10)),
        ("bytes=-99", Part(0, 10)),
        (" bytes=1-1 ", Part(1, 2)),
        (None, None),
        ("", None),
        ("bytes=-", None),
        ("bytes=4-2", None),
        ("bytes=0-1,3-4", None),
        ("lines=1-2", None),
        ("bytes=a-b", None),
        ("bytes=" + "9" * 40 + "-", None),
    ],
)
def test_a_range_names_a_part_of_ten_bytes(header: str | None, part: Part | None) -> None:
    assert asked_part(header, None, ETAG, 10) == part


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=10-12", "bytes=-0"])
def test_a_range_behind_the_end_cannot_be_satisfied(header: str) -> None:
    with pytest.raises(NotSatisfiable):
        asked_part(header, None, ETAG, 10)


@pytest.mark.parametrize("header", ["bytes=0-0", "bytes=-1"])
def test_no_part_of_an_empty_file_exists(header: str) -> None:
    with pytest.raises(NotSatisfiable):
        asked_part(header, None, ETAG, 0)


def test_a_part_is_sent_only_of_the_version_the_client_has() -> None:
    assert asked_part("bytes=1-2", ETAG, ETAG, 10) == Part(1, 3)
    assert asked_part("bytes=1-2", '"older"', ETAG, 10) is None
    assert asked_part("bytes=1-2", "Sun, 22 Nov 2026 18:00:00 GMT", ETAG, 10) is None
