"""Short-lived credentials for sockets: tickets for our client, project tokens for stock providers."""

from datetime import timedelta

from protocol.accounts import CreateProjectToken, CreateTicket, ProjectToken, Ticket
from protocol.ids import UserId
from server.access.credentials import Credentials
from server.access.rate import Buckets
from server.access.tokens import WantedToken, add_derived_token
from server.errors import RateLimited
from server.feature import Call, Result, Services

MINUTE_S = 60.0
LABEL = "project token"


class PassCommands:
    def __init__(self, services: Services) -> None:
        per_minute = services.settings.tickets_per_minute
        self._services = services
        self._credentials = Credentials(services.db, services.clock)
        self._rates = Buckets(per_minute / MINUTE_S, per_minute, services.clock.monotonic)

    async def ticket(self, call: Call, _command: CreateTicket) -> Result[Ticket]:
        caller = call.caller
        self._check_rate(caller.principal.user_id)
        ticket, expires_at = await self._credentials.make_ticket(
            caller.principal, caller.project_id, self._services.settings.ticket_s
        )
        return Result(Ticket(ticket=ticket, expires_at=expires_at))

    async def project_token(self, call: Call, command: CreateProjectToken) -> Result[ProjectToken]:
        principal, project_id = call.caller.principal, call.caller.project_id
        self._check_rate(principal.user_id)
        expires_at = self._services.clock.now() + timedelta(minutes=command.minutes)
        if principal.expires_at is not None:
            expires_at = min(expires_at, principal.expires_at)
        wanted = WantedToken(LABEL, principal.scopes, project_id, expires_at)
        async with self._services.db.transaction() as tx:
            secret = await add_derived_token(tx, principal, wanted)
        return Result(ProjectToken(token=secret, expires_at=expires_at))

    def _check_rate(self, user_id: UserId) -> None:
        if not self._rates.of(user_id).try_take():
            raise RateLimited("Too many tickets in a short time. Wait a moment before the next one.")
