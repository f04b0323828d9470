"""What can go wrong between this process and PostgreSQL, sorted by what the caller can do about it."""


class StorageFailure(Exception):
    """Any failure of the store; nothing that was being written may be reported as saved."""


class StorageUnavailable(StorageFailure):
    """PostgreSQL cannot be reached, is shutting down, is full or does not answer in time: retry with back-off."""


class StorageBusy(StorageFailure):
    """Another transaction held what this one needed; nothing was written: retry soon."""


class ConstraintRefused(StorageFailure):
    """The values break a rule of the schema or fit no column; trying again with the same values cannot succeed."""

    def __init__(self, message: str, constraint: str | None) -> None:
        super().__init__(message)
        self.constraint = constraint


class StatementFailed(StorageFailure):
    """PostgreSQL failed at one statement for a reason of its own, such as a damaged page; others may still succeed."""


class RowMissing(StorageFailure):
    """A query that promises exactly one row found none."""


class StorageUnsafe(StorageFailure):
    """The database is set up so that a commit may be lost: refuse to run rather than to promise."""


class BytesMissing(StorageFailure):
    """A chunk that a blob names is not in its storage: an operator lost or moved it."""


class DocumentLogBroken(StorageFailure):
    """A document's snapshot and log do not join up; it must not be served as if they did."""


class MigrationRefused(StorageFailure):
    """The migrations on disk and those applied contradict each other, or one of them failed."""


class EmbeddedFailed(StorageFailure):
    """The embedded PostgreSQL could not be prepared, started or stopped; the message says why and what to do."""
