"""The embedded PostgreSQL: first and second start, crashes of either side, and failures that say what to do."""

import asyncio
import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from server.store import embedded
from server.store.embedded import EmbeddedPostgres, install
from server.store.embedded.folder import becomes_true
from server.store.embedded.postmaster import LOCK_FILE
from server.store.failures import EmbeddedFailed

REPOSITORY = Path(__file__).resolve().parents[2]

# Starts PostgreSQL, says so, and waits to be killed.
HOST_PROGRAM = """
import asyncio, sys
from pathlib import Path
from server.store import embedded

async def main():
    postgres = await embedded.start(Path(sys.argv[1]), {"fsync": "off"})
    print(postgres.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder that is not pytest's: every pytest that starts takes back the search permission given there."""
    with tempfile.TemporaryDirectory(prefix="flashio-embedded-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory that was started once."""
    data_dir = tmp_path_factory.mktemp("embedded") / "pg"

    async def first_start() -> None:
        await (await start(data_dir)).stop()

    asyncio.run(first_start())
    return data_dir


async def start(data_dir: Path) -> EmbeddedPostgres:
    return await embedded.start(data_dir, {"fsync": "off"})


async def answer(postgres: EmbeddedPostgres, statement: str) -> object:
    connection = await asyncpg.connect(postgres.dsn)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def start_in_a_host_that_is_killed(data_dir: Path) -> int:
    """Return the number of a postmaster whose parent process died without a word."""
    command = [sys.executable, "-c", HOST_PROGRAM, str(data_dir)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE) as host:
        assert host.stdout is not None
        pid = int(host.stdout.readline())
        host.kill()
    return pid


def start_a_bystander() -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)


def mode(path: str) -> int:
    return stat.S_IMODE(Path(path).stat().st_mode)


def owner(path: str | Path) -> int:
    return Path(path).stat().st_uid


def exists(path: str | Path) -> bool:
    return Path(path).exists()


async def test_a_first_start_makes_a_database_and_what_is_written_is_there_at_the_next(tmp_path: Path) -> None:
    data_dir = tmp_path / "pg"
    postgres = await start(data_dir)
    try:
        await answer(postgres, "create table kept as select 7 as value")
    finally:
        await postgres.stop()
    postgres = await start(data_dir)
    try:
        assert await answer(postgres, "select value from kept") == 7
        assert await answer(postgres, "select pg_encoding_to_char(encoding) from pg_database limit 1") == "UTF8"
        assert await answer(postgres, "select lower('ÉÑ')") == "éñ"
    finally:
        await postgres.stop()


async def test_a_second_start_takes_less_than_two_seconds_and_a_stop_less_than_four(prepared: Path) -> None:
    began = time.monotonic()
    postgres = await start(prepared)
    started = time.monotonic()
    await postgres.stop()
    assert started - began < 2
    assert time.monotonic() - started < 4
    assert not postgres.is_alive()


async def test_nobody_else_can_reach_it(prepared: Path) -> None:
    postgres = await start(prepared)
    try:
        assert await answer(postgres, "show listen_addresses") == ""
        assert mode(str(await answer(postgres, "show unix_socket_directories"))) == 0o700
    finally:
        await postgres.stop()


async def test_commits_are_durable_unless_a_test_says_otherwise(prepared: Path) -> None:
    postgres = await embedded.start(prepared)
    try:
        assert await answer(postgres, "show fsync") == "on"
        assert await answer(postgres, "show synchronous_commit") == "on"
    finally:
        await postgres.stop()


async def test_a_postmaster_whose_host_was_killed_is_adopted(prepared: Path) -> None:
    """P2."""
    pid = start_in_a_host_that_is_killed(prepared)
    postgres = await start(prepared)
    try:
        assert postgres.pid == pid
        assert postgres.is_alive()
        assert await answer(postgres, "select 1") == 1
    finally:
        await postgres.stop()
    assert not postgres.is_alive()


async def test_a_killed_postmaster_is_started_again_with_what_was_committed(prepared: Path) -> None:
    """P2."""
    postgres = await start(prepared)
    idle = await asyncpg.connect(postgres.dsn)
    try:
        await answer(postgres, "drop table if exists survivors")
        await answer(postgres, "create table survivors as select 3 as value")
        os.kill(postgres.pid, signal.SIGKILL)
        assert await becomes_true(lambda: not postgres.is_alive(), 5)
        await postgres.stop()
        again = await start(prepared)
        try:
            assert again.pid != postgres.pid
            assert await answer(again, "select value from survivors") == 3
        finally:
            await again.stop()
    finally:
        idle.terminate()


