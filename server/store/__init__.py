"""PostgreSQL: the pool, typed queries, migrations and the embedded server; knows no sockets and no rights."""
