"""The capabilities of the server, one slug each; `FEATURES` in `server.app` lists them."""
