"""Parts of what browsers ask for."""

from server.transport.openapi.parts import headers
from server.transport.openapi.schemas import Json

HTML: Json = {"text/html": {"schema": {"type": "string"}}}


def query(name: str, description: str, schema: Json) -> Json:
    """A parameter after the question mark, which may be left out."""
    return {"name": name, "in": "query", "description": description, "schema": schema}


def page(description: str) -> Json:
    """An answer that people look at."""
    return {"description": description, "headers": headers(), "content": HTML}


def see_other(description: str) -> Json:
    """An answer that leads on."""
    location: Json = {"Location": {"schema": {"type": "string"}}}
    return {"description": description, "headers": headers() | location}
