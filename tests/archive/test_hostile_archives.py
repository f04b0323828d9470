"""Archives that mean harm are refused with a reason before anything of them could be used."""

import io

import pytest

from server.archive.entry import ArchiveRefused
from server.archive.limits import MIB, ArchiveLimits
from server.archive.opening import archive_reader
from server.archive.plan import Choice
from server.archive.unpacked import unpack
from tests.harness import archives
from tests.harness.archives import Hostile

LIMITS = ArchiveLimits(entries=250, files=1000, total_bytes=1024 * MIB)
EVERYTHING = [
    *archives.zip_slips(),
    *archives.bad_links(),
    *archives.bombs(),
    *archives.clashes(),
    *archives.damaged(),
]


@pytest.mark.parametrize("hostile", EVERYTHING, ids=lambda hostile: hostile.name)
def test_a_hostile_archive_is_refused_with_its_reason(hostile: Hostile) -> None:
    with pytest.raises((ArchiveRefused, RecursionError)) as refused:
        for _ in unpack(archive_reader(io.BytesIO(hostile.data), LIMITS), Choice(), LIMITS):
            pass
    assert hostile.says in str(refused.value)
