"""Who may import whom. Imports under TYPE_CHECKING and inside functions count like all others."""

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from tests.architecture.policy import BESIDE_THE_SERVER, FEATURES_THAT_IMPORT_FEATURES, FORBIDDEN, LAYERS
from tests.architecture.sources import Source

HEIGHTS = {module: height for height, layer in enumerate(LAYERS) for module in layer.modules}
TYPESCRIPT_IMPORT = re.compile(r"""(?:\bfrom|\bimport|\brequire)\s*\(?\s*["'](\.[^"']+)["']""")


def imported_modules(source: Source) -> Iterator[str]:
    """Yield dotted names; `from a import b` yields a.b, which may be a module or a name of a."""
    for node in ast.walk(source.tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                start = absolute(source.package, module or "", level)
                yield from (f"{start}.{alias.name}" for alias in names)
            case ast.Call(
                func=ast.Attribute(attr="import_module") | ast.Name(id="import_module" | "__import__"),
                args=[ast.Constant(value=str(name)), *_],
            ):
                yield name


def absolute(package: str, module: str, level: int) -> str:
    """Resolve the dots of a relative import."""
    if level == 0:
        return module
    above = package.split(".")[: len(package.split(".")) - (level - 1)]
    return ".".join([*above, module] if module else above)


def is_in(module: str, units: tuple[str, ...]) -> bool:
    return any(module == unit or module.startswith(f"{unit}.") for unit in units)


def unit_of(module: str) -> str | None:
    """Return the entry of LAYERS that the module belongs to."""
    return next((unit for unit in HEIGHTS if is_in(module, (unit,))), None)


def upward_imports(source: Source) -> Iterator[str]:
    """Imports point down only (docs/architecture.md)."""
    unit = unit_of(source.module)
    if unit is None:
        if source.module != "server":
            yield f"{source.path} is in no layer: give it a place in tests/architecture/policy.py"
        return
    for module in imported_modules(source):
        target = unit_of(module)
        if target is None or target == unit:
            if target is None and is_in(module, ("server",)):
                yield f"{source.path} imports {module}, which is in no layer"
            continue
        same_layer = HEIGHTS[target] == HEIGHTS[unit] and LAYERS[HEIGHTS[unit]].see_one_another
        if HEIGHTS[target] >= HEIGHTS[unit] and not same_layer:
            yield f"{source.path} ({unit}) imports {module}: {target} is not below it"


def forbidden_imports(source: Source) -> Iterator[str]:
    """Some units may see less than their height allows."""
    forbidden, reason = FORBIDDEN.get(unit_of(source.module) or "", ((), ""))
    for module in imported_modules(source):
        if is_in(module, forbidden):
            yield f"{source.path} imports {module}: {reason}"
        if is_in(module, BESIDE_THE_SERVER):
            yield f"{source.path} imports {module}: the server stands without what lies beside it"


def sibling_features(source: Source) -> Iterator[str]:
    """A feature never imports another one, but for the pairs that are written down."""
    slug = feature_slug(source.module)
    if slug is None:
        return
    for module in imported_modules(source):
        other = feature_slug(module)
        if is_in(module, ("server.features",)) and other != slug and (slug, other) not in FEATURES_THAT_IMPORT_FEATURES:
            yield f"{source.path} imports {module}: features meet through effects, not through imports"


def feature_slug(module: str) -> str | None:
    """Return `cursors` for server.features.cursors and all below it; None outside of any feature."""
    parts = module.split(".")
    return parts[2] if parts[:2] == ["server", "features"] and len(parts) > 2 else None


def runner_imports(source: Source) -> Iterator[str]:
    """The runner is a client: of all that is ours it knows the wire and itself."""
    for module in imported_modules(source):
        if is_in(module, ("server", "bench", "client", "tests", "tools")):
            yield f"{source.path} imports {module}: runner/ knows only protocol/"


def client_imports(source: Source) -> Iterator[str]:
    """TypeScript that climbs out of client/ may only reach protocol/."""
    for target in TYPESCRIPT_IMPORT.findall(source.text):
        reached = normalised(source.path.parent / target)
        if reached.parts[:1] not in {("client",), ("protocol",)}:
            yield f"{source.path} imports {target}: client/ knows only protocol/"


def normalised(path: PurePosixPath) -> PurePosixPath:
    parts: list[str] = []
    for part in path.parts:
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        else:
            parts.append(part)
    return PurePosixPath(*parts)
