"""The templates that come with the server: folders beside this file, brought into the database when they are newer."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from protocol.templates import GivenVariable, TemplateVariable
from protocol.text_form import line_count
from server.features.files.languages import language_of, mime_type_of
from server.features.files.rows import is_hidden
from server.features.templates.variables import stored
from server.store import templates as store
from server.store.db import Database, Transaction

FOLDER = Path(__file__).parent / "built_in"
DESCRIPTION, FILES = "template.json", "files"


@dataclass(frozen=True, slots=True)
class OwnTemplate:
    """`texts` by path, None for a directory; `slug` is its folder's name."""

    slug: str
    name: str
    description: str
    category: str
    tags: list[str]
    tech_stack: list[str]
    variables: list[TemplateVariable]
    texts: dict[str, str | None]

    @property
    def version(self) -> str:
        """SHA-256 of all that is in it, in hexadecimal."""
        parts = [repr(part) for part in (self.name, self.description, self.category, self.tags, self.tech_stack)]
        parts += [variable.model_dump_json() for variable in self.variables]
        parts += [repr(entry) for entry in sorted(self.texts.items())]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def own_templates(folder: Path = FOLDER) -> list[OwnTemplate]:
    return [_read(path) for path in sorted(folder.iterdir()) if (path / DESCRIPTION).is_file()]


async def ensure_own_templates(db: Database) -> None:
    """Bring what the database lacks or has an older version of; several processes may do so at once."""
    for template in own_templates():
        async with db.transaction() as tx:
            await _ensure(tx, template)


async def _ensure(tx: Transaction, template: OwnTemplate) -> None:
    template_id = await store.ensure_own_template.maybe(
        tx,
        slug=template.slug,
        version=template.version,
        name=template.name,
        description=template.description,
        category=template.category,
        tags=template.tags,
        tech_stack=template.tech_stack,
        variables=stored(template.variables),
    )
    if template_id is None:
        return
    entries = sorted(template.texts.items())
    paths, texts = [path for path, _ in entries], [text or "" for _, text in entries]
    await store.discard_files.run(tx, template_id=template_id)
    await store.add_texts.run(
        tx,
        template_id=template_id,
        paths=paths,
        contents=texts,
        languages=[language_of(path, text or "") or "" for path, text in entries],
        mime_types=["" if text is None else mime_type_of(path, is_binary=False) for path, text in entries],
        sizes=[len(text.encode()) for text in texts],
        checksums=[hashlib.sha256(text.encode()).digest() for text in texts],
        line_counts=[0 if text is None else line_count(text) for _, text in entries],
        are_directories=[text is None for _, text in entries],
        are_executable=[bool(text and text.startswith("#!")) for _, text in entries],
        are_hidden=[is_hidden(path) for path in paths],
    )
    await store.describe_structure.run(tx, template_id=template_id)


def _read(folder: Path) -> OwnTemplate:
    described = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
    texts = dict(_texts(folder / FILES))
    variables = [GivenVariable.model_validate(variable) for variable in described["variables"]]
    return OwnTemplate(
        folder.name,
        described["name"],
        described["description"],
        described["category"],
        described["tags"],
        described["techStack"],
        [TemplateVariable(**given.model_dump(), in_paths=_is_in(given.name, texts)) for given in variables],
        texts,
    )


def _texts(folder: Path) -> Iterator[tuple[str, str | None]]:
    for path in sorted(folder.rglob("*")):
        name = PurePosixPath(path.relative_to(folder)).as_posix()
        yield name, None if path.is_dir() else path.read_text(encoding="utf-8")


def _is_in(name: str, paths: dict[str, str | None]) -> bool:
    return any(f"{{{{{name}}}}}" in path for path in paths)
