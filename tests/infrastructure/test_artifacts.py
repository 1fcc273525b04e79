"""What `sam build` made imports with nothing beside it but the layer and what Lambda's Python runtime provides."""

import os
import subprocess
from pathlib import Path

import pytest

from localcloud.emulator import interpreter
from localcloud.settings import Settings
from localcloud.stack import Stack
from tests.infrastructure.conftest import Template

# boto3 and what it needs: Lambda has these, and no other package.
OF_LAMBDA = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six.py", "urllib3")

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def of_lambda(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    """A folder with boto3 alone, to be imported from."""
    (packages,) = (root / ".venv-ministack" / "lib").glob("python*/site-packages")
    folder = tmp_path_factory.mktemp("runtime")
    for name in OF_LAMBDA:
        (folder / name).symlink_to(packages / name)
    return folder


def test_every_handler_imports_from_its_artifact_alone(
    template: Template, stack: Stack, local_cloud: Settings, of_lambda: Path, tmp_path: Path
) -> None:
    assert stack.name  # deployed, so built
    build = local_cloud.data_dir / "build"
    for name, function in template.resources("AWS::Serverless::Function").items():
        module, _, handler = function["Handler"].rpartition(".")
        places = [build / name, build / "EdgeflowLayer" / "python", of_lambda]
        done = subprocess.run(  # noqa: S603  the interpreter of this clone
            [interpreter(), "-S", "-W", "error", "-c", f"from {module} import {handler}"],
            # Tracing is on only where powertools sees Lambda, and needs a package of its own.
            env={
                "AWS_LAMBDA_FUNCTION_NAME": name,
                "LAMBDA_TASK_ROOT": str(build / name),
                "PYTHONDONTWRITEBYTECODE": "1",
                "PYTHONPATH": os.pathsep.join(map(str, places)),
            },
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, f"{name}: {done.stderr}"


def test_the_api_has_its_document_and_its_page(stack: Stack, local_cloud: Settings, root: Path) -> None:
    assert stack.name  # deployed, so built
    for name in ("openapi.json", "docs.html"):
        built = local_cloud.data_dir / "build" / "ApiReadingFunction" / "api" / name
        assert built.read_bytes() == (root / "functions" / "api" / name).read_bytes()
