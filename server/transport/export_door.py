"""`GET /account/export`: all of one's data as a zip archive, streamed."""

from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from server.errors import FlashError
from server.feature import Call, Caller, Services
from server.features.accounts.export import AccountExport
from server.transport.door import Door, storage_told
from server.transport.downloads import HARMLESS, SteadyResponse, attachment
from server.transport.problems import problem


@dataclass(slots=True)
class ExportEndpoint:
    door: Door
    services: Services
    export: AccountExport = field(init=False)

    def __post_init__(self) -> None:
        self.export = AccountExport(self.services)

    async def serve(self, request: Request) -> Response:
        try:
            principal = await self.door.principal(request, None, None)
            with storage_told():
                pieces = await self.export.begin(Call(Caller(principal, None)))
        except FlashError as error:
            return problem(error.code, str(error))
        name = f"flashio-{self.services.clock.now():%Y-%m-%d}.zip"
        headers = HARMLESS | {"content-type": "application/zip", "content-disposition": attachment(name)}
        return SteadyResponse(pieces, 200, headers, stall_s=self.services.settings.transfer_stall_s)
