"""Setup installs what is locked, from whatever registry the user has, and does nothing when nothing changed."""

import ast
import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.setup.node_packages import page_sources
from tools.setup.shell import ROOT, Stamp, digest

PYTHON_LOCKS = (ROOT / "requirements" / "lock.txt", ROOT / "requirements" / "uv.txt")
NODE_FOLDERS = sorted(
    path.parent
    for folder in (ROOT / "client", ROOT / "tests")
    for path in folder.rglob("package.json")
    if "node_modules" not in path.parts
)
TARGETS = ("run", "test", "check", "setup", "build", "bench", "fmt", "lock", "clean", "help")


def names_of(folders: list[Path]) -> list[str]:
    return [str(folder.relative_to(ROOT)) for folder in folders]


@pytest.mark.parametrize("lock", PYTHON_LOCKS, ids=lambda path: path.name)
def test_python_locks_have_hashes_and_name_no_registry(lock: Path) -> None:
    text = lock.read_text()
    for line in text.splitlines():
        assert not line.startswith("--"), f"{lock.name} carries an option: {line}"
        assert "://" not in line.partition("#")[0]
    for package in re.split(r"\n(?=\S)", text):
        assert "--hash=sha256:" in package


def test_every_dependency_of_the_project_is_locked_at_a_version_it_allows() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    locked = dict(re.findall(r"^([\w.-]+)==([^\s;]+)", PYTHON_LOCKS[0].read_text(), re.MULTILINE))
    for requirement in map(Requirement, wanted):
        version = locked.get(canonicalize_name(requirement.name), "none")
        assert requirement.specifier.contains(version), f"{requirement} is locked at {version}: run make lock"


@pytest.mark.parametrize("folder", NODE_FOLDERS, ids=names_of(NODE_FOLDERS))
def test_npm_locks_match_their_package_have_hashes_and_name_no_registry(folder: Path) -> None:
    package = json.loads((folder / "package.json").read_text())
    packages = json.loads((folder / "package-lock.json").read_text())["packages"]
    for kind in ("dependencies", "devDependencies"):
        assert packages[""].get(kind, {}) == package.get(kind, {}), "run make lock"
    for path, entry in packages.items():
        assert "resolved" not in entry, f"{path} names a registry; keep the .npmrc of this folder"
        assert path == "" or entry.get("link") or entry["integrity"].startswith("sha512-")


@pytest.mark.parametrize("folder", NODE_FOLDERS, ids=names_of(NODE_FOLDERS))
def test_every_npm_folder_has_the_same_npm_settings(folder: Path) -> None:
    assert (folder / ".npmrc").read_text() == (ROOT / ".npmrc").read_text()


def test_a_stamp_says_yes_only_to_the_key_it_was_written_with(tmp_path: Path) -> None:
    stamp = Stamp(tmp_path / "made" / ".stamp")
    assert not stamp.says("one")
    stamp.write("one")
    assert stamp.says("one")
    assert not stamp.says("two")
    stamp.remove()
    assert not stamp.says("one")


def test_the_digest_changes_with_every_name_and_every_byte(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.write_text("same")
    second.write_text("same")
    seen = {digest([]), digest([first]), digest([second]), digest([first, second])}
    first.write_text("sama")
    seen.add(digest([first]))
    assert len(seen) == 5
    assert digest([first, tmp_path / "missing"]) == digest([first])


def test_the_page_is_made_of_all_its_sources_and_of_nothing_that_is_installed_or_built(tmp_path: Path) -> None:
    for name in (
        "package.json",
        "page/index.html",
        "socket/socket.ts",
        "node_modules/x/y.js",
        "dist/z.js",
        "tests/t.ts",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    found = [str(path.relative_to(tmp_path)) for path in page_sources(tmp_path)]
    assert found == ["package.json", "page/index.html", "socket/socket.ts"]


def test_make_help_names_every_target_with_a_line() -> None:
    done = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    listed = {line.split()[1]: line.split()[2:] for line in done.stdout.splitlines()}
    assert sorted(listed) == sorted(TARGETS)
    assert all(listed.values())


def test_an_old_python_can_read_the_file_that_tells_it_that_it_is_old() -> None:
    ast.parse((ROOT / "tools" / "setup" / "__main__.py").read_text(), feature_version=(3, 7))
    ast.parse((ROOT / "tools" / "setup" / "__init__.py").read_text(), feature_version=(3, 7))
