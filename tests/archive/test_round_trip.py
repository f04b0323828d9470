"""What is packed is unpacked again as it was, and packs to the same bytes."""

import io

from hypothesis import given
from hypothesis import strategies as st

from server.archive.limits import ArchiveLimits
from server.archive.opening import archive_reader
from server.archive.packing import ArchiveFormat, packer_of
from server.archive.plan import Choice
from server.archive.unpacked import Began, unpack
from tests.harness.drawn_trees import CONTENTS, KINDS_OF_ENTRY, MODES, PATHS, Tree, fitting

LIMITS = ArchiveLimits()
TREES = st.dictionaries(PATHS, st.tuples(KINDS_OF_ENTRY, CONTENTS, PATHS, MODES), max_size=12).map(fitting)


@given(tree=TREES, kind=st.sampled_from(ArchiveFormat))
def test_files_come_out_as_they_went_in(tree: Tree, kind: ArchiveFormat) -> None:
    packer, data = packer_of(kind), b""
    files = {path: content for path, (what, content, _, _) in sorted(tree.items()) if what == "file"}
    for path, content in files.items():
        data += packer.begin(path, len(content), 0o644) + packer.write(content)
    data += packer.finish()
    found: dict[str, bytes] = {}
    path = ""
    for message in unpack(archive_reader(io.BytesIO(data), LIMITS), Choice(keeps_case_clashes=True), LIMITS):
        if isinstance(message, Began):
            path, found[message.path] = message.path, b""
        elif isinstance(message, bytes):
            found[path] += message
    assert found == files
