"""Whether the layer that was built can be loaded by every runtime that the template admits."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from layers.edgeflow.build_layer import LayerError, check, runtimes
from operations.preflight.findings import Finding, error, warning, well

CHECK: Final = "layer"


def layer(built: Path, template: str) -> Iterator[Finding]:
    """Look at a folder of `sam build`, such as ``.aws-sam/build``, by the text of template.yaml."""
    folder = built / "EdgeflowLayer" / "python"
    if not folder.is_dir():
        yield warning(
            CHECK,
            f"nothing is built in {built.name}",
            why="a layer for another Python deploys well, and no function can load it",
            remedy="run sam build, then this again",
        )
        return
    admitted = runtimes(template)
    try:
        check(folder, admitted)
    except LayerError as fault:
        yield error(CHECK, str(fault), why="no function could start", remedy="remove .aws-sam, and run sam build again")
    else:
        yield well(CHECK, f"it can be loaded by {len(admitted)} runtimes")
