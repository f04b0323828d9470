"""The document as a page for people: plain HTML of the server, without scripts and without anything from elsewhere."""

import json
import re
from collections.abc import Iterable, Iterator
from html import escape

from server.transport.openapi.document import ABOUT
from server.transport.openapi.fields import field_list, type_of
from server.transport.openapi.reference_style import STYLE
from server.transport.openapi.schemas import Json

METHODS = ("get", "head", "post", "put", "patch", "delete", "options")
MODELS = "models"
NEXT_LINE = " \\\n  "  # of a command for a shell


def reference_page(document: Json) -> str:
    """HTML of the whole document."""
    operations = list(_operations(document))
    body = "".join(_section(document, tag["name"], operations) for tag in document["tags"])
    info = document["info"]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(info['title'])} API</title><style>{STYLE}</style></head><body>"
        f"{_navigation(document, operations)}<main><h1>{escape(info['title'])} API</h1>"
        f'<p class="muted">Version {escape(info["version"])} · <a href="/api/openapi.json">openapi.json</a>, for '
        f"programs and for any tool that reads OpenAPI 3.1</p>{_about()}{body}{_models(document)}</main></body></html>"
    )


def inline(text: str) -> str:
    """Text with `code` in backticks, as HTML."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def _operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    """Method, path and operation, with what its path says of all its methods."""
    for path, item in document["paths"].items():
        shared = item.get("parameters", [])
        for method in METHODS:
            if method in item:
                operation = item[method]
                yield method, path, operation | {"parameters": [*shared, *operation.get("parameters", [])]}


def _navigation(document: Json, operations: Iterable[tuple[str, str, Json]]) -> str:
    parts = []
    for tag in (tag["name"] for tag in document["tags"]):
        links = "".join(
            f'<li><a href="#{operation["operationId"]}">{escape(_short(method, path))}</a></li>'
            for method, path, operation in operations
            if tag in operation["tags"]
        )
        parts.append(f"<details><summary>{escape(tag)}</summary><ul>{links}</ul></details>")
    return f'<nav aria-label="Contents"><strong>Contents</strong>{"".join(parts)}<a href="#{MODELS}">models</a></nav>'


def _short(method: str, path: str) -> str:
    """A command by its own name; anything else by method and path."""
    is_command = method == "post" and path.startswith("/api/")
    return path.rpartition("/")[2] if is_command else f"{method.upper()} {path}"


def _about() -> str:
    return "".join(f"<p><strong>{escape(title)}.</strong> {inline(text)}</p>" for title, text in ABOUT.items())


def _section(document: Json, tag: str, operations: Iterable[tuple[str, str, Json]]) -> str:
    described = next((found.get("description", "") for found in document["tags"] if found["name"] == tag), "")
    articles = "".join(
        _article(document, method, path, operation)
        for method, path, operation in operations
        if tag in operation["tags"]
    )
    told = f'<p class="muted">{inline(described)}</p>' if described else ""
    return f"<section><h2>{escape(tag)}</h2>{told}{articles}</section>"


def _article(document: Json, method: str, path: str, operation: Json) -> str:
    text = operation.get("description") or operation["summary"]
    return (
        f'<article id="{operation["operationId"]}"><h3><span class="method">{method.upper()}</span>'
        f"<code>{escape(path)}</code></h3><p>{inline(_said(operation['summary'], text))}</p>{_needs(operation)}"
        f"{_parameters(document, operation)}{_request(document, operation)}{_answers(document, operation)}"
        f"{_example(document, method, path, operation)}</article>"
    )


def _said(summary: str, text: str) -> str:
    """Both, unless the text begins with the summary."""
    return text if text.startswith(summary) else f"{summary}. {text}"


def _needs(operation: Json) -> str:
    ability = operation.get("x-ability")
    if ability is None:
        return ""
    needs = "Needs a caller who signed in." if ability == "signed in" else f"Needs the ability to {ability}."
    return f'<p class="small muted">{escape(needs)}</p>'


def _parameters(document: Json, operation: Json) -> str:
    """All but the id of a request, which every operation takes."""
    known = document["components"]["parameters"]
    found = [known[part["$ref"].rpartition("/")[2]] if "$ref" in part else part for part in operation["parameters"]]
    rows = "".join(
        f"<dt><code>{escape(part['name'])}</code>{type_of(part['schema'])}"
        f'<span class="must">{escape(part["in"])}{", required" if part.get("required") else ""}</span></dt>'
        f"<dd>{inline(part.get('description', ''))}</dd>"
        for part in found
        if part["name"] != "X-Request-ID"
    )
    return f"<h4>Parameters</h4><dl>{rows}</dl>" if rows else ""


def _request(document: Json, operation: Json) -> str:
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        fields = field_list(document, content["schema"], is_sent=True)
        return f'<h4>Body <span class="muted">{escape(media_type)}</span></h4>{fields}'
    return ""


def _answers(document: Json, operation: Json) -> str:
    refusals = [status for status in operation["responses"] if status >= "4"]
    parts = [
        f"<details><summary>Answer {status}: {inline(answer['description'])}</summary>"
        f"{_content(document, answer)}</details>"
        for status, answer in operation["responses"].items()
        if status < "4"
    ]
    if refusals:
        parts.append(f'<p class="small muted">Refused with {", ".join(refusals)}</p>')
    return "".join(parts)


def _content(document: Json, answer: Json) -> str:
    for content in answer.get("content", {}).values():
        example = content.get("example")
        shown = "" if example is None else f"<pre>{escape(json.dumps(example, indent=2, ensure_ascii=False))}</pre>"
        return field_list(document, content["schema"]) + shown
    return '<p class="muted">No body.</p>'


def _example(document: Json, method: str, path: str, operation: Json) -> str:
    """A line for a shell, for commands."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None or "example" not in content:
        return ""
    known = document["components"]["parameters"]
    names = {known[part["$ref"].rpartition("/")[2]]["name"] for part in operation["parameters"] if "$ref" in part}
    lines = [f'curl -X {method.upper()} "$SERVER{path}"', '-H "Authorization: Bearer $TOKEN"']
    lines += ['-H "X-Project: $PROJECT"'] if "X-Project" in names else []
    lines += ['-H "Idempotency-Key: $(uuidgen)"'] if "Idempotency-Key" in names else []
    body = json.dumps(content["example"], ensure_ascii=False).replace("'", "'\\''")
    lines += ['-H "Content-Type: application/json"', f"-d '{body}'"]
    return f"<details><summary>Example</summary><pre>{escape(NEXT_LINE.join(lines))}</pre></details>"


def _models(document: Json) -> str:
    articles = "".join(
        f'<article id="schema-{name}"><h3>{name}</h3><p>{inline(schema.get("description", ""))}</p>'
        f"{field_list(document, schema)}</article>"
        for name, schema in document["components"]["schemas"].items()
    )
    return f'<section><h2 id="{MODELS}">models</h2>{articles}</section>'
