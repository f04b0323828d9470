"""The caller's own passkeys: made in the browser, checked and named here, removed again."""

from dataclasses import dataclass
from uuid import UUID

from protocol.accounts import (
    AddPasskey,
    AskPasskeyOptions,
    ListPasskeys,
    Passkey,
    PasskeyList,
    PasskeyOptions,
    RemovePasskey,
    RenamePasskey,
)
from protocol.model import Empty
from server.access.passkeys import (
    NewPasskey,
    RelyingParty,
    challenge_of,
    credential_of,
    registered,
    registration_options,
)
from server.access.principal import Principal
from server.errors import Conflict, Forbidden, NotFound
from server.feature import Call, Result, Services
from server.features.accounts.challenges import Challenges
from server.features.accounts.own_affairs import signed_in
from server.features.accounts.ways_in import check_way_in_left
from server.store import passkeys, providers
from server.store.audit import append_audit
from server.store.db import Transaction


@dataclass(frozen=True, slots=True)
class PasskeyCommands:
    services: Services

    async def list(self, call: Call, _command: ListPasskeys) -> Result[PasskeyList]:
        user_id, limit = signed_in(call).user_id, self.services.settings.passkeys_per_person
        async with self.services.db.acquire() as connection:
            rows = await passkeys.list_my_passkeys.all(connection, user_id=user_id, limit=limit)
        return Result(PasskeyList(passkeys=[_passkey(row) for row in rows], limit=limit))

    async def options(self, call: Call, _command: AskPasskeyOptions) -> Result[PasskeyOptions]:
        principal, settings = _keeper(call), self.services.settings
        party, limit = RelyingParty.of(settings.public_url), settings.passkeys_per_person
        async with self.services.db.acquire() as connection:
            rows = await passkeys.list_my_passkeys.all(connection, user_id=principal.user_id, limit=limit)
        challenge = await Challenges(self.services).make(principal.user_id)
        options = registration_options(party, principal, challenge, [row.credential_id for row in rows])
        return Result(PasskeyOptions(options=options, origin=party.origin))

    async def add(self, call: Call, command: AddPasskey) -> Result[Passkey]:
        principal, tx = _keeper(call), call.transaction
        credential, party = credential_of(command.credential), RelyingParty.of(self.services.settings.public_url)
        challenge = challenge_of(credential)
        await self._check_room(tx, principal)
        await Challenges(self.services).take(tx, challenge, principal.user_id)
        new = registered(party, credential, challenge)
        passkey = await self._kept(tx, principal, command.label, new)
        await _note(tx, principal, "accounts/passkey_added", passkey.id, command.label)
        return Result(passkey)

    async def rename(self, call: Call, command: RenamePasskey) -> Result[Empty]:
        user_id, tx = signed_in(call).user_id, call.transaction
        if not await passkeys.rename_passkey.run(tx, passkey_id=command.id, user_id=user_id, name=command.label):
            raise NotFound("You have no such passkey; it may be removed already.")
        return Result(Empty())

    async def remove(self, call: Call, command: RemovePasskey) -> Result[Empty]:
        principal, tx = signed_in(call), call.transaction
        if not await passkeys.remove_passkey.run(tx, passkey_id=command.id, user_id=principal.user_id):
            raise NotFound("You have no such passkey; it may be removed already.")
        await check_way_in_left(tx, self.services, principal.user_id)
        await _note(tx, principal, "accounts/passkey_removed", command.id, None)
        return Result(Empty())

    async def _check_room(self, tx: Transaction, principal: Principal) -> None:
        limit = self.services.settings.passkeys_per_person
        await providers.lock_person.maybe(tx, user_id=principal.user_id)
        if await passkeys.count_mine.one(tx, user_id=principal.user_id) >= limit:
            raise Conflict(f"You have {limit} passkeys, which is the limit. Remove one that you no longer use.")

    async def _kept(self, tx: Transaction, principal: Principal, label: str, new: NewPasskey) -> Passkey:
        now = self.services.clock.now()
        passkey_id = await passkeys.create_passkey.maybe(
            tx,
            user_id=principal.user_id,
            name=label,
            credential_id=new.credential_id,
            public_key=new.public_key,
            counter=new.counter,
            device_type=new.device_type,
            is_backed_up=new.is_backed_up,
            transports=new.transports,
            now=now,
        )
        if passkey_id is None:
            raise Conflict("This passkey is known here already.")
        return Passkey(id=passkey_id, label=label, is_backed_up=new.is_backed_up, created_at=now, last_used_at=None)


def _keeper(call: Call) -> Principal:
    """Who may have passkeys: a guest, who is forgotten tomorrow, has nothing to come back to."""
    principal = signed_in(call)
    if principal.is_guest:
        raise Forbidden("Guests have no passkeys. Sign in first.")
    return principal


def _passkey(row: passkeys.PasskeyRow) -> Passkey:
    return Passkey(
        id=row.id,
        label=row.name,
        is_backed_up=row.is_backed_up,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
    )


async def _note(tx: Transaction, principal: Principal, action: str, passkey_id: UUID, label: str | None) -> None:
    await append_audit(
        tx,
        actor_id=principal.user_id,
        action=action,
        subject=str(passkey_id),
        details={} if label is None else {"name": label},
    )
