"""Who may do what: principals, roles and grants. Knows no sockets."""
