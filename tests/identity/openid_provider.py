"""The real OpenID provider of npm (`oidc-provider`), running on loopback for as long as a test needs it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

PROGRAM = Path(__file__).with_name("provider.mjs")
TIMEOUT_S = 30
CLIENT_ID, CLIENT_SECRET = "flashio", "a secret with / and + and %"

ADA = {"email": "ada@example.org", "email_verified": True, "name": "Ada Lovelace", "preferred_username": "ada"}


@asynccontextmanager
async def openid_provider(redirect_uri: str, people: dict[str, dict[str, Any]]) -> AsyncIterator[str]:
    """Its issuer. `people`: what it knows of whom, by the login they type; any password is right."""
    client = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "redirect_uris": [redirect_uri]}
    process = await asyncio.create_subprocess_exec(
        *("node", str(PROGRAM), json.dumps({"clients": [client], "people": people})),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        async with asyncio.timeout(TIMEOUT_S):
            issuer = (await process.stdout.readline()).decode().strip()
        assert issuer, "the provider did not start"
        yield issuer
    finally:
        process.stdin.close()
        await process.wait()
