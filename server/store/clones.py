"""Whole projects copied inside the database."""

from uuid import UUID

from server.store.queries import query

lock_source = query("clones.lock_source", UUID)
copy_files = query("clones.copy_files")
