"""Faults are told in words of this API: of every model that reads a request, each place is given what does not fit."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest
from pydantic import BaseModel, ValidationError

from edgeflow.contract.nodes.kinds import KINDS, kind_of
from edgeflow.contract.rest import deployment_queries, deployments, devices, flows
from edgeflow.contract.rest.fleet import ListDevices
from edgeflow.contract.rest.paging import PageQuery
from edgeflow.contract.rest.problem import faults_of
from edgeflow.contract.rest.sentences import OTHERWISE
from edgeflow.contract.rest.targets import ListTargets

BODIES: Final[tuple[type[BaseModel], ...]] = (
    flows.CreateFlow,
    flows.UpdateFlow,
    flows.PatchFlow,
    deployments.CreateAllAtOnce,
    deployments.CreateRolling,
    deployments.CreateCanary,
    deployments.CreateBlueGreen,
    deployments.CreateUnknown,
    devices.RegisterDevice,
)
QUERIES: Final[tuple[type[BaseModel], ...]] = (
    PageQuery,
    flows.ListFlows,
    deployment_queries.ListDeployments,
    deployment_queries.ReadDeployment,
    ListTargets,
    ListDevices,
)
VALUES: Final[tuple[object, ...]] = (
    None,
    True,
    1,
    -1,
    10**12,
    1.5,
    "",
    " ",
    "\x00",
    "€",
    "1_0",
    "9" * 40,
    "x" * 5_000,
    [],
    {},
    {"?": 1},
)
NOT_OURS: Final = re.compile(
    r"\b(tuple|dict|dictionary|array|None|NoneType|str|int|integer|float|bool|boolean|model|instance|valid|input|regex|"
    r"pattern|keyword|field|attribute|enum|literal|union|tag|extra|pydantic|Python|datetime|timedelta)\b|[\^\\$]"
)

Schema = Mapping[str, Any]


def misfits(schema: Schema, shared: Schema) -> Iterator[object]:
    """Yield documents, each with one value that may not fit at one place of the schema."""
    if "$ref" in schema:
        yield from misfits(shared[schema["$ref"].rpartition("/")[2]], shared)
        return
    yield from VALUES
    for choice in schema.get("anyOf", ()):
        yield from misfits(choice, shared)
    told = schema.get("discriminator", {"mapping": {}})
    for name, reference in told["mapping"].items():
        inner = misfits({"$ref": reference}, shared)
        yield from ({told["propertyName"]: name, **value} for value in inner if isinstance(value, dict))
    for name, inner_schema in schema.get("properties", {}).items():
        yield from ({name: value} for value in misfits(inner_schema, shared))
    if "items" in schema:
        yield [None] * (schema.get("maxItems", 0) + 1)
        yield from ([value] for value in misfits(schema["items"], shared))


def assert_in_our_words(error: ValidationError, model: type[BaseModel]) -> None:
    """Each fault has a sentence of its own, without what those who wrote the model would say."""
    faults = list(faults_of(error, model))
    assert faults
    for fault in faults:
        assert fault.detail != OTHERWISE, (fault, error.errors())
        unnamed = re.sub(r"known keys are .*|'[^']*'|\"[^\"]*\"", "", fault.detail)
        assert not NOT_OURS.search(unnamed), fault


@pytest.mark.parametrize("model", BODIES, ids=lambda model: model.__name__)
@pytest.mark.slow
def test_every_fault_of_a_body_is_told_in_our_words(model: type[BaseModel]) -> None:
    schema = model.model_json_schema()
    refused = 0
    for document in misfits(schema, schema.get("$defs", {})):
        try:
            model.model_validate_json(json.dumps(document), strict=True)
        except ValidationError as error:
            assert_in_our_words(error, model)
            refused += 1
    assert refused > 50


@pytest.mark.parametrize("node_type", list(KINDS))
def test_every_fault_of_a_node_s_settings_is_told_in_our_words(node_type: str) -> None:
    model = kind_of(node_type).settings_type
    schema = model.model_json_schema()
    refused = 0
    for document in misfits(schema, schema.get("$defs", {})):
        try:
            model.model_validate(json.loads(json.dumps(document)))
        except ValidationError as error:
            assert_in_our_words(error, model)
            refused += 1
    assert refused > 10


@pytest.mark.parametrize("model", QUERIES, ids=lambda model: model.__name__)
def test_every_fault_of_a_parameter_is_told_in_our_words(model: type[BaseModel]) -> None:
    texts = [value for value in VALUES if isinstance(value, str)]
    refused = 0
    for name in [*model.model_fields, "unknown"]:
        for text in texts:
            try:
                model.model_validate({name: text})
            except ValidationError as error:
                assert_in_our_words(error, model)
                refused += 1
    assert refused > 10
