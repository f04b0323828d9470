"""The identifiers of the wire: distinct types, so that a file's id cannot be passed for a project's."""

from typing import NewType
from uuid import UUID

UserId = NewType("UserId", UUID)
ProjectId = NewType("ProjectId", UUID)
FileId = NewType("FileId", UUID)
UploadId = NewType("UploadId", UUID)
ImportId = NewType("ImportId", UUID)
DocumentId = NewType("DocumentId", UUID)  # a document is the co-edited form of a file and has its id
RecoveryId = NewType("RecoveryId", UUID)
CommandId = NewType("CommandId", UUID)  # made by the client; a state-changing command takes effect once per id
ConnectionId = NewType("ConnectionId", int)  # given by one worker, never reused in its life
Channel = NewType("Channel", int)  # names an open document on one worker, the same for all its connections
RequestId = NewType("RequestId", int)  # made by the client, unique among its requests under way
Seq = NewType("Seq", int)  # number in a document's log or among a project's events, from 1, in commit order
