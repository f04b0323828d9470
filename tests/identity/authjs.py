"""Cookies that the real Auth.js made, as browsers would hold them."""

import asyncio
import json
from pathlib import Path
from typing import Any
from uuid import UUID

PROGRAM = Path(__file__).with_name("authjs.mjs")
TIMEOUT_S = 30
SECRET = "the secret of the other program"
MONTH_S = 30 * 24 * 3600

# Made by `encode` of next-auth 4.24.15 with SECRET, for a hundred years from November 2026: that package brings all of
# Next.js along, so it is not installed for the tests.
VERSION_4_SUBJECT = UUID("00000000-0000-4000-8000-0000000000ad")
VERSION_4_COOKIE = (
    "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..BMydFY-dHrSc90Pc.2UWpeKs2_0_7u9k_RBnPAKPDmQ5r67yDAIbBwhqz6b"
    "DLrOv-d9cIHVvv7HbrUvcni_Kl2_Ho9NJj2-eHYCKrT9tYXf5uud5jwwZaLOsjePJqR7af4IPy-lC9XwcllPpUPzidZSp3j2JoDp"
    "J50Wj4cufhr0WadfqMXTpznbx3vByETW47cYgXtUOFLxGLEHtBHnmBlV0Fup6xYaqYbZid5aFN141gzJKPrveC378.IOPgyyJt1g"
    "Mf0F9fT65pgw"
)


async def authjs_cookies(
    subject: UUID | str,
    *,
    https: bool = False,
    secret: str | list[str] = SECRET,
    max_age_s: int = MONTH_S,
    user: dict[str, str] | None = None,
    **claims: Any,
) -> dict[str, str]:
    """Sign somebody in there; `claims` are what its `jwt` callback adds."""
    asked = {
        "https": https,
        "secret": secret,
        "user": {"id": str(subject), "name": "Ada Lovelace", "email": "ada@example.org"} | (user or {}),
        "claims": claims,
        "maxAge": max_age_s,
    }
    return await _run(asked)


async def renewed_cookies(cookies: dict[str, str], **callback: float | None) -> dict[str, str]:
    """Let Auth.js renew somebody's cookies, as it does while they are used; see `signed_in_cookies`."""
    return await _run({"secret": SECRET, "cookies": cookies, "maxAge": MONTH_S} | callback)


async def signed_in_cookies(subject: UUID, **callback: float | None) -> dict[str, str]:
    """Sign somebody in there; with `validAfter`, milliseconds or None, by the callback of docs/authjs.md."""
    user = {"id": str(subject), "name": "Ada Lovelace", "email": "ada@example.org"}
    return await _run({"secret": SECRET, "user": user, "maxAge": MONTH_S} | callback)


async def _run(asked: dict[str, Any]) -> dict[str, str]:
    process = await asyncio.create_subprocess_exec(
        "node", str(PROGRAM), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(TIMEOUT_S):
        said, _ = await process.communicate(json.dumps(asked).encode())
    assert process.returncode == 0
    made: dict[str, str] = json.loads(said)
    return made
