"""The HTTP API as documents: OpenAPI 3.1 for programs, a page for people. Both are made of what is registered."""
