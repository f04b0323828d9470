"""The end of an upload: its bytes become the content of a file, in one transaction."""

from dataclasses import dataclass

from protocol.files import FileEntry, FinishUpload
from server.access.roles import Ability
from server.errors import Conflict
from server.feature import Call, Caller, Result, Services
from server.features.files.contents import put_bytes, put_text
from server.features.files.rights import require
from server.features.files.room import claim_room
from server.features.files.rows import entry_of
from server.features.files.tree import Changed
from server.features.files.uploads import Uploads
from server.store import uploads as store
from server.store.blobs.blobs import seal
from server.store.db import Transaction


@dataclass(frozen=True, slots=True)
class Finishing:
    services: Services
    uploads: Uploads

    async def finish(self, call: Call, command: FinishUpload) -> Result[FileEntry]:
        """Text up to the limit of documents becomes text, everything else a blob."""
        caller = call.caller
        upload = await self.uploads.find(caller, command.upload)
        require(caller, Ability.WRITE, upload.path)
        checksum = await self.uploads.complete(upload)
        text = await self.uploads.text(upload)
        async with self.services.db.transaction() as tx:
            size = upload.received or 0
            await claim_room(self.services.settings, tx, caller.project_id, files=1, size=size)
            await _lock(tx, caller, command)
            if command.if_match:
                await self.services.texts.show(tx, caller.project_id, upload.path)
            row, announced = await _put(tx, caller, upload, checksum, text, if_match=command.if_match)
            await store.finish_upload.run(tx, upload_id=upload.id)
        return Result(entry_of(row), announced)


async def _lock(tx: Transaction, caller: Caller, command: FinishUpload) -> None:
    key = {"upload_id": command.upload, "project_id": caller.project_id, "user_id": caller.principal.user_id}
    locked = await store.lock_upload.maybe(tx, **key)
    if locked is None or locked.finished_at is not None:
        raise Conflict("This upload is finished already.")


async def _put(
    tx: Transaction, caller: Caller, upload: store.UploadRow, checksum: bytes, text: str | None, *, if_match: str | None
) -> Changed:
    user_id, project_id = caller.principal.user_id, caller.project_id
    if text is not None:
        return await put_text(tx, project_id, upload.path, text, if_match=if_match, user_id=user_id)
    blob = None if upload.blob_id is None else await seal(tx, upload.blob_id, checksum)
    if blob is None:
        raise Conflict("The bytes of this upload are gone. Begin anew.")
    return await put_bytes(tx, project_id, upload.path, blob, if_match=if_match, user_id=user_id)
