"""The last resort of setup: a Debian package, when we are root and the registries have nothing that serves."""

import os
import shutil

from tools.setup.shell import SetupError, run, say

QUIETLY = {"DEBIAN_FRONTEND": "noninteractive"}
INSTALL = ("apt-get", "install", "-y", "-qq", "-o", "Dpkg::Use-Pty=0", "--no-install-recommends")


def install_debian_package(package: str, *, because: str, advice: str) -> None:
    """Install one package.

    Raises:
        SetupError: with `advice`, when this is not root on a Debian-like system or apt-get fails.
    """
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise SetupError(advice)
    say(f"installing {package} with apt-get: {because}")
    run(["apt-get", "update", "-qq"], env=QUIETLY, or_else=advice)
    run([*INSTALL, package], env=QUIETLY, or_else=advice)
