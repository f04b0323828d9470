"""Who listens, and how messages reach them: rooms, connections, outboxes. Knows no SQL and no rights."""
