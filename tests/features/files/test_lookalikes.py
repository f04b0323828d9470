"""Names that look the same are allowed and told."""

import pytest

from protocol.files import CreateFile, MoveFile
from server.features.files.lookalikes import look_alike
from tests.harness.worker import Worker

CYRILLIC_A = "\N{CYRILLIC SMALL LETTER A}"
GREEK_OMICRON = "\N{GREEK SMALL LETTER OMICRON}"


@pytest.mark.parametrize(
    ("path", "other"),
    [
        (f"src/m{CYRILLIC_A}in.py", "src/main.py"),
        ("src/main.py", f"src/m{CYRILLIC_A}in.py"),
        (f"g{GREEK_OMICRON}.mod", "go.mod"),
    ],
)
def test_names_with_letters_of_another_script_look_alike(path: str, other: str) -> None:
    assert look_alike(path, ["src/else.py", path, other]) == other


@pytest.mark.parametrize(
    ("path", "other"), [("main.py", "mein.py"), ("main.py", "main.pyc"), ("\u00e9t\u00e9.txt", "ete.txt"), ("a", "b")]
)
def test_names_that_people_can_tell_apart_do_not(path: str, other: str) -> None:
    assert look_alike(path, [other]) is None


async def test_a_name_that_looks_like_another_only_warns(worker: Worker) -> None:
    ada = await worker.person()
    async with worker.client(ada, await worker.project(ada, {"src/main.py": "", "main.py": ""})) as client:
        made = await client.command(CreateFile(path=f"src/m{CYRILLIC_A}in.py"))
        assert made.looks_like == "src/main.py"
        assert (await client.command(CreateFile(path="src/other.py"))).looks_like is None
        moved = await client.command(MoveFile(path="src/other.py", to=f"m{CYRILLIC_A}in.py"))
        assert moved.looks_like == "main.py"
