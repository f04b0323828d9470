"""`.venv`: the virtual environment with every Python package, at the versions and hashes of requirements/."""

import os
import shutil
import sys
import venv
from importlib.util import find_spec

from tools.setup.apt import install_debian_package
from tools.setup.shell import ROOT, SetupError, Stamp, digest, run, say

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements" / "lock.txt"
UV_LOCK = ROOT / "requirements" / "uv.txt"
NO_NETWORK = "Installing Python packages failed; the lines above say why. Is the package index reachable?"
NO_ENSUREPIP = (
    "this Python cannot make virtual environments. Run once: sudo apt-get install -y python3-venv "
    "(elsewhere: your system's package with ensurepip), then make again."
)


def ensure_python_packages() -> None:
    """Make `.venv` hold exactly what requirements/lock.txt says."""
    stamp = Stamp(VENV / ".setup-stamp")
    key = digest([LOCK, UV_LOCK])
    if stamp.says(key) and os.access(PYTHON, os.X_OK):
        return
    stamp.remove()
    if not (os.access(PYTHON, os.X_OK) and os.access(VENV / "bin" / "uv", os.X_OK)):
        create_venv()
        say("installing uv from PyPI")
        run([PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", UV_LOCK], or_else=NO_NETWORK)
    say("installing Python packages from PyPI into .venv")
    install_locked_packages()
    stamp.write(key)


def create_venv() -> None:
    say(f"making .venv with Python {sys.version.split()[0]} ({sys.executable})")
    if VENV.exists():
        shutil.rmtree(VENV)
    if is_installed("ensurepip"):
        venv.create(VENV, with_pip=True, symlinks=True)
    elif is_installed("pip"):
        venv.create(VENV, with_pip=False, symlinks=True)
        run([sys.executable, "-m", "pip", "--python", PYTHON, "install", "--quiet", "pip"], or_else=NO_NETWORK)
    else:
        install_debian_package("python3-venv", because="this Python cannot make .venv without it", advice=NO_ENSUREPIP)
        venv.create(VENV, with_pip=True, symlinks=True)


def is_installed(module: str) -> bool:
    """Tell whether the module has a file; a leftover empty folder of that name does not count."""
    spec = find_spec(module)
    return spec is not None and spec.origin is not None


def install_locked_packages() -> None:
    """Sync with uv; when uv cannot reach an index, let pip try, which knows the user's own pip settings."""
    try:
        run(
            [VENV / "bin" / "uv", "pip", "sync", "--quiet", "--python", PYTHON, "--require-hashes", LOCK],
            or_else="uv could not install the packages",
        )
    except SetupError as error:
        say(f"{error}; trying pip, which reads your pip settings")
        run([PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", LOCK], or_else=NO_NETWORK)
