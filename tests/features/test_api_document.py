"""The API's documents say what is served: every command and address, with examples that are right."""

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from protocol.errors import ERRORS
from server.feature import CommandSpec
from server.transport.openapi.document import api_document
from server.transport.openapi.reference import METHODS, reference_page
from tests.harness.worker import Worker
from tools.rights_table import registered

SPECS: list[CommandSpec] = [spec for feature in registered() for spec in feature.commands]
DOCUMENT = api_document(SPECS)
PAGES = {"/", "/p/{}", "/account", "/invite/{}", "/passkey.js"}  # of people; what they show comes from commands
ON_SOCKETS = {"accounts/renew", "documents/open", "documents/close", "projects/resume"}


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in DOCUMENT["paths"].items():
        for method in METHODS:
            if method in item:
                yield method, path, item[method]


def anonymous(worker: Worker) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(worker.asgi), base_url="http://127.0.0.1:8000")


def test_every_command_is_in_the_document_unless_it_needs_a_socket() -> None:
    shown = {path.removeprefix("/api/") for method, path, _ in operations() if method == "post" and "/api/" in path}
    assert {spec.command.name for spec in SPECS if spec.needs_socket} == ON_SOCKETS
    assert shown == {spec.command.name for spec in SPECS} - ON_SOCKETS


async def test_every_address_that_is_served_is_in_the_document(worker: Worker) -> None:
    """A new route is described in `server/transport/openapi`, or written down here as a page."""
    served = {re.sub(r"\{[^}]*\}", "{}", route.path) for route in worker.asgi.routes if hasattr(route, "methods")}
    shown = {re.sub(r"\{[^}]*\}", "{}", path) for path in DOCUMENT["paths"] if not path.startswith("/api/")}
    assert served - PAGES == shown | {"/api/{}/{}", "/api/openapi.json"}


@pytest.mark.parametrize("spec", [spec for spec in SPECS if not spec.needs_socket], ids=lambda spec: spec.command.name)
def test_the_example_of_a_command_is_a_command(spec: CommandSpec) -> None:
    body = DOCUMENT["paths"][f"/api/{spec.command.name}"]["post"]["requestBody"]["content"]["application/json"]
    spec.command.model_validate_json(json.dumps(body["example"]))


def test_every_command_says_what_it_needs_and_how_it_is_refused() -> None:
    for _, path, operation in operations():
        if path.startswith("/api/") and path != "/api/openapi.json":
            assert operation["x-ability"]
            assert operation["summary"]
            assert {"400", "401", "403", "415", "422", "429", "500", "503"} <= set(operation["responses"])
            names = {parameter["$ref"].rpartition("/")[2] for parameter in operation["parameters"]}
            assert ("IdempotencyKey" in names) == operation["x-mutates"]
            assert ("Project" in names) == (operation["x-ability"] != "signed in")


def test_operations_have_ids_of_their_own() -> None:
    ids = [operation["operationId"] for _, _, operation in operations()]
    assert len(ids) == len(set(ids))


def test_every_reference_leads_somewhere() -> None:
    for reference in re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(DOCUMENT)):
        part = DOCUMENT
        for key in reference.split("/"):
            part = part[key]


def test_every_error_that_exists_has_an_example() -> None:
    shown = json.dumps(DOCUMENT["components"]["responses"])
    assert {str(code) for code in ERRORS} == set(re.findall(r'"code": "(\w+)"', shown))


async def test_the_document_is_for_anybody_and_sent_once_to_who_keeps_it(worker: Worker) -> None:
    async with anonymous(worker) as http:
        first = await http.get("/api/openapi.json")
        again = await http.get("/api/openapi.json", headers={"if-none-match": first.headers["etag"]})
    assert first.json() == DOCUMENT
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])


async def test_the_page_shows_every_operation_and_takes_nothing_from_elsewhere(worker: Worker) -> None:
    async with anonymous(worker) as http:
        page = await http.get("/api")
    assert page.headers["content-type"].startswith("text/html")
    assert {operation["operationId"] for _, _, operation in operations()} <= set(
        re.findall(r'<article id="([^"]+)"', page.text)
    )
    assert set(re.findall(r'(?:href|src)="(?!#)([^"]+)"', page.text)) == {"/api/openapi.json"}
    assert "<script" not in page.text


def test_what_a_document_says_cannot_act_on_the_page() -> None:
    shown = reference_page(DOCUMENT | {"info": {"title": "<script>x</script>", "version": "1"}})
    assert "<script" not in shown
