"""`project import` and `project export`, as an operator runs them."""

import os
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.harness.archives import tarred, zipped
from tests.harness.command_line import Ended, flashio

ADA = "ada@example.org"


@pytest.fixture
async def ada(database_url: str) -> str:
    """The address of the database, with somebody in it."""
    await flashio("user", "create", ADA, DATABASE_URL=database_url)
    return database_url


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A program on the disk, with what nobody wants in a project beside it."""
    made = tmp_path / "lander"
    for name, text in {
        "src/main.py": "print(1)\n",
        ".gitignore": "*.log\n",
        "a.log": "x",
        "node_modules/x.js": "",
    }.items():
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_text(text)
    (made / "src/main.py").chmod(0o755)
    (made / "link").symlink_to("src/main.py")
    (made / "empty").mkdir()
    return made


async def exported(database_url: str, project: str, file: Path) -> Path:
    ended = await flashio("project", "export", project, str(file), DATABASE_URL=database_url)
    assert (ended.code, ended.out) == (0, ""), ended
    return file


def refused(ended: Ended, *words: str) -> bool:
    assert (ended.code, ended.out) == (1, ""), ended
    return all(word in ended.err for word in words)


async def test_a_folder_becomes_a_project_and_an_archive_again(ada: str, folder: Path, tmp_path: Path) -> None:
    ended = await flashio("project", "import", str(folder), "--owner", ADA, DATABASE_URL=ada)
    assert ended.code == 0, ended
    project = ended.out.strip()
    assert "left out: 1" in ended.err
    with zipfile.ZipFile(await exported(ada, project, tmp_path / "out.zip")) as archive:
        assert sorted(archive.namelist()) == [".gitignore", "empty/", "link", "src/", "src/main.py"]
    with tarfile.open(await exported(ada, project, tmp_path / "out.tar.gz")) as archive:
        assert archive.getmember("src/main.py").mode == 0o755
        assert archive.getmember("link").linkname == "src/main.py"


@pytest.mark.parametrize("pack", [zipped, tarred])
async def test_what_was_exported_imports_to_the_same_archive(ada: str, tmp_path: Path, pack) -> None:
    source, first, second = tmp_path / "source", tmp_path / "first.zip", tmp_path / "second.zip"
    source.write_bytes(pack({"a.txt": b"text", "b.bin": os.urandom(3000), "node_modules/c.js": b""}, {"l": "a.txt"}))
    options = ("--owner", ADA, "--name", "Same")
    made = await flashio("project", "import", str(source), "--everything", *options, DATABASE_URL=ada)
    await exported(ada, made.out.strip(), first)
    again = await flashio("project", "import", str(first), *options, DATABASE_URL=ada)
    await exported(ada, again.out.strip(), second)
    assert first.read_bytes() == second.read_bytes()


async def test_what_cannot_be_imported_is_one_sentence(ada: str, tmp_path: Path) -> None:
    evil, fine = tmp_path / "evil.zip", tmp_path / "fine.zip"
    evil.write_bytes(zipped({"../up": b"x"}))
    fine.write_bytes(zipped({"a.txt": b"x"}))
    assert refused(
        await flashio("project", "import", str(evil), "--owner", ADA, DATABASE_URL=ada), "evil.zip", "leads out"
    )
    nobody = await flashio("project", "import", str(fine), "--owner", "eve@example.org", DATABASE_URL=ada)
    assert refused(nobody, "no user eve@example.org")
    nowhere = ("--into", "00000000-0000-0000-0000-000000000000")
    assert refused(
        await flashio("project", "import", str(fine), "--owner", ADA, *nowhere, DATABASE_URL=ada), "no such project"
    )


async def test_an_export_needs_a_project_and_a_name_that_says_its_kind(ada: str, tmp_path: Path) -> None:
    nothing = "00000000-0000-0000-0000-000000000000"
    export = ("project", "export", nothing)
    assert refused(await flashio(*export, str(tmp_path / "out.zip"), DATABASE_URL=ada), "no such project")
    assert refused(await flashio(*export, str(tmp_path / "out.rar"), DATABASE_URL=ada), "neither")
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - a few names, on the loop
