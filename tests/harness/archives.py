"""Archives made for tests: honest ones, and the corpora of hostile ones with what their refusal must say."""

import gzip
import io
import os
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Hostile:
    """`says`: words that the reason holds."""

    name: str
    data: bytes
    says: str


def zipped(files: Mapping[str, bytes], links: Mapping[str, str] | None = None) -> bytes:
    """A zip as an ordinary program on Unix makes it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
        for name, target in (links or {}).items():
            info = zipfile.ZipInfo(name)
            info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
            archive.writestr(info, target)
    return out.getvalue()


def tarred(files: Mapping[str, bytes], links: Mapping[str, str] | None = None, *, is_packed: bool = True) -> bytes:
    """A tar or tar.gz of files, then links."""
    members = [(plain(name, len(data)), data) for name, data in files.items()]
    members += [(special(name, tarfile.SYMTYPE, target), b"") for name, target in (links or {}).items()]
    return tar_of(members, is_packed=is_packed)


def tar_of(members: list[tuple[tarfile.TarInfo, bytes]], *, is_packed: bool = True) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz" if is_packed else "w") as archive:
        for info, data in members:
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def plain(name: str, size: int = 0) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size = size
    return info


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


TRAVERSAL = ("../evil.txt", "a/../../evil.txt", "..", "a/..", "./../evil.txt", "../../../../etc/passwd")
BAD_ENDS = ("dot./x.txt", "space /x.txt")
ABSOLUTE = ("/etc/passwd", "//server/share", "/")
NO_PATHS = (
    "..\\evil.txt",
    "C:\\Windows\\evil.txt",
    "a//b.txt",
    "a/./b.txt",
    "bell\a.txt",
    "x" * 256,
    "d/" * 600 + "deep.txt",
)


def zip_slips() -> list[Hostile]:
    """Names that would land outside of where they are unpacked, in both kinds of archive."""
    found = []
    for kind, pack in (("zip", zipped), ("tar", tarred)):
        found += [
            Hostile(f"{kind} traversal {name}", pack({"ok.txt": b"x", name: b"x"}), "leads out") for name in TRAVERSAL
        ]
        found += [
            Hostile(f"{kind} absolute {name}", pack({"ok.txt": b"x", name: b"x"}), "absolute") for name in ABSOLUTE
        ]
        found += [
            Hostile(f"{kind} no path {name[:20]!r}", pack({"ok.txt": b"x", name: b"x"}), "path") for name in NO_PATHS
        ]
    found.append(Hostile("zip name with NUL", zipped({"nul?.txt": b"x"}).replace(b"nul?", b"nul\0"), "control"))
    found.append(Hostile("tar name that is no text", _renamed_tar(), "Unicode"))
    return found


def bad_links() -> list[Hostile]:
    """Links that leave, alone or together, and what is no file at all."""
    found = []
    for kind, pack in (("zip", zipped), ("tar", tarred)):
        found += [
            Hostile(f"{kind} link out", pack({}, {"a/l": "../../etc/passwd"}), "inside the project"),
            Hostile(f"{kind} link absolute", pack({}, {"l": "/etc/passwd"}), "relative"),
            Hostile(f"{kind} link to nothing", pack({}, {"l": ""}), "target"),
            Hostile(f"{kind} link by way of a link", pack({}, {"dir/up": "..", "out": "dir/up/../x"}), "another one"),
            Hostile(f"{kind} file below a link", pack({"l/evil.txt": b"x"}, {"l": "sub"}), "symbolic link"),
            Hostile(f"{kind} link with a huge target", pack({}, {"l": "a/" * 3000 + "b"}), "target"),
        ]
    found += [
        Hostile("tar hard link out", tar_of([(special("h", tarfile.LNKTYPE, "../../etc/passwd"), b"")]), "hard link"),
        Hostile(
            "tar hard link inside", tar_of([(plain("a"), b""), (special("h", tarfile.LNKTYPE, "a"), b"")]), "hard link"
        ),
        Hostile("tar device", tar_of([(special("dev/sda", tarfile.BLKTYPE), b"")]), "device"),
        Hostile("tar pipe", tar_of([(special("fifo", tarfile.FIFOTYPE), b"")]), "device"),
        Hostile("zip device", _zip_with_mode("tty", stat.S_IFCHR | 0o666), "device"),
    ]
    return found


def bombs() -> list[Hostile]:
    """Little that becomes much: by ratio, by count, by a lie, by overlap, by headers without end."""
    return [
        Hostile("zip of zeros", zipped({"zeros.bin": bytes(100 * MIB)}), "decompression bomb"),
        Hostile("tar.gz of zeros", _tar_of_zeros(100), "decompression bomb"),
        Hostile("zip whose entries share their bytes", _overlapping_zip(), ""),
        Hostile("zip of too many entries", zipped({f"{n}.txt": b"" for n in range(300)}), "entries"),
        Hostile("zip that promises less than it holds", _lying_zip(10), "cannot be read"),
        Hostile("zip that promises more than it holds", _lying_zip(5000), "damaged"),
        Hostile("tar of headers about headers", _tar_of_headers(), ""),
    ]


def clashes() -> list[Hostile]:
    """Names that cannot live together on many disks, or at all."""
    found = []
    for kind, pack in (("zip", zipped), ("tar", tarred)):
        found += [
            Hostile(f"{kind} case clash", pack({"README.md": b"a", "readme.md": b"b"}), "only by case"),
            Hostile(f"{kind} case clash of directories", pack({"Src/a.txt": b"a", "src/b.txt": b"b"}), "only by case"),
            Hostile(f"{kind} case clash beyond ASCII", pack({"É.txt": b"a", "é.txt": b"b"}), "only by case"),
            Hostile(f"{kind} file that is a directory", pack({"a": b"x", "a/b.txt": b"y"}), "lies in it"),
            Hostile(f"{kind} two forms of a name", pack({"\u00e9.txt": b"a", "e\u0301.txt": b"b"}), "twice"),
        ]
    twice = tar_of([(plain("a.txt", 1), b"1"), (plain("a.txt", 1), b"2")])
    return [*found, Hostile("tar with a name twice", twice, "twice")]


def damaged() -> list[Hostile]:
    """What is no archive, or no longer one."""
    whole = zipped({"a.txt": os.urandom(5000), "b.txt": b"b"})
    spoiled = bytearray(whole)
    spoiled[2000] ^= 0xFF
    packed = tarred({"a.bin": os.urandom(5000)})
    return [
        Hostile("no archive", b"just some text", "neither"),
        Hostile("zip cut short", whole[:-30], "cannot be read"),
        Hostile("zip with a spoiled byte", bytes(spoiled), "cannot be read"),
        Hostile("tar.gz cut short", packed[: len(packed) // 2], "cannot be read"),
        Hostile("gzip without a tar", gzip.compress(b"no tar at all" * 1000), "cannot be read"),
        Hostile("encrypted zip", _encrypted_zip(), "encrypted"),
        Hostile("zip by another method", _bzip2_zip(), "method"),
    ]


def _zip_with_mode(name: str, mode: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo(name)
        info.create_system, info.external_attr = 3, mode << 16
        archive.writestr(info, b"")
    return out.getvalue()


def _renamed_tar() -> bytes:
    data = bytearray(tarred({"name.txt": b"x"}, is_packed=False))
    data[0] = 0xFF
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data[:512])
    return bytes(data)


def _tar_of_zeros(size_mib: int) -> bytes:
    out = io.BytesIO()
    deflated = zlib.compressobj(9, wbits=31)
    out.write(deflated.compress(plain("zeros.bin", size_mib * MIB).tobuf()))
    for _ in range(size_mib):
        out.write(deflated.compress(bytes(MIB)))
    out.write(deflated.compress(bytes(1024)) + deflated.flush())
    return out.getvalue()


def _overlapping_zip() -> bytes:
    """Two hundred entries of the directory that all mean the same ten thousand-fold packed bytes."""
    data = zipped({"kernel.bin": bytes(8 * MIB)})
    end = data.rindex(b"PK\x05\x06")
    start = struct.unpack_from("<I", data, end + 16)[0]
    entry = data[start:end]
    entries = b"".join(entry.replace(b"kernel", b"k%05d" % number) for number in range(200))
    tail = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 200, 200, len(entries), start, 0)
    return data[:start] + entries + tail


def _lying_zip(promised: int) -> bytes:
    """Both headers promise another size than the 1,000 bytes that are there."""
    data = zipped({"liar.txt": bytes(range(250)) * 4})
    return data.replace(struct.pack("<I", 1000), struct.pack("<I", promised))


def _tar_of_headers() -> bytes:
    header = special("././@LongLink", tarfile.GNUTYPE_LONGNAME)
    header.size = 2
    return gzip.compress((header.tobuf() + b"x\0".ljust(512, b"\0")) * 20_000)


def _encrypted_zip() -> bytes:
    data = bytearray(zipped({"secret.txt": b"x"}))
    data[6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def _bzip2_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("a.txt", b"x")
    return out.getvalue()
