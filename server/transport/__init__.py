"""The doors: HTTP and WebSocket endpoints as ordinary Starlette routes, and the adapters below them."""
