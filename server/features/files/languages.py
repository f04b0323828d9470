"""What a file is: its language and MIME type, and whether its bytes are text."""

import mimetypes
from pathlib import PurePosixPath

_BY_NAME = {"Makefile": "makefile", "Dockerfile": "dockerfile", "Procfile": "procfile"}

_BY_SUFFIX = {
    ".c": "c",
    ".cpp": "cpp",
    ".css": "css",
    ".go": "go",
    ".h": "c",
    ".html": "html",
    ".java": "java",
    ".js": "javascript",
    ".json": "json",
    ".jsx": "javascript",
    ".md": "markdown",
    ".mjs": "javascript",
    ".php": "php",
    ".py": "python",
    ".rb": "ruby",
    ".rs": "rust",
    ".sh": "shell",
    ".sql": "sql",
    ".svelte": "svelte",
    ".toml": "toml",
    ".ts": "typescript",
    ".tsx": "typescript",
    ".vue": "vue",
    ".xml": "xml",
    ".yaml": "yaml",
    ".yml": "yaml",
}

_BY_INTERPRETER = {
    "bash": "shell",
    "dash": "shell",
    "node": "javascript",
    "php": "php",
    "python": "python",
    "ruby": "ruby",
    "sh": "shell",
    "zsh": "shell",
}

_TABLE = mimetypes.MimeTypes()  # the built-in table only: the machine's own would change the answer

_BY_SUFFIX_MIME = {  # what the table of some Python that we run on lacks or takes for a video
    ".avif": "image/avif",
    ".md": "text/markdown",
    ".toml": "application/toml",
    ".ts": "text/plain",
    ".wasm": "application/wasm",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
}
_TEXTUAL = ("text/", "application/", "image/svg+xml")
TEXT, BYTES = "text/plain", "application/octet-stream"


def language_of(path: str, content: str = "") -> str | None:
    """By the name, else by the interpreter that the first line of a script names."""
    name = PurePosixPath(path)
    known = _BY_NAME.get(name.name) or _BY_SUFFIX.get(name.suffix.lower())
    if known is not None or name.suffix or not content.startswith("#!"):
        return known
    words = content.partition("\n")[0][2:].split()
    programs = [PurePosixPath(word).name.rstrip("0123456789.") for word in words]
    return next((_BY_INTERPRETER[program] for program in programs if program in _BY_INTERPRETER), None)


def mime_type_of(path: str, *, is_binary: bool) -> str:
    """By the name; a name that promises pictures or sound is not believed of text."""
    name = PurePosixPath(path)
    guessed, encoding = _TABLE.guess_type(name.name)
    if encoding is not None:
        guessed = f"application/{encoding}"
    found = _BY_SUFFIX_MIME.get(name.suffix.lower()) or guessed
    if is_binary:
        return found or BYTES
    return found if found is not None and found.startswith(_TEXTUAL) else TEXT


def text_of(data: bytes) -> str | None:
    """The text that bytes are; None when they are none that PostgreSQL and an editor can hold."""
    if b"\0" in data:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None
