"""The file tree: paths that lead somewhere, used to, or never did."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from server.store import files
from server.store.db import Connection, Database
from server.store.failures import ConstraintRefused
from server.store.files import PathMatch
from tests.store.examples import add_document, add_file, add_project, add_user

FAR = datetime(2100, 1, 1, tzinfo=UTC)


class Tree:
    """A project with src/, src/main.py, src/lib/util.py and beside it srcs.txt, whose path starts the same."""

    def __init__(self, connection: Connection, project_id: UUID, ids: dict[str, UUID]) -> None:
        self.connection = connection
        self.project_id = project_id
        self.ids = ids

    async def move(self, old_path: str, new_path: str, parent_id: UUID | None = None) -> list[files.MovedRow]:
        return await files.move_tree.all(
            self.connection,
            project_id=self.project_id,
            old_path=old_path,
            new_path=new_path,
            parent_id=parent_id,
            user_id=None,
        )

    async def delete(self, path: str) -> list[files.DeletedRow]:
        return await files.delete_tree.all(self.connection, project_id=self.project_id, path=path, user_id=None)

    async def paths(self) -> list[str]:
        rows = await files.list_files.all(self.connection, project_id=self.project_id, after_path="", limit=100)
        return [row.path for row in rows]

    async def trace(self, path: str) -> tuple[UUID, str, PathMatch] | None:
        row = await files.trace_path.maybe(self.connection, project_id=self.project_id, path=path)
        return None if row is None else (row.file_id, row.path, row.via)


@pytest.fixture
async def tree(database: Database):
    async with database.acquire() as connection:
        project_id = await add_project(connection, await add_user(connection))
        ids: dict[str, UUID] = {}
        for path, parent in (("src", None), ("src/lib", "src"), ("srcs.txt", None)):
            is_directory = "." not in path
            ids[path] = await add_file(
                connection, project_id, path, parent_id=ids.get(parent or ""), is_directory=is_directory
            )
        for path, parent in (("src/main.py", "src"), ("src/lib/util.py", "src/lib")):
            ids[path] = await add_file(connection, project_id, path, parent_id=ids[parent])
        yield Tree(connection, project_id, ids)


async def test_files_are_listed_by_path_page_by_page(tree: Tree) -> None:
    first = await files.list_files.all(tree.connection, project_id=tree.project_id, after_path="", limit=3)
    rest = await files.list_files.all(tree.connection, project_id=tree.project_id, after_path=first[-1].path, limit=3)
    assert [row.path for row in [*first, *rest]] == ["src", "src/lib", "src/lib/util.py", "src/main.py", "srcs.txt"]


async def test_a_path_is_taken_once_by_a_live_file(tree: Tree) -> None:
    again = await files.create_file.maybe(
        tree.connection,
        project_id=tree.project_id,
        path="srcs.txt",
        parent_id=None,
        is_directory=False,
        content="other",
        blob_id=None,
        size=5,
        checksum=None,
        line_count=1,
        language=None,
        mime_type=None,
        is_binary=False,
        symlink_target=None,
        permissions=None,
        is_executable=False,
        is_hidden=False,
        user_id=None,
    )
    assert again is None


async def test_a_moved_directory_takes_all_that_is_under_it_and_nothing_beside_it(tree: Tree) -> None:
    moved = await tree.move("src", "app")
    assert [(row.old_path, row.new_path) for row in moved] == [
        ("src", "app"),
        ("src/lib", "app/lib"),
        ("src/lib/util.py", "app/lib/util.py"),
        ("src/main.py", "app/main.py"),
    ]
    assert await tree.paths() == ["app", "app/lib", "app/lib/util.py", "app/main.py", "srcs.txt"]


async def test_an_old_path_leads_to_the_file_where_it_is_now_however_often_it_moved(tree: Tree) -> None:
    await tree.move("src", "app")
    await tree.move("app/main.py", "app/start.py", tree.ids["src"])
    for path in ("src/main.py", "app/main.py"):
        assert await tree.trace(path) == (tree.ids["src/main.py"], "app/start.py", PathMatch.ALIAS)
    assert await tree.trace("app/start.py") == (tree.ids["src/main.py"], "app/start.py", PathMatch.LIVE)
    alias = await files.find_alias.one(tree.connection, project_id=tree.project_id, path="src/main.py")
    assert alias.file_id == tree.ids["src/main.py"]


async def test_a_path_without_history_leads_nowhere(tree: Tree) -> None:
    assert await tree.trace("never/was.py") is None


async def test_a_live_file_comes_before_what_used_to_be_at_its_path(tree: Tree) -> None:
    await tree.move("srcs.txt", "notes.txt")
    fresh = await add_file(tree.connection, tree.project_id, "srcs.txt")
    assert await tree.trace("srcs.txt") == (fresh, "srcs.txt", PathMatch.LIVE)


async def test_a_directory_is_not_moved_into_itself(tree: Tree) -> None:
    assert await tree.move("src", "src/lib/src") == []
    assert await tree.move("src", "src") == []


async def test_a_move_onto_a_live_path_is_refused_whole(tree: Tree) -> None:
    with pytest.raises(ConstraintRefused) as refused:
        await tree.move("src/main.py", "srcs.txt")
    assert refused.value.constraint == "project_files_live_path"
    assert "src/main.py" in await tree.paths()


async def test_a_deleted_directory_leaves_tombstones_of_all_that_is_under_it(tree: Tree) -> None:
    deleted = await tree.delete("src")
    assert [row.path for row in deleted] == ["src", "src/lib", "src/lib/util.py", "src/main.py"]
    assert await tree.paths() == ["srcs.txt"]
    assert await tree.trace("src/main.py") == (tree.ids["src/main.py"], "src/main.py", PathMatch.TOMBSTONE)


async def test_the_path_of_a_deleted_file_can_be_used_again(tree: Tree) -> None:
    await tree.delete("srcs.txt")
    fresh = await add_file(tree.connection, tree.project_id, "srcs.txt")
    await tree.delete("srcs.txt")
    assert await tree.trace("srcs.txt") == (fresh, "srcs.txt", PathMatch.TOMBSTONE)


async def test_a_moved_file_that_was_deleted_is_found_as_deleted_by_its_old_path(tree: Tree) -> None:
    await tree.move("srcs.txt", "notes.txt")
    await tree.delete("notes.txt")
    row = await files.trace_path.one(tree.connection, project_id=tree.project_id, path="srcs.txt")
    assert row.file_id == tree.ids["srcs.txt"]
    assert row.deleted_at is not None


async def test_purged_tombstones_take_their_documents_and_no_live_file(tree: Tree) -> None:
    document_id = await add_document(tree.connection, tree.project_id, "doc.md")
    await tree.delete("doc.md")
    await tree.delete("src")
    late = await add_file(tree.connection, tree.project_id, "src/late.py", parent_id=tree.ids["src"])
    for _ in range(2):
        await files.purge_tombstones.run(tree.connection, before=FAR, limit=100)
    assert await files.get_file.maybe(tree.connection, file_id=document_id) is None
    assert await files.get_file.maybe(tree.connection, file_id=tree.ids["src/main.py"]) is None
    assert await files.get_file.maybe(tree.connection, file_id=late) is not None


async def refresh(tree: Tree, content: str, seq: int) -> int:
    return await files.refresh_content.run(
        tree.connection,
        file_id=tree.ids["srcs.txt"],
        content=content,
        content_seq=seq,
        size=len(content),
        checksum=bytes(32),
        line_count=1,
        user_id=None,
    )


async def test_the_cached_content_never_goes_back_to_an_older_number(tree: Tree) -> None:
    assert [await refresh(tree, "five", 5), await refresh(tree, "four", 4), await refresh(tree, "again", 5)] == [
        1,
        0,
        0,
    ]
    content = await files.read_content.one(tree.connection, file_id=tree.ids["srcs.txt"])
    assert (content.content, content.content_seq, content.size) == ("five", 5, 4)


async def write(tree: Tree, file_id: UUID, content: str) -> int:
    return await files.write_content.run(
        tree.connection,
        file_id=file_id,
        content=content,
        binary_content=None,
        size=len(content),
        checksum=None,
        line_count=1,
        is_binary=False,
        user_id=None,
    )


async def test_content_is_written_over_a_file_and_never_over_a_document(tree: Tree) -> None:
    """P7."""
    document_id = await add_document(tree.connection, tree.project_id, "doc.md")
    assert await write(tree, tree.ids["srcs.txt"], "new") == 1
    assert await write(tree, document_id, "new") == 0
    assert await write(tree, tree.ids["src"], "a directory") == 0
