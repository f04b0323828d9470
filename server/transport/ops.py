"""For operators: alive, ready, metrics."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

CHECK_TIMEOUT_S = 1.5  # what hangs is not ready; load balancers wait a few seconds for the answer

Check = Callable[[], Awaitable[str | None]]  # None when all is well, else what is wrong


@dataclass(frozen=True, slots=True)
class OpsEndpoints:
    checks: Sequence[tuple[str, Check]]

    async def alive(self, _request: Request) -> Response:
        """The process answers; says nothing of what it depends on."""
        return JSONResponse({"status": "alive"})

    async def ready(self, _request: Request) -> Response:
        """Whether a load balancer should send people here; 503 with the reasons when not."""
        reasons = await asyncio.gather(*(_in_time(check) for _, check in self.checks))
        found = {name: reason for (name, _), reason in zip(self.checks, reasons, strict=True)}
        wrong = {name: reason for name, reason in found.items() if reason is not None}
        body = {
            "status": "ready" if not wrong else "not ready",
            "checks": {name: why or "ok" for name, why in found.items()},
        }
        return JSONResponse(body, 503 if wrong else 200)

    async def metrics(self, _request: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def _in_time(check: Check) -> str | None:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            return await check()
    except TimeoutError:
        return f"No answer within {CHECK_TIMEOUT_S} s."
