"""The list of node types as the API answers with it, and where it is kept."""

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from edge_agent.flows.builtin.nodes import NODE_TYPES
from edge_agent.flows.node_red.nodes import TRANSLATIONS
from edgeflow.contract.durations import format_duration
from edgeflow.contract.nodes.kind import NodeKind
from edgeflow.contract.nodes.kinds import KINDS, NATIVE_TYPE, kind_of
from edgeflow.contract.nodes.paths import PayloadPath
from edgeflow.contract.references import PLACES, TextKind
from edgeflow.contract.rest.node_types import NodeType, NodeTypeList
from node_types.page import Section, sections
from node_types.titles import TITLES, Title

PLACE: Final = "layers/edgeflow/edgeflow/adapters/flows/node_types.json"


_WITH_REFERENCES: Final = {"type": "string", "format": "with-references", "pattern": r"\$\{"}


class _SettingsSchema(GenerateJsonSchema):
    """A schema of settings as authors write them; names of models and of fields in Python are no business of theirs."""

    def encode_default(self, dft: Any) -> Any:  # noqa: ANN401  defaults are of any kind
        match dft:
            case timedelta():
                return format_duration(dft)
            case PayloadPath():
                return dft.text
            case BaseModel():
                return dft.model_dump(mode="json", by_alias=True, exclude_unset=True)
            case list():
                return [self.encode_default(each) for each in dft]
            case _:
                return super().encode_default(dft)

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ANN401, ARG002  whatever pydantic hands over
        return False


def written(root: Path) -> str:
    """Return the list as it is kept in a file."""
    said = sections(root)
    found = [_node_type(name, said[name], TITLES[name]) for name in sorted(KINDS)]
    document = NodeTypeList(node_types=found).model_dump(mode="json")
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _node_type(name: str, section: Section, title: Title) -> NodeType:
    kind = kind_of(name)
    return NodeType(
        type=name,
        title=title.title,
        summary=section.summary,
        documentation=section.documentation,
        runtimes=_runtimes(name),
        inputs=1 if kind.takes_messages else 0,
        outputs=_outputs(kind, title),
        settings=_schema(name, section.settings),
        examples=[dict(example) for example in title.examples],
    )


def _runtimes(name: str) -> list[Any]:
    builtin = ["builtin"] if name in NODE_TYPES.built_in else []
    return [*builtin, "node-red"] if name in TRANSLATIONS or name == NATIVE_TYPE else builtin


def _outputs(kind: type[NodeKind[Any]], title: Title) -> int | None:
    """Return how many outputs nodes of a type have; None when their settings decide."""
    counts = {len(kind.ports(kind.settings_type.model_validate(example))) for example in title.examples}
    return counts.pop() if len(counts) == 1 else None


def _schema(name: str, said: Mapping[str, str]) -> dict[str, Any]:
    kind = kind_of(name)
    schema = kind.settings_type.model_json_schema(schema_generator=_SettingsSchema)
    objects = [schema, *schema.get("$defs", {}).values()]
    for each in objects:
        for key in ("title", "description"):
            each.pop(key, None)
        for setting, place in each.get("properties", {}).items():
            place["description"] = said[setting]
    for setting, text in PLACES.get(name, {}).items():
        _allow_references(schema["properties"][setting], text)
    return schema


def _allow_references(place: dict[str, Any], text: TextKind) -> None:
    """Let a setting be a text with references, whatever else it may be: what these stand for only devices know."""
    if text is TextKind.HEADER:
        values = place["patternProperties"]
        place["patternProperties"] = {name: {"anyOf": [value, _WITH_REFERENCES]} for name, value in values.items()}
        place["additionalProperties"] = False
        return
    plain = {key: place.pop(key) for key in list(place) if key not in {"default", "description"}}
    place["anyOf"] = [*plain.get("anyOf", [plain]), _WITH_REFERENCES]
