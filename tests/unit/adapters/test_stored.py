"""Models of what is at rest have the fields of the contract's."""

from typing import Any

import pytest
from pydantic import BaseModel

from edgeflow.adapters.stored import Stored


def _models(base: type[Stored]) -> list[type[Stored]]:
    return [model for each in base.__subclasses__() for model in (each, *_models(each))]


@pytest.mark.parametrize("model", _models(Stored))
def test_what_is_at_rest_has_every_field_of_the_contract_and_no_other(model: type[Stored]) -> None:
    def fields(of: type[BaseModel]) -> dict[str, tuple[bool, Any, str | None]]:
        return {
            name: (field.is_required(), field.get_default(call_default_factory=True), field.alias)
            for name, field in of.model_fields.items()
        }

    assert fields(model) == fields(model.contract)
