"""Templates: projects to begin others with."""

from server.features.templates.feature import build
from server.features.templates.own import ensure_own_templates

__all__ = ["build", "ensure_own_templates"]
