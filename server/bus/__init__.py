"""What carries messages between workers: a port and its adapters."""
