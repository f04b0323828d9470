"""A fresh credential for a socket that is open, so that who works for days is not cut off (P5)."""

from prometheus_client import Counter

from protocol.accounts import Renew, Renewed
from server.access.credentials import Credentials
from server.access.principal import Principal
from server.access.rate import Buckets
from server.access.standing import Standings
from server.errors import BadRequest, FlashError, Forbidden, RateLimited
from server.feature import Call, Caller, Result, Services

MINUTE_S = 60.0

_renewed = Counter("flashio_sockets_renewed_total", "Open sockets that were given a fresh credential")


class Renewal:
    def __init__(self, services: Services) -> None:
        per_minute = services.settings.tickets_per_minute
        self._credentials = Credentials(services.db, services.clock)
        self._standings = Standings(services.db, services.clock, services.settings.guests)
        self._rates = Buckets(per_minute / MINUTE_S, per_minute, services.clock.monotonic)

    async def renew(self, call: Call, command: Renew) -> Result[Renewed]:
        """Let the socket go on by this credential; a refused one changes nothing."""
        caller, connection_id = call.caller, call.caller.socket
        if not self._rates.of(connection_id).try_take():
            raise RateLimited("Too many fresh credentials on this socket. Wait a moment before the next one.")
        principal = await self._presented(command)
        await self._check(caller, principal)
        caller.principal = principal
        _renewed.inc()
        return Result(Renewed(credential_ends_at=principal.expires_at))

    async def _presented(self, command: Renew) -> Principal:
        if command.ticket:
            return await self._credentials.of_ticket(command.ticket)
        if command.token:
            return await self._credentials.of_token(command.token)
        raise BadRequest("Present a token or a ticket.")

    async def _check(self, caller: Caller, principal: Principal) -> None:
        """Raises: Forbidden and others when this credential could not have opened the socket."""
        if principal.user_id != caller.principal.user_id:
            raise Forbidden("That is the credential of somebody else. Open another socket with it.")
        if principal.project_id not in (None, caller.project_id):
            raise Forbidden("That credential is for another project.")
        (verdict,) = await self._standings.now([(principal, caller.project_id)])
        if isinstance(verdict, FlashError):
            raise verdict
