"""The templates feature put together."""

from protocol.templates import DeleteTemplate, ListTemplatePaths, ListTemplates, MakeTemplate, UseTemplate
from server.access.roles import SIGNED_IN, Ability
from server.feature import CommandSpec, Feature, Services
from server.features.templates.catalogue import Catalogue
from server.features.templates.making import Making
from server.features.templates.using import Using

COPY_TIMEOUT_S = 60.0  # a project at its limit of files takes some seconds


def build(services: Services) -> Feature:
    catalogue, making, using = Catalogue(services), Making(services), Using(services)
    return Feature(
        slug="templates",
        commands=(
            CommandSpec(ListTemplates, catalogue.list, SIGNED_IN),
            CommandSpec(ListTemplatePaths, catalogue.list_paths, SIGNED_IN),
            CommandSpec(MakeTemplate, making.make, Ability.MANAGE, timeout_s=COPY_TIMEOUT_S),
            CommandSpec(UseTemplate, using.use, SIGNED_IN, timeout_s=COPY_TIMEOUT_S),
            CommandSpec(DeleteTemplate, making.delete, SIGNED_IN),
        ),
    )
