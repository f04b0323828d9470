"""Whatever goes wrong over HTTP is said as problem+json (RFC 9457), with the id of the request."""

import re
from typing import Any
from uuid import uuid4

import httpx
import pytest
import structlog

from protocol.problem import Problem
from protocol.projects import GetProject
from server.feature import Call, CommandSpec, Result
from server.visit import MAX_REQUEST_ID
from tests.harness.worker import Worker, running_worker

DEEP = b'{"a":' * 10_000


def told(answer: httpx.Response, status: int, code: str) -> Problem:
    """The problem of an answer, which is one of this status and code."""
    assert answer.headers["content-type"] == "application/problem+json"
    problem = Problem.model_validate(answer.json())
    assert (answer.status_code, problem.status, problem.code) == (status, status, code)
    assert problem.request_id == answer.headers["x-request-id"]
    assert problem.detail
    return problem


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/no/such/address", 404, "not_found"),
        ("POST", "/api/no", 404, "not_found"),
        ("POST", "/api/no/such", 404, "not_found"),
        ("GET", "/assets/no.js", 404, "not_found"),
        ("GET", "/api/accounts/me", 405, "method_not_allowed"),
        ("DELETE", "/healthz", 405, "method_not_allowed"),
        ("DELETE", "/archives/x.zip", 405, "method_not_allowed"),
        ("BREW", "/files/x/a.txt", 405, "method_not_allowed"),
        ("PUT", "/uploads/x", 405, "method_not_allowed"),
    ],
)
async def test_an_address_or_method_that_is_not_there_is_a_problem(
    worker: Worker, method: str, path: str, status: int, code: str
) -> None:
    async with worker.http(await worker.person()) as http:
        answer = await http.request(method, path)
    told(answer, status, code)
    assert ("allow" in answer.headers) == (status == 405)


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"{", {}, 400, "bad_request"),
        (b"\xff\xfe", {}, 400, "bad_request"),
        (b'{"label": "\\ud800"}', {}, 400, "bad_request"),
        (DEEP, {}, 400, "bad_request"),
        (b"[]", {}, 422, "invalid"),
        (b'{"limit": 0}', {}, 422, "invalid"),
        (b"limit=1", {"content-type": "application/x-www-form-urlencoded"}, 415, "unsupported_media_type"),
        (b"{}", {"content-type": ""}, 415, "unsupported_media_type"),
        (b"{}", {"content-encoding": "gzip"}, 415, "unsupported_media_type"),
        (b" " * 70_000, {}, 413, "too_large"),
    ],
    ids=["cut", "no UTF-8", "half a character", "deep", "no map", "out of range", "form", "untyped", "packed", "large"],
)
async def test_a_body_that_is_no_command_is_a_problem(
    database_url: str, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    sent = {"content-type": "application/json"} | headers
    async with (
        running_worker(database_url, max_body_bytes=65_536) as worker,
        worker.http(await worker.person()) as http,
    ):
        told(await http.post("/api/projects/list", content=body, headers=sent), status, code)


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("/signin/email", "GET, HEAD, POST"), ("/archives/x.zip", "GET, HEAD"), ("/assets/x", "GET, HEAD")],
)
async def test_who_takes_the_wrong_method_is_told_all_that_the_address_takes(
    worker: Worker, path: str, allowed: str
) -> None:
    async with worker.http(await worker.person()) as http:
        assert (await http.delete(path)).headers["allow"] == allowed


async def test_a_caller_that_asks_too_often_is_told_so(database_url: str) -> None:
    async with running_worker(database_url, commands_per_s=0.001) as worker, worker.http(await worker.person()) as http:
        answer = await http.post("/api/accounts/me")
    assert told(answer, 429, "rate_limited").retry
    assert answer.headers["retry-after"] == "1"


async def test_a_part_that_the_file_does_not_have_is_a_problem(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada, {"a.txt": "four"})
    async with worker.http(ada, project_id) as http:
        answer = await http.get(f"/files/{project_id}/a.txt", headers={"range": "bytes=9-"})
    told(answer, 416, "invalid")
    assert answer.headers["content-range"] == "bytes */4"


async def test_an_upload_in_another_version_or_type_is_a_problem(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada)
    async with worker.http(ada, project_id) as http:
        other = await http.post(f"/uploads/{project_id}", headers={"tus-resumable": "0.2.2"})
        told(other, 412, "precondition_failed")
        assert other.headers["tus-version"] == "1.0.0"
        patch = await http.patch(f"/uploads/{project_id}/{uuid4()}", headers={"tus-resumable": "1.0.0"})
        told(patch, 415, "unsupported_media_type")


async def test_a_defect_is_a_problem_whose_id_finds_it_in_the_log(worker: Worker) -> None:
    async def broken(_request: Any) -> None:
        raise ValueError("a defect")

    route = next(route for route in worker.asgi.routes if getattr(route, "path", "") == "/healthz")
    worker.asgi.router.routes.remove(route)
    worker.asgi.add_route("/healthz", broken)
    transport = httpx.ASGITransport(worker.asgi, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as http:
        with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
            answer = await http.get("/healthz")
    assert "a defect" not in told(answer, 500, "internal").detail
    assert [line["request_id"] for line in lines] == [answer.headers["x-request-id"]]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("brought", ["7f3c", "Root=1-67891233-abcdef012345678912345678", "a" * MAX_REQUEST_ID])
async def test_an_id_that_a_request_brings_is_kept(worker: Worker, brought: str) -> None:
    async with worker.http(await worker.person()) as http:
        answer = await http.post("/api/accounts/me", headers={"x-request-id": brought})
    assert answer.headers["x-request-id"] == brought


@pytest.mark.parametrize("brought", ["", "two words", "a" * (MAX_REQUEST_ID + 1), "caf\xe9", "<script>"])
async def test_an_id_that_is_not_well_formed_is_replaced(worker: Worker, brought: str) -> None:
    async with worker.http(await worker.person()) as http:
        answer = await http.post("/api/accounts/me", headers={"x-request-id": brought.encode("latin-1")})
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"])


async def test_what_a_command_logs_names_the_request_it_came_by(worker: Worker) -> None:
    async def broken(_call: Call, _command: GetProject) -> Result[Any]:
        raise ValueError("a defect")

    commands = worker.app.dispatcher.commands
    assert isinstance(commands, dict)
    commands[GetProject.name] = CommandSpec(GetProject, broken, commands[GetProject.name].ability)
    ada = await worker.person()
    async with worker.http(ada, await worker.project(ada)) as http:
        with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
            await http.post("/api/projects/get", headers={"x-request-id": "mine"})
    assert [line["request_id"] for line in lines if line["event"] == "command failed"] == ["mine"]
