"""`python3 -m tools.setup run|test`: the installing behind every make target.

This file must parse on old Pythons too, so that they get a sentence instead of a SyntaxError.
"""

import os
import shutil
import sys

OLDEST_PYTHON = (3, 11)
NEWER_PYTHONS = ("python3.13", "python3.12", "python3.11")


def restart_on_a_newer_python() -> None:
    """Replace this process by one on Python >= 3.11, or end with a sentence when there is none."""
    for name in NEWER_PYTHONS:
        found = shutil.which(name)
        if found:
            os.execv(found, [found, "-m", "tools.setup", *sys.argv[1:]])
    here = ".".join(str(part) for part in sys.version_info[:3])
    sys.exit(
        f"setup: Python 3.11 or newer is needed; {sys.executable} is Python {here}. "
        "Install it and run make again, or name it: make PYTHON=/path/to/python3.11"
    )


if sys.version_info[:2] < OLDEST_PYTHON:
    restart_on_a_newer_python()

from tools.setup.steps import main  # noqa: E402 (an old Python could not read it)

sys.exit(main(sys.argv[1:]))
