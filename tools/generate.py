"""Writes every generated file; `--check` only compares, and exits 1 naming those that differ.

Examples:
    python -m tools.generate
    python -m tools.generate --check
"""

import argparse
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path

from tools import typescript, vectors
from tools.wire_models import find_models

ROOT = Path(__file__).resolve().parent.parent
Outputs = dict[Path, str]  # path from the root of the repository -> the text that belongs there


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.generate", description="Write the generated files.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a file differs")
    chosen = parser.parse_args(arguments)
    outputs = render_all()
    stale = [path for path, text in outputs.items() if not _holds(ROOT / path, text)]
    if chosen.check:
        for path in stale:
            print(f"{path} differs from its sources: run `python -m tools.generate`", file=sys.stderr)
        return 1 if stale else 0
    for path in stale:
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(outputs[path], encoding="utf-8")
        print(f"wrote {path}")
    return 0


def render_all() -> Outputs:
    """Every generated file as it should be; the settings table only once there are settings."""
    outputs = {
        Path("client/src/wire.gen.ts"): typescript.render(find_models()),
        Path("protocol/vectors/messages.json"): vectors.render(),
    }
    if importlib.util.find_spec("server.settings"):
        render_table: Callable[[str], str] = importlib.import_module("tools.settings_table").render
        path = Path("docs/operations.md")
        outputs[path] = render_table((ROOT / path).read_text(encoding="utf-8") if (ROOT / path).exists() else "")
        outputs[Path("docs/rights.md")] = importlib.import_module("tools.rights_table").render()
    return outputs


def _holds(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main())
