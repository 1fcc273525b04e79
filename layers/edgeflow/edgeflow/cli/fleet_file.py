"""The file that `edgeflow apply` takes: which flows there are, and which version of each runs where.

flows:
First flow:
file: first-flow.json
deploy:
- groups: [factory]
strategy: canary
config: {canary_delay: 10m}
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from edgeflow.cli.flow_files import read_flow_file
from edgeflow.cli.text_files import text_of
from edgeflow.cli.yaml_text import YamlText, read_yaml
from edgeflow.client import InvalidArgument
from edgeflow.contract.flow import Definition
from edgeflow.contract.graph import graph_faults
from edgeflow.contract.ids import MAX_VERSION, DeviceId, GroupName, Slug
from edgeflow.contract.rest.definition import DefinitionBody
from edgeflow.contract.rest.deployments import MAX_TARGET_GROUPS
from edgeflow.contract.rest.flows import Description, FlowName, Tags
from edgeflow.contract.rest.problem import faults_of, pointer_to
from edgeflow.contract.rest.settings import (
    MAX_TARGET_DEVICES,
    AllAtOnceSettings,
    BlueGreenSettings,
    CanarySettings,
    RollingSettings,
)

_IN_THE_FLOWS_FILE: Final = ("description", "tags", "slug", "definition")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Deploy(_Part):
    """Where a version of a flow is to run. Without ``version``: the one with the definition that the file says."""

    version: Annotated[int, Field(ge=1, le=MAX_VERSION)] | None = None
    devices: Annotated[tuple[DeviceId, ...], Field(max_length=MAX_TARGET_DEVICES)] = ()
    groups: Annotated[tuple[GroupName, ...], Field(max_length=MAX_TARGET_GROUPS)] = ()


class DeployAllAtOnce(_Deploy):
    """In one wave."""

    strategy: Literal["all_at_once"]
    config: AllAtOnceSettings = AllAtOnceSettings()


class DeployRolling(_Deploy):
    """Batch after batch."""

    strategy: Literal["rolling"]
    config: RollingSettings = RollingSettings()


class DeployCanary(_Deploy):
    """A few first, then the rest."""

    strategy: Literal["canary"]
    config: CanarySettings = CanarySettings()


class DeployBlueGreen(_Deploy):
    """Staged beside the live version, then switched."""

    strategy: Literal["blue_green"]
    config: BlueGreenSettings = BlueGreenSettings()


Deploy = Annotated[DeployAllAtOnce | DeployRolling | DeployCanary | DeployBlueGreen, Field(discriminator="strategy")]


class FlowEntry(_Part):
    """One flow. What is left out stays as it is. ``file`` (JSON, as for `flows create`) stands for the others.

    A ``slug`` finds the flow before its name does, so that it can be named anew.

    A path is seen from the folder of the fleet's file.
    """

    file: Annotated[str, StringConstraints(min_length=1)] | None = None
    description: Description | None = None
    tags: Tags | None = None
    slug: Slug | None = None
    definition: DefinitionBody | None = None
    deploy: tuple[Deploy, ...] = ()


class FleetFile(_Part):
    """The whole file: flows by their names, each of which one flow of the stack has at most."""

    flows: Annotated[dict[FlowName, FlowEntry], Field(min_length=1)]


@dataclass(frozen=True)
class WantedFlow:
    """A flow as the file says. What is None stays as it is in the cloud."""

    name: str
    description: str | None
    tags: tuple[str, ...] | None
    definition: Definition | None
    deploy: tuple[Deploy, ...]
    slug: str | None = None


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the file, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **FleetFile.model_json_schema()}


def read_fleet_file(path: Path) -> tuple[WantedFlow, ...]:
    """Read the file and those that it names.

    Raises:
        CommandFailed: a file cannot be read.
        InvalidArgument: it is not right; every fault is named with its line.
    """
    read = read_yaml(str(path), text_of(path))
    try:
        fleet = FleetFile.model_validate_json(json.dumps(read.document, allow_nan=False), strict=True)
    except ValidationError as error:
        raise _refused(read, [(fault.pointer, fault.detail) for fault in faults_of(error, FleetFile)]) from None
    except (TypeError, ValueError) as error:
        message = f"{path}:1: it holds what JSON cannot: {error}"
        raise InvalidArgument(message) from None
    faults: list[tuple[str, str]] = []
    wanted = [_wanted(path.parent, name, entry, faults) for name, entry in fleet.flows.items()]
    counted = Counter(each.slug for each in wanted)
    faults += [
        (pointer_to(("flows", each.name)), f"the slug {each.slug} is another flow's of this file, too")
        for each in wanted
        if each.slug is not None and counted[each.slug] > 1
    ]
    if faults:
        raise _refused(read, faults)
    return tuple(wanted)


def _wanted(folder: Path, name: str, entry: FlowEntry, faults: list[tuple[str, str]]) -> WantedFlow:
    at = ("flows", name)
    description, tags, slug, body = entry.description, entry.tags, entry.slug, entry.definition
    if entry.file is not None:
        beside = [key for key in _IN_THE_FLOWS_FILE if getattr(entry, key) is not None]
        faults += [(pointer_to((*at, key)), "file says this already: leave one of them out") for key in beside]
        flow = read_flow_file(folder / entry.file)
        if flow.name != name:
            faults.append((pointer_to((*at, "file")), f"the flow in {entry.file} is named {flow.name!r}, not {name!r}"))
        description = flow.description if "description" in flow.model_fields_set else None
        tags = flow.tags if "tags" in flow.model_fields_set else None
        slug = flow.slug
        body = flow.definition
    definition = None if body is None else body.as_definition()
    if definition is not None:
        faults += [
            (pointer_to((*at, "file" if entry.file else "definition", *place)), fault)
            for place, fault in graph_faults(definition)
        ]
    faults += [(pointer_to((*at, "deploy", *place)), fault) for place, fault in _target_faults(entry.deploy)]
    # the API counts a tag once
    tags = None if tags is None else tuple(dict.fromkeys(tags))
    return WantedFlow(name, description, tags, definition, entry.deploy, slug)


def _target_faults(deploys: tuple[Deploy, ...]) -> Iterator[tuple[tuple[int | str, ...], str]]:
    for number, deploy in enumerate(deploys):
        if not (deploy.devices or deploy.groups):
            yield (number,), "name at least one device or one group"
    for kind in ("devices", "groups"):
        counted = Counter(each for deploy in deploys for each in getattr(deploy, kind))
        for number, deploy in enumerate(deploys):
            for twice in dict.fromkeys(each for each in getattr(deploy, kind) if counted[each] > 1):
                yield (number, kind), f"{twice} is named twice for this flow, and would have two versions or rollouts"


def _refused(read: YamlText, faults: list[tuple[str, str]]) -> InvalidArgument:
    told = (f"{read.place(pointer)}: {pointer or 'the document'}: {detail}" for pointer, detail in faults)
    return InvalidArgument("; ".join(told))
