"""node_modules of every folder with a package.json, and the page that client/ builds."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tools.setup.shell import ROOT, SetupError, Stamp, digest, run, say

OLDEST_NODE = 20
CLIENT = ROOT / "client"
PAGE = CLIENT / "dist" / "index.html"
NOT_PAGE_SOURCES = frozenset({"node_modules", "dist", "tests"})


def ensure_node_packages(folder: Path) -> None:
    """Install exactly what the folder's package-lock.json says."""
    stamp = Stamp(folder / "node_modules" / ".setup-stamp")
    key = digest([folder / "package.json", folder / "package-lock.json"])
    if stamp.says(key):
        return
    refuse_old_node()
    say(f"installing npm packages into {folder.relative_to(ROOT)}/node_modules")
    run(
        ["npm", "ci", "--include=dev", "--loglevel=error"],
        cwd=folder,
        env={"npm_config_progress": "false"},
        or_else=f"npm ci failed in {folder.relative_to(ROOT)}; the lines above say why. Is the npm registry reachable?",
    )
    stamp.write(key)


def ensure_page() -> None:
    """Build client/dist when a source of the page changed since the last build."""
    stamp = Stamp(CLIENT / "node_modules" / ".page-stamp")
    key = digest(page_sources(CLIENT))
    if stamp.says(key) and PAGE.is_file():
        return
    say("building the page into client/dist")
    run(["npm", "run", "--silent", "build"], cwd=CLIENT, or_else="the page did not build; the lines above say why")
    if not PAGE.is_file():
        raise SetupError("the page's build made no client/dist/index.html; see the build script in client/package.json")
    stamp.write(key)


def page_sources(folder: Path) -> Iterator[Path]:
    """Yield every file below the folder that can change the page, in a stable order."""
    for entry in sorted(folder.iterdir()):
        if entry.is_dir():
            if entry.name not in NOT_PAGE_SOURCES:
                yield from page_sources(entry)
        else:
            yield entry


def refuse_old_node() -> None:
    """Raise SetupError when node is missing or older than this project needs."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        raise SetupError(f"Node.js {OLDEST_NODE} or newer with npm is needed and was not found on the PATH.")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.lstrip("v").split(".")[0]) < OLDEST_NODE:
        raise SetupError(f"Node.js {OLDEST_NODE} or newer is needed; {node} is {version}.")
