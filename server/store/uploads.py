"""Uploads under way, as rows: who sends what to which path, and how much of it has arrived."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.store.blobs.blobs import BlobRow
from server.store.blobs.port import StorageType
from server.store.queries import query


@dataclass(frozen=True, slots=True)
class UploadRow:
    """`size` as announced, None when nobody said; `checksum` once all is there; no blob once it is finished."""

    id: UUID
    project_id: UUID
    path: str
    size: int | None
    checksum: bytes | None
    metadata: str
    expires_at: datetime
    finished_at: datetime | None
    blob_id: UUID | None
    received: int | None
    storage_type: StorageType | None

    @property
    def blob(self) -> BlobRow | None:
        """The bytes so far."""
        if self.blob_id is None or self.received is None or self.storage_type is None:
            return None
        return BlobRow(self.blob_id, None, self.received, self.storage_type)


begin_upload = query("uploads.begin_upload", UUID)
count_uploads = query("uploads.count_of", int)
get_upload = query("uploads.get", UploadRow)
lock_upload = query("uploads.lock", UploadRow)
complete_upload = query("uploads.complete")
finish_upload = query("uploads.finish")
delete_upload = query("uploads.delete")
expire_uploads = query("uploads.expire")
