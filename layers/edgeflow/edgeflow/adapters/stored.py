"""Models of what is at rest as JSON: the fields of the contract's models without the bounds of what comes in.

What a request or a device must keep to is in ``contract``, and becomes narrower; what was stored before stays readable.
The one bound here is that every number is finite, since JSON cannot say any other.
"""

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict


class Stored(BaseModel):
    """Base of these models. ``contract`` is what the rest of the system knows; a test holds their fields alike."""

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)

    contract: ClassVar[type[BaseModel]]

    def as_contract(self) -> Any:  # noqa: ANN401  an instance of ``contract``
        """Return what was read as the contract's model, of which nothing is validated again."""
        return self.contract.model_construct(
            **{name: _converted(getattr(self, name)) for name in type(self).model_fields}
        )


def _converted(value: Any) -> Any:  # noqa: ANN401  any field
    match value:
        case Stored():
            return value.as_contract()
        case tuple():
            return tuple(_converted(entry) for entry in value)
        case _:
            return value
