"""Every machine there is, and the files that are written of it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from statemachines.asl import Definition, text
from statemachines.drawing import draw
from statemachines.rollback import rollback
from statemachines.shared import deploy_wave, handle_breach
from statemachines.strategies import all_at_once, blue_green, canary, rolling

MACHINES: Final[Mapping[str, Callable[[], Definition]]] = {
    "all_at_once": all_at_once,
    "rolling": rolling,
    "canary": canary,
    "blue_green": blue_green,
    "deploy_wave": deploy_wave,
    "handle_breach": handle_breach,
    "rollback": rollback,
}


def contents() -> dict[str, str]:
    """Return the text of each file by its path from the root: the definitions, and the drawings that docs/ shows."""
    definitions = {name: make() for name, make in MACHINES.items()}
    return {
        **{f"statemachines/{name}.asl.json": text(definition) for name, definition in definitions.items()},
        **{f"docs/graphs/{name}.svg": draw(definition) for name, definition in definitions.items()},
    }


def write(root: Path) -> None:
    """Write all files; ``root`` is the clone."""
    for path, content in contents().items():
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(content, encoding="utf-8")
