"""The browser of the browser tests: yours, the machine's, one from npm, or apt's when root, in this order."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tools.setup.apt import install_debian_package
from tools.setup.node_packages import ensure_node_packages
from tools.setup.shell import ROOT, SetupError, Stamp, digest, run, say

PACKAGE_FOLDER = ROOT / "tests" / "browser"
PACKED = PACKAGE_FOLDER / "node_modules" / "@sparticuz" / "chromium" / "bin"
CACHE = ROOT / ".cache"
CHOICE = CACHE / "browser"
INSTALLED_NAMES = ("google-chrome", "google-chrome-stable", "chromium", "chromium-browser")
START_TIMEOUT_S = 30
ADVICE = (
    "no working Chromium was found for the browser tests. Run once: sudo apt-get install -y chromium "
    "(or name one: FLASHIO_BROWSER=/path/to/chromium), then make again."
)

# The package carries the few libraries a bare system lacks (NSS above all) and one font; both stay inside this folder.
LAUNCHER = """\
#!/bin/sh
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
export LD_LIBRARY_PATH="$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export FONTCONFIG_FILE="$here/fonts.conf"
exec "$here/chromium" "$@"
"""
FONTS_CONF = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir prefix="relative">fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
"""


def chosen_browser() -> Path | None:
    """Return FLASHIO_BROWSER, or what the last setup chose; None when there is neither."""
    named = os.environ.get("FLASHIO_BROWSER")
    if named:
        return Path(named)
    return Path(CHOICE.read_text()) if CHOICE.is_file() else None


def ensure_browser() -> None:
    """Find or install a Chromium that starts, and remember it for the tests."""
    if "FLASHIO_BROWSER" in os.environ:
        if not starts(Path(os.environ["FLASHIO_BROWSER"])):
            raise SetupError("FLASHIO_BROWSER names a program that does not start as a Chromium.")
        return
    stamp = Stamp(CACHE / "browser-stamp")
    key = digest([PACKAGE_FOLDER / "package-lock.json"])
    chosen = chosen_browser()
    if chosen is not None and stamp.says(key) and os.access(chosen, os.X_OK):
        return
    stamp.remove()
    browser = next(filter(starts, candidates()), None)
    if browser is None:
        raise SetupError(ADVICE)
    CACHE.mkdir(exist_ok=True)
    CHOICE.write_text(str(browser))
    stamp.write(key)
    say(f"browser tests will use {browser}")


def candidates() -> Iterator[Path]:
    """Yield browsers to try; each later one is installed only when the earlier ones do not start."""
    yield from installed_browsers()
    if PACKAGE_FOLDER.joinpath("package-lock.json").is_file():
        ensure_node_packages(PACKAGE_FOLDER)
        if PACKED.joinpath("chromium.br").is_file():
            yield unpack_browser(CACHE / "chromium")
    install_debian_package("chromium", because="the one from npm does not start here", advice=ADVICE)
    yield from installed_browsers()


def installed_browsers() -> Iterator[Path]:
    for name in INSTALLED_NAMES:
        found = shutil.which(name)
        if found:
            yield Path(found)


def starts(browser: Path) -> bool:
    """Tell whether the program runs here at all: right processor, no shared library missing."""
    try:
        command = [str(browser), "--headless", "--no-sandbox", "--disable-gpu", "--version"]
        done = subprocess.run(command, check=False, capture_output=True, timeout=START_TIMEOUT_S)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def unpack_browser(target: Path) -> Path:
    """Unpack the npm package into the target folder, replacing it whole, and return the program to start."""
    say("unpacking Chromium into .cache/chromium")
    CACHE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as made:
        folder = Path(made) / "chromium"
        folder.mkdir()
        decompress("chromium.br", folder / "chromium")
        for archive in ("al2023.tar", "fonts.tar", "swiftshader.tar"):
            decompress(f"{archive}.br", folder / archive)
            run(["tar", "-xf", archive, "--no-same-owner"], cwd=folder, or_else=f"tar could not unpack {archive}")
            folder.joinpath(archive).unlink()
        folder.joinpath("fonts.conf").write_text(FONTS_CONF)
        launcher = folder / "chromium-launcher"
        launcher.write_text(LAUNCHER)
        for program in (launcher, folder / "chromium"):
            program.chmod(0o755)
        shutil.rmtree(target, ignore_errors=True)
        folder.rename(target)
    return target / "chromium-launcher"


def decompress(packed: str, target: Path) -> None:
    script = Path(__file__).with_name("brotli.mjs")
    run(["node", script, PACKED / packed, target], or_else=f"Node could not unpack {packed}")
