"""Attributes of items, each as the type that it has to have."""

import pytest

from edgeflow.adapters.attributes import whole
from edgeflow.adapters.table import from_attributes


@pytest.mark.parametrize("number", ["1.5", "1E+125", "-9.9E+125"])
def test_numbers_that_are_none_of_ours_are_never_rounded(number: str) -> None:
    with pytest.raises(ValueError, match="a is not a whole number"):
        whole(from_attributes({"a": {"N": number}}), "a")
