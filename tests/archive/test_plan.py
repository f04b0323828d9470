"""What an archive is to become: what is left out, what is kept, how names are read."""

import io
import stat
import zipfile
from collections.abc import Mapping

import pytest

from server.archive.entry import ArchiveRefused
from server.archive.limits import ArchiveLimits
from server.archive.links import leads_out
from server.archive.opening import archive_reader
from server.archive.packing import ArchiveFormat, packer_of
from server.archive.plan import Choice, path_of
from server.archive.unpacked import Began, Directory, Link, Planned, unpack
from tests.harness.archives import tarred, zipped

LIMITS = ArchiveLimits()


def unpacked(data: bytes, choice: Choice = Choice()) -> tuple[Planned, dict[str, bytes], list[str]]:  # noqa: B008
    """The plan, the files' bytes by path, and the directories; links are files that begin with `->`."""
    plan, files, directories, path = Planned(0, 0, 0, []), {}, [], ""
    for message in unpack(archive_reader(io.BytesIO(data), LIMITS), choice, LIMITS):
        match message:
            case Planned():
                plan = message
            case Directory(path):
                directories.append(path)
            case Link(path, target):
                files[path] = f"-> {target}".encode()
            case Began(path):
                files[path] = b""
            case bytes():
                files[path] += message
    return plan, files, directories


@pytest.mark.parametrize("pack", [zipped, tarred, lambda files: tarred(files, is_packed=False)])
def test_git_packages_and_what_a_gitignore_names_are_left_out(pack) -> None:
    files = {
        ".gitignore": b"*.log\nbuild/\n!keep.log\n",
        "a.log": b"1",
        "keep.log": b"2",
        "build/out.js": b"3",
        "src/.gitignore": b"secret.txt\n!a.log\n",
        "src/secret.txt": b"4",
        "src/a.log": b"5",
        "secret.txt": b"6",
        ".git/config": b"7",
        "web/node_modules/left-pad/index.js": b"8",
        "__MACOSX/._a": b"9",
    }
    plan, found, _ = unpacked(pack(files))
    assert set(found) == {".gitignore", "keep.log", "src/.gitignore", "src/a.log", "secret.txt"}
    assert plan.skipped == 6
    assert set(unpacked(pack(files), Choice(takes_everything=True))[1]) == set(files)


def test_hard_links_in_what_is_left_out_keep_nothing_from_being_imported() -> None:
    _, found, _ = unpacked(tarred({"a.txt": b"1", "node_modules/x": b"2"}, {"node_modules/.bin/x": "/usr/bin/x"}))
    assert set(found) == {"a.txt"}


@pytest.mark.parametrize("kind", ArchiveFormat)
def test_what_we_exported_is_taken_whole_whatever_its_gitignore_says(kind: ArchiveFormat) -> None:
    packer, data = packer_of(kind), b""
    for path, content in {".env": b"KEY=1", ".gitignore": b".env\n", "node_modules/x.js": b""}.items():
        data += packer.begin(path, len(content), 0o644) + packer.write(content)
    assert set(unpacked(data + packer.finish())[1]) == {".env", ".gitignore", "node_modules/x.js"}


def test_names_beginning_with_a_dot_and_a_slash_are_those_of_the_root() -> None:
    _, found, directories = unpacked(tarred({"./a.txt": b"1", "./src/b.txt": b"2"}))
    assert set(found) == {"a.txt", "src/b.txt"}
    assert directories == ["src"]


def test_names_in_a_zip_are_utf8_whether_or_not_the_zip_says_so() -> None:
    told = zipped({"é.txt": b"1"})
    untold = bytearray(told)
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        untold[untold.index(mark) + at + 1] &= ~0x08
    assert set(unpacked(told)[1]) == set(unpacked(bytes(untold))[1]) == {"é.txt"}


def test_a_name_whose_encoding_nobody_knows_is_read_as_cp437_and_warned_of() -> None:
    data = zipped({"name?.txt": b"1"}).replace(b"name?", b"name\x82")
    plan, found, _ = unpacked(data)
    assert set(found) == {"nameé.txt"}
    assert "CP437" in plan.warnings[0]


def test_a_zip_from_another_system_has_plain_files(tmp_path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo("a.txt")
        info.create_system, info.external_attr = 0, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, b"text")
    assert unpacked(out.getvalue())[1] == {"a.txt": b"text"}


def test_both_names_of_a_case_clash_are_kept_for_who_wants_them() -> None:
    files = {"README": b"1", "readme": b"2"}
    assert unpacked(zipped(files), Choice(keeps_case_clashes=True))[1] == files


@pytest.mark.parametrize(
    ("links", "path", "leads"),
    [
        ({"a": "b"}, "a", False),
        ({"a": ".."}, "a", True),
        ({"d/a": "..", "b": "d/a/.."}, "b", True),
        ({"d/a": "..", "b": "d/a/x"}, "b", False),
        ({"a": "b", "b": "a"}, "a", False),
        ({"a": "a/x"}, "a", False),
        ({"d/e/a": "../..", "b": "d/e/a/d/e/a/y"}, "b", False),
        ({"d/e/a": "../..", "b": "d/e/a/d/e/a/../y"}, "b", True),
    ],
)
def test_links_are_followed_through_other_links(links: Mapping[str, str], path: str, leads: bool) -> None:
    assert leads_out(path, links) is leads


@pytest.mark.parametrize(("name", "path"), [("a/b/", "a/b"), ("./", None), ("././a", "a"), ("", None), (".", None)])
def test_a_member_name_becomes_a_path(name: str, path: str | None) -> None:
    assert path_of(name) == path


def test_a_zip_entry_without_a_name_is_refused() -> None:
    with pytest.raises(ArchiveRefused, match="no name"):
        unpacked(tarred({"./": b"x"}))


@pytest.mark.parametrize(
    ("names", "is_warned"),
    [
        (["paypal.txt", "p\u0430ypal.txt"], True),
        (["a/paypal.txt", "b/p\u0430ypal.txt"], False),
        (["l.txt", "1.txt"], False),
        (["\u00e9.txt", "e.txt"], False),
        (["scope/x", "\u0455cope/y"], True),
    ],
)
def test_names_that_look_the_same_are_warned_of(names: list[str], is_warned: bool) -> None:
    plan, found, _ = unpacked(zipped(dict.fromkeys(names, b"")))
    assert set(found) == set(names)
    assert [("look the same" in warning) for warning in plan.warnings] == [True] * is_warned
