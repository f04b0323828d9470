"""How much an archive may be."""

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """`ratio`: bytes that one byte of the archive may unpack to; the first `ratio_free_bytes` are not judged by it.

    `entries` counts everything in the archive, `files` what would be taken, directories too.
    """

    entries: int = 200_000
    files: int = 50_000
    file_bytes: int = 2048 * MIB
    total_bytes: int = 10_240 * MIB
    ratio: int = 200
    ratio_free_bytes: int = 64 * MIB
    memory_bytes: int = 512 * MIB
    cpu_s: int = 600
