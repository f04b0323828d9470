"""Short-lived credentials for sockets: tickets for our client, project tokens for stock providers."""

from datetime import timedelta

from prometheus_client import Counter

from protocol.accounts import CreateProjectToken, CreateTicket, ProjectToken, Ticket
from server.access.credentials import Credentials
from server.access.rate import Buckets
from server.access.tokens import WantedToken, add_derived_token
from server.errors import RateLimited
from server.feature import Call, Caller, Result, Services

MINUTE_S = 60.0
LABEL = "project token"

_refused = Counter("flashio_tickets_refused_total", "Tickets not made because too many were asked for", ["by"])


class PassCommands:
    def __init__(self, services: Services) -> None:
        settings, monotonic = services.settings, services.clock.monotonic
        by_person, by_network = settings.tickets_per_minute, settings.network_tickets_per_minute
        self._services = services
        self._credentials = Credentials(services.db, services.clock)
        self._person_rates = Buckets(by_person / MINUTE_S, by_person, monotonic)
        self._network_rates = Buckets(by_network / MINUTE_S, by_network, monotonic)

    async def ticket(self, call: Call, _command: CreateTicket) -> Result[Ticket]:
        caller = call.caller
        self._check_rate(caller)
        ticket, expires_at = await self._credentials.make_ticket(
            caller.principal, caller.project_id, self._services.settings.ticket_s
        )
        return Result(Ticket(ticket=ticket, expires_at=expires_at))

    async def project_token(self, call: Call, command: CreateProjectToken) -> Result[ProjectToken]:
        principal, project_id = call.caller.principal, call.caller.project_id
        self._check_rate(call.caller)
        expires_at = self._services.clock.now() + timedelta(minutes=command.minutes)
        if principal.expires_at is not None:
            expires_at = min(expires_at, principal.expires_at)
        wanted = WantedToken(LABEL, principal.scopes, project_id, expires_at)
        async with self._services.db.transaction() as tx:
            secret = await add_derived_token(tx, principal, wanted)
        return Result(ProjectToken(token=secret, expires_at=expires_at))

    def _check_rate(self, caller: Caller) -> None:
        if not self._person_rates.of(caller.principal.user_id).try_take():
            _refused.labels("person").inc()
            raise RateLimited("Too many tickets in a short time. Wait a moment before the next one.")
        network = caller.visit.network
        if network is not None and not self._network_rates.of(network).try_take():
            _refused.labels("network").inc()
            raise RateLimited("Too many tickets for your network in a short time. Wait a moment before the next one.")
