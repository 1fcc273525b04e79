"""What samconfig.toml says of the environment that is to be deployed."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from operations.errors import Refused


@dataclass(frozen=True)
class Environment:
    """``name`` is that of ``--config-env``; ``parameters`` are the template's that it sets."""

    name: str
    stack_name: str
    region: str | None
    parameters: Mapping[str, str]


def read_environment(samconfig: str, name: str) -> Environment:
    """Return an environment of the text of samconfig.toml.

    Raises:
        Refused: it has no such environment.
    """
    configured = tomllib.loads(samconfig)
    environments = sorted(key for key, value in configured.items() if isinstance(value, dict) and "global" in value)
    if name not in environments:
        message = f"samconfig.toml has no environment {name}. It has {', '.join(environments)}."
        raise Refused(message)
    common = configured[name]["global"]["parameters"]
    overrides = configured[name].get("deploy", {}).get("parameters", {}).get("parameter_overrides", [])
    return Environment(
        name=name,
        stack_name=common["stack_name"],
        region=common.get("region"),
        parameters=dict(pair.split("=", 1) for pair in overrides),
    )


def read_text(root: Path, name: str) -> str:
    """Return the text of a file of the repository."""
    return (root / name).read_text(encoding="utf-8")
