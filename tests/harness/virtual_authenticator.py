"""A security key that Chromium itself pretends to have, over the DevTools protocol (its WebAuthn domain)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from playwright.async_api import CDPSession, Page

OPTIONS = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@dataclass(frozen=True, slots=True)
class VirtualAuthenticator:
    """The device's lock, which says yes to everything until it is told not to."""

    session: CDPSession
    id: str

    async def credentials(self) -> list[dict[str, Any]]:
        """What it holds: `credentialId`, `rpId`, `signCount`, `privateKey` ..., bytes in base64."""
        answer = await self.session.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        held: list[dict[str, Any]] = answer["credentials"]
        return held

    async def replace(self, credential: dict[str, Any]) -> None:
        """Put a credential in the place of the one with its id."""
        named = {"authenticatorId": self.id, "credentialId": credential["credentialId"]}
        await self.session.send("WebAuthn.removeCredential", named)
        await self.session.send("WebAuthn.addCredential", {"authenticatorId": self.id, "credential": credential})


@asynccontextmanager
async def virtual_authenticator(page: Page) -> AsyncIterator[VirtualAuthenticator]:
    """A device for one page."""
    session = await page.context.new_cdp_session(page)
    await session.send("WebAuthn.enable")
    made = await session.send("WebAuthn.addVirtualAuthenticator", {"options": OPTIONS})
    yield VirtualAuthenticator(session, made["authenticatorId"])
    await session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": made["authenticatorId"]})
    await session.detach()
