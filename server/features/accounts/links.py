"""The caller's accounts at providers: which there are, and taking one away."""

from dataclasses import dataclass

from protocol.accounts import LinkedAccount, LinkedAccountList, ListLinkedAccounts, SignInProvider, Unlink
from protocol.model import Empty
from server.errors import NotFound
from server.feature import Call, Result, Services
from server.features.accounts.own_affairs import signed_in
from server.features.accounts.ways_in import check_way_in_left
from server.identity.configured import configured_providers
from server.store import providers
from server.store.audit import append_audit

MOST_LINKS = 500  # far more than anybody has


@dataclass(frozen=True, slots=True)
class LinkCommands:
    services: Services

    async def list(self, call: Call, _command: ListLinkedAccounts) -> Result[LinkedAccountList]:
        user_id = signed_in(call).user_id
        async with self.services.db.acquire() as connection:
            rows = await providers.list_links.all(connection, user_id=user_id, limit=MOST_LINKS)
        configured = configured_providers(self.services.settings, self.services.clock)
        names = {provider.key: provider.name for provider in configured}
        return Result(
            LinkedAccountList(
                accounts=[
                    LinkedAccount(
                        provider=row.provider,
                        name=names.get(row.provider, row.provider),
                        subject=row.subject,
                        label=row.label,
                        linked_at=row.linked_at,
                    )
                    for row in rows
                ],
                providers=[SignInProvider(slug=provider.slug, name=provider.name) for provider in configured],
            )
        )

    async def unlink(self, call: Call, command: Unlink) -> Result[Empty]:
        user_id, tx = signed_in(call).user_id, call.transaction
        place = {"provider": command.provider, "subject": command.subject}
        if not await providers.remove_link.run(tx, user_id=user_id, **place):
            raise NotFound("Your account has no such way to sign in; it may be removed already.")
        await check_way_in_left(tx, self.services, user_id)
        await append_audit(
            tx,
            actor_id=user_id,
            action="accounts/unlinked",
            subject=command.subject,
            details={"provider": command.provider},
        )
        return Result(Empty())
