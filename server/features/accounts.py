"""Who the caller is, and tickets for sockets. Signing in by e-mail, OAuth or passkey is not here yet."""

from dataclasses import dataclass

from protocol.accounts import CreateTicket, Me, Ticket, WhoAmI
from server.access.credentials import Credentials
from server.access.principal import color_of
from server.access.roles import Ability
from server.feature import Call, CommandSpec, Feature, Home, Job, Result, Services
from server.store import accounts, tokens

EXPIRY_INTERVAL_S = 300.0
EXPIRY_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Commands:
    services: Services
    credentials: Credentials

    async def me(self, call: Call, _command: WhoAmI) -> Result[Me]:
        principal = call.caller.principal
        return Result(
            Me(
                id=principal.user_id,
                name=principal.name,
                email=principal.email,
                color=color_of(principal.user_id),
            )
        )

    async def ticket(self, call: Call, _command: CreateTicket) -> Result[Ticket]:
        caller = call.caller
        ticket, expires_at = await self.credentials.make_ticket(
            caller.principal, caller.project_id, self.services.settings.ticket_s
        )
        return Result(Ticket(ticket=ticket, expires_at=expires_at))

    async def expire(self) -> None:
        """Delete sessions and tickets that are over."""
        now = self.services.clock.now()
        async with self.services.db.transaction() as tx:
            await accounts.expire_sessions.run(tx, now=now, limit=EXPIRY_BATCH)
            await tokens.expire_tickets.run(tx, now=now, limit=EXPIRY_BATCH)


def build(services: Services) -> Feature:
    commands = Commands(services, Credentials(services.db, services.clock))
    return Feature(
        slug="accounts",
        commands=(
            CommandSpec(WhoAmI, commands.me, None),
            CommandSpec(CreateTicket, commands.ticket, Ability.READ),
        ),
        jobs=(Job("expire sign-ins", EXPIRY_INTERVAL_S, commands.expire, Home.WORKER),),
    )
