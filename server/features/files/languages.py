"""The language and MIME type of a file, from its name."""

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

_MIME_TYPES = mimetypes.MimeTypes()  # the built-in table only: the machine's own would change the answer


def language_of(path: str) -> tuple[str | None, str]:
    """(language or None, MIME type); unknown names are plain text."""
    name = PurePosixPath(path)
    language = _BY_NAME.get(name.name) or _BY_SUFFIX.get(name.suffix.lower())
    mime_type, _ = _MIME_TYPES.guess_type(name.name)
    return language, mime_type or "text/plain"
