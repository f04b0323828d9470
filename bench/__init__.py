"""Benchmarks of our server and of others beside it, driven by one generator over real sockets."""
