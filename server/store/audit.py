"""Who did what to rights, sessions and tokens, as rows that are only ever added. Never holds a secret.

`action` is `<feature slug>/<what happened>`, `subject` says to what: an id, an address, a role.
"""

from server.store.queries import query

append_audit = query("audit.append")
