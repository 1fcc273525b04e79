"""A flow in a file, as JSON."""

from pathlib import Path

from edgeflow.cli.text_files import text_of
from edgeflow.client import InvalidArgument
from edgeflow.client.session import checked
from edgeflow.contract.json_values import read_json
from edgeflow.contract.rest.flows import CreateFlow


def read_flow_file(file: Path) -> CreateFlow:
    """Read a flow as `flows create` takes it. Raises a sentence that names the file, for people."""
    text = text_of(file)
    try:
        document = read_json(text, each_key_once=True)
    except (ValueError, RecursionError) as error:
        message = f"{file} is no JSON: {error}"
        raise InvalidArgument(message) from None
    try:
        return checked(CreateFlow, document)
    except InvalidArgument as error:
        message = f"{file}: {error}"
        raise InvalidArgument(message) from None
