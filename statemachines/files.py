"""Every machine there is, and the files of the definitions."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from statemachines.asl import Definition, text
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
    """Return the text of each file by its name."""
    return {f"{name}.asl.json": text(make()) for name, make in MACHINES.items()}


def write(folder: Path) -> None:
    """Write the files that template.yaml deploys."""
    for name, content in contents().items():
        (folder / name).write_text(content, encoding="utf-8")
