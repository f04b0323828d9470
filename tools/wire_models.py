"""Finds every command, event and other model of `protocol/` by walking its modules, so that nothing is listed twice."""

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType

import protocol
from protocol.model import Command, Event, WireModel


@dataclass(frozen=True, slots=True)
class WireModels:
    """Each list in the order of module name, then definition."""

    commands: list[type[Command[WireModel]]]
    events: list[type[Event]]
    others: list[type[WireModel]]  # replies, their parts, and the handshake


def find_models(package: ModuleType = protocol) -> WireModels:
    """Import every module of `package` and sort the models defined there."""
    found = WireModels([], [], [])
    for model in _defined_models(package):
        if issubclass(model, Command):
            found.commands.append(model)
        elif issubclass(model, Event):
            found.events.append(model)
        else:
            found.others.append(model)
    _check_names([*(command.name for command in found.commands), *(event.name for event in found.events)])
    return found


def _defined_models(package: ModuleType) -> Iterator[type[WireModel]]:
    for entry in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        module = importlib.import_module(entry.name)
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, WireModel) and _is_own(value, module):
                yield value


def _is_own(model: type[WireModel], module: ModuleType) -> bool:
    """Neither imported, nor a base, nor a `Command[Reply]`, which pydantic leaves in the module too."""
    is_parametrised = bool(model.__pydantic_generic_metadata__["args"])
    return model.__module__ == module.__name__ and not is_parametrised and model not in (WireModel, Command, Event)


def _check_names(names: list[str]) -> None:
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ValueError(f"the name of two commands or events: {', '.join(sorted(twice))}")
