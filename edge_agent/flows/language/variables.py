"""A flow's variables as its nodes see them: typed, and with the device's own values in place of the flow's."""

from collections.abc import Mapping
from typing import Any

from edgeflow.contract.flow import Definition
from edgeflow.contract.variables import read_variable


def read_variables(definition: Definition, overrides: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the variables in their types, by name, and what is wrong with those that are left out.

    An override of a variable that the flow does not have means nothing: it may be another version's.
    """
    variables: dict[str, Any] = {}
    faults = []
    for variable in definition.variables:
        overridden = variable.name in overrides
        wanted = variable.model_copy(update={"value": overrides[variable.name]}) if overridden else variable
        try:
            variables[variable.name] = read_variable(wanted)
        except ValueError as error:
            whose = "this device's own value in the agent's settings: " if overridden else ""
            faults.append(f"variable {variable.name}: {whose}{error}")
    return variables, faults
