"""Single-use links sent to an address, as rows; only SHA-256 hashes (hex, as Auth.js keeps its own) come here."""

from server.store.queries import query

create = query("verification.create")
count_newer = query("verification.count_newer", int)
consume = query("verification.consume", bool)
remove = query("verification.remove")
expire = query("verification.expire")