async def test_a_lock_file_whose_number_now_belongs_to_another_process_is_no_obstacle(prepared: Path) -> None:
    other = start_a_bystander()
    try:
        lines = [str(other.pid), str(prepared / "cluster"), "1", "5432", str(prepared), "", "0 0", "ready"]
        (prepared / "cluster" / LOCK_FILE).write_text("\n".join(lines) + "\n")
        postgres = await start(prepared)
        assert postgres.pid != other.pid
        await postgres.stop()
        assert other.poll() is None
    finally:
        other.communicate(b"\n")


@pytest.mark.parametrize("left_over", ["", "999999\n", "not a number\n"])
async def test_a_lock_file_that_was_cut_short_is_no_obstacle(prepared: Path, left_over: str) -> None:
    (prepared / "cluster" / LOCK_FILE).write_text(left_over)
    await (await start(prepared)).stop()


async def test_a_second_instance_on_the_same_folder_is_refused(prepared: Path) -> None:
    postgres = await start(prepared)
    try:
        with pytest.raises(EmbeddedFailed, match="Another server is using the data folder"):
            await start(prepared)
        assert await answer(postgres, "select 1") == 1
    finally:
        await postgres.stop()


async def test_data_of_another_major_version_is_refused_with_the_steps(prepared: Path) -> None:
    version_file = prepared / "cluster" / "PG_VERSION"
    version_file.write_text("16\n")
    try:
        with pytest.raises(EmbeddedFailed, match=r"made by PostgreSQL 16, .* runs PostgreSQL 18.*pg_dump"):
            await start(prepared)
    finally:
        version_file.write_text("18\n")


async def test_a_start_that_fails_shows_the_end_of_the_log_and_leaves_nothing_running(prepared: Path) -> None:
    with pytest.raises(EmbeddedFailed, match=r"did not start(?s:.*)unrecognized configuration parameter"):
        await embedded.start(prepared, {"no_such_setting": "1"})
    await (await start(prepared)).stop()


async def test_a_folder_that_cannot_be_made_is_one_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(EmbeddedFailed, match=r"The data folder .* cannot be used"):
        await start(tmp_path / "file" / "pg")


@pytest.fixture
def letters(tmp_path: Path) -> Path:
    """Someone's own folder."""
    folder = tmp_path / "letters"
    folder.mkdir()
    folder.chmod(0o755)
    (folder / "letter.txt").write_text("dear diary")
    return folder


async def test_a_folder_with_other_files_is_left_as_it_is(letters: Path) -> None:
    with pytest.raises(EmbeddedFailed, match="holds other files"):
        await start(letters)
    assert mode(str(letters)) == 0o755


async def test_a_path_too_long_for_a_socket_gets_a_private_directory_elsewhere(tmp_path: Path) -> None:
    data_dir = tmp_path / ("long" * 25) / "pg"
    postgres = await start(data_dir)
    directory = str(await answer(postgres, "show unix_socket_directories"))
    try:
        assert len(directory) < 80
        assert mode(directory) == 0o700
    finally:
        await postgres.stop()
    assert not exists(directory)


async def test_a_start_that_is_cancelled_leaves_nothing_running(prepared: Path) -> None:
    starting = asyncio.create_task(start(prepared))
    assert await becomes_true(lambda: exists(prepared / "cluster" / LOCK_FILE), 5)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    await (await start(prepared)).stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes users")
def test_root_opens_blocked_directories_for_search_and_nothing_more(tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    (blocked / "inner").mkdir(parents=True)
    blocked.chmod(0o700)
    install.open_paths(install.find_install(), blocked / "inner", install.ServerUser(65534, 65534))
    assert stat.S_IMODE(blocked.stat().st_mode) == 0o701
    assert stat.S_IMODE((blocked / "inner").stat().st_mode) & 0o002 == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes users")
async def test_root_runs_it_as_the_owner_of_the_data(prepared: Path) -> None:
    postgres = await start(prepared)
    try:
        assert owner(prepared) != 0
        assert owner(f"/proc/{postgres.pid}") == owner(prepared)
    finally:
        await postgres.stop()


async def test_two_of_them_run_side_by_side(prepared: Path) -> None:
    first, second = await start(prepared), await start(prepared.parent / "other")
    try:
        assert await answer(first, "select 1") == await answer(second, "select 1") == 1
    finally:
        await first.stop()
        await second.stop()
