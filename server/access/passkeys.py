"""What browsers are asked and what they answer about passkeys (WebAuthn level 3), checked by py_webauthn. No I/O."""

import base64
import ipaddress
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, parse_client_data_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from server.access.principal import Principal
from server.errors import Forbidden, Invalid, Unauthenticated

PRODUCT = "FlashIO"
TRANSPORTS = ("ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb")
NO_ANSWER = "That is no answer of a browser about a passkey."
NO_NAME = "This server knows no name of its own, which passkeys need. Ask its operator to set PUBLIC_URL."

# What the library lets through when it takes apart what a stranger wrote.
MALFORMED = (WebAuthnException, ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError)

Credential = Mapping[str, Any]  # what `PublicKeyCredential.toJSON()` gives


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Who passkeys are for: `id` is the host name that they are bound to, `origin` the only page that may use them."""

    id: str
    origin: str

    @classmethod
    def of(cls, public_url: str | None) -> "RelyingParty":
        """This server, as PUBLIC_URL names it. Browsers bind passkeys to names alone; loopback has one: localhost.

        Raises:
            Forbidden: there is no such name.
        """
        parts = urlsplit(public_url or "")
        name = parts.hostname
        if name is None:
            raise Forbidden(NO_NAME)
        if not _is_address(name):
            return cls(name, f"{parts.scheme}://{parts.netloc.lower()}")
        if not ipaddress.ip_address(name).is_loopback:
            raise Forbidden(NO_NAME)
        return cls("localhost", f"{parts.scheme}://localhost" + (f":{parts.port}" if parts.port else ""))


def credential_of(text: str) -> Credential:
    """The answer of a browser, from its JSON.

    Raises:
        Invalid: it is not one.
    """
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        raise Invalid(NO_ANSWER) from None
    if not isinstance(answer, dict) or not isinstance(answer.get("response"), dict):
        raise Invalid(NO_ANSWER)
    return answer


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """A registration that was checked. Bytes are in base64, as they are kept."""

    credential_id: str
    public_key: str
    counter: int
    device_type: str
    is_backed_up: bool
    transports: str | None


@dataclass(frozen=True, slots=True)
class Proof:
    """A sign-in whose signature was checked; whether the counter advanced is for the caller to find out."""

    counter: int
    is_backed_up: bool


def registration_options(
    party: RelyingParty, principal: Principal, challenge: bytes, known: Sequence[str]
) -> dict[str, Any]:
    """What the browser's `create` is given. `known`: the person's credential ids, which are not made twice."""
    options = generate_registration_options(
        rp_id=party.id,
        rp_name=PRODUCT,
        user_id=principal.user_id.bytes,
        user_name=principal.email or principal.name,
        user_display_name=principal.name,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.PREFERRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(base64.b64decode(known_id)) for known_id in known],
    )
    return _as_json(options_to_json(options))


def sign_in_options(party: RelyingParty, challenge: bytes) -> dict[str, Any]:
    """What the browser's `get` is given: any passkey of this server that it knows."""
    options = generate_authentication_options(
        rp_id=party.id, challenge=challenge, user_verification=UserVerificationRequirement.PREFERRED
    )
    return _as_json(options_to_json(options))


def challenge_of(credential: Credential) -> bytes:
    """The challenge that an answer names; nothing of it is proven yet.

    Raises:
        Invalid: it is no such answer.
    """
    try:
        return parse_client_data_json(base64url_to_bytes(credential["response"]["clientDataJSON"])).challenge
    except MALFORMED:
        raise Invalid(NO_ANSWER) from None


def credential_id_of(credential: Credential) -> str:
    """Which passkey an answer is of, in base64.

    Raises:
        Invalid: it does not say.
    """
    try:
        return _base64(base64url_to_bytes(credential["id"]))
    except MALFORMED:
        raise Invalid(NO_ANSWER) from None


def registered(party: RelyingParty, credential: Credential, challenge: bytes) -> NewPasskey:
    """Check the answer of `create`.

    Raises:
        Invalid: it is malformed, for another page, or answers another challenge.
    """
    try:
        verified = verify_registration_response(
            credential=dict(credential),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
        )
    except MALFORMED as error:
        raise Invalid(f"This passkey cannot be taken: {error}") from None
    return NewPasskey(
        credential_id=_base64(verified.credential_id),
        public_key=_base64(verified.credential_public_key),
        counter=verified.sign_count,
        device_type=verified.credential_device_type.value,
        is_backed_up=verified.credential_backed_up,
        transports=_transports(credential),
    )


def proven(party: RelyingParty, credential: Credential, challenge: bytes, *, owner: UUID, public_key: str) -> Proof:
    """Check the signature of the answer of `get` against the key of its owner.

    Raises:
        Unauthenticated: it is not that key's, is for another page, or answers another challenge.
    """
    try:
        verified = verify_authentication_response(
            credential=dict(credential),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=base64.b64decode(public_key),
            credential_current_sign_count=0,  # compared in the row, under its lock and only behind a good signature
        )
        handle = credential["response"].get("userHandle")
        if handle is not None and base64url_to_bytes(handle) != owner.bytes:
            raise ValueError("the authenticator holds it for somebody else")
    except MALFORMED:
        raise Unauthenticated("This passkey was not accepted. Try again, or sign in another way.") from None
    return Proof(verified.new_sign_count, verified.credential_backed_up)


def _transports(credential: Credential) -> str | None:
    """How the browser says that it reaches the authenticator: its word, kept as a hint for the next time."""
    said = credential["response"].get("transports")
    return ",".join(word for word in TRANSPORTS if isinstance(said, list) and word in said) or None


def _as_json(text: str) -> dict[str, Any]:
    options: dict[str, Any] = json.loads(text)
    return options


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
