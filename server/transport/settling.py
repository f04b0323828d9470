"""The end of an upload that came in pieces: onto text people may have open it is an edit, else it becomes the file."""

from protocol.ids import CommandId, UploadId
from server.feature import Caller
from server.features.files.reading import is_text
from server.store.uploads import UploadRow
from server.transport.file_door import FileDoor


async def settle(files: FileDoor, caller: Caller, upload: UploadRow, if_match: str | None) -> None:
    """Bring all bytes to their place. The upload's id is the command's (P12): to ask again is harmless.

    Raises:
        FlashError: what the command that does it says, for example that a directory is there.
    """
    uploads, command_id, meaning = files.uploads, CommandId(upload.id), upload.id.bytes
    await uploads.complete(upload)
    row = await files.reading.find(caller, upload.path)
    text = await uploads.text(upload) if row is not None and is_text(row) else None
    if text is None:
        body = {"upload": UploadId(upload.id), "if_match": if_match}
        await files.command(caller, "files/finish", body, command_id, meaning=meaning)
        return
    written = {"path": upload.path, "text": text, "if_match": if_match}
    await files.command(caller, "documents/write", written, command_id, meaning=meaning)
    await uploads.mark_finished(upload)
