"""Builds template.yaml and deploys it to the local cloud, with the real SAM CLI."""

import os
import re
import subprocess
import time
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import requests

from deployed.sam import sam
from localcloud import console
from localcloud.clients import root_client
from localcloud.emulator import interpreter
from localcloud.errors import LocalCloudError
from localcloud.settings import ACCOUNT_ID, HOST, REGION, ROOT, ROOT_KEYS, Settings
from localcloud.stack import Stack

BUILD_SECONDS: Final = 300
DEPLOY_SECONDS: Final = 300
_LOOKS_EVERY_SECONDS: Final = 0.5
_PLANNED: Final = "REVIEW_IN_PROGRESS"  # nothing is changed yet, and the next deployment takes it over


def deploy(settings: Settings) -> Stack:
    """Build and deploy, or update in place; the emulator must run.

    Raises:
        StackError: the SAM CLI is missing, or failed: its last words are in the text.
    """
    _refuse_missing_handlers()
    parameters = _parameters(settings)
    overrides = ["--parameter-overrides", *(f"{name}={value}" for name, value in parameters.items())]
    build_dir = settings.data_dir / "build"
    log = settings.data_dir / "deploy.log"
    log.unlink(missing_ok=True)
    build = ["build", "--build-dir", str(build_dir), "--cached", "--cache-dir", str(settings.data_dir / "cache")]
    _sam(settings, [*build, *overrides], log=log, seconds=BUILD_SECONDS)
    _wait_for_the_last_one(settings)
    template = ["--template-file", str(build_dir / "template.yaml"), "--stack-name", settings.stack_name]
    _sam(settings, ["deploy", *template, *overrides], log=log, seconds=DEPLOY_SECONDS)
    stack = _describe(settings)
    console.adapt(stack)
    stack.save(settings.data_dir)
    return stack


def _refuse_missing_handlers() -> None:
    # CloudFormation deploys a function without its handler gladly; it would fail at the first event only.
    handlers = re.findall(r"^ +Handler: ([\w.]+)\.\w+$", (ROOT / "template.yaml").read_text(), re.MULTILINE)
    paths = [f"functions/{name.replace('.', '/')}.py" for name in handlers]
    missing = [path for path in paths if not (ROOT / path).exists()]
    if missing:
        message = f"template.yaml names handlers that do not exist: {', '.join(missing)}."
        raise LocalCloudError(message)


def _parameters(settings: Settings) -> dict[str, str]:
    # An override on the command line replaces all of the configuration file's, so they are put together here.
    configuration = tomllib.loads((ROOT / "samconfig.toml").read_text())
    configured = configuration["local"]["deploy"]["parameters"]["parameter_overrides"]
    here = {"PythonRuntime": _runtime(), **console.parameters(settings)}
    return dict(pair.split("=", 1) for pair in configured) | here | dict(settings.parameters)


def _runtime() -> str:
    """Return the runtime of the interpreter that functions run in here, such as ``python3.11``."""
    program = "import sys; print('python%d.%d' % sys.version_info[:2])"
    told = subprocess.run([interpreter(), "-c", program], capture_output=True, text=True, check=True, timeout=30)
    return told.stdout.strip()


def _sam(settings: Settings, arguments: list[str], *, log: Path, seconds: float) -> None:
    sam(arguments, config_env="local", environment=_environment(settings), log=log, seconds=seconds)


def _environment(settings: Settings) -> Mapping[str, str]:
    outer = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON"))}
    # The layer is built by, and for, the interpreter that the functions run in.
    path = os.pathsep.join([str(Path(interpreter()).parent), os.environ.get("PATH", os.defpath)])
    return outer | {
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": settings.endpoint_url,
        "LAYER_PLATFORM": "local",
        "PATH": path,
        "SAM_CLI_TELEMETRY": "0",
        **ROOT_KEYS,
    }


def _wait_for_the_last_one(settings: Settings) -> None:
    # The deployment of a command that was stopped half-way goes on in the cloud, and a second one is refused.
    client = _cloudformation(settings)
    end = time.monotonic() + DEPLOY_SECONDS
    while (status := _status(client, settings.stack_name)).endswith("_IN_PROGRESS") and status != _PLANNED:
        if time.monotonic() > end:
            message = f"An earlier deployment does not end: it is {status}. Start the local cloud anew: make down up"
            raise LocalCloudError(message)
        time.sleep(_LOOKS_EVERY_SECONDS)


def _status(client: Any, stack_name: str) -> str:  # noqa: ANN401  a client of CloudFormation
    """Return the stack's status; empty when there is none."""
    try:
        return str(client.describe_stacks(StackName=stack_name)["Stacks"][0]["StackStatus"])
    except client.exceptions.ClientError as error:
        if "does not exist" not in str(error):
            raise
        return ""


def _cloudformation(settings: Settings) -> Any:  # noqa: ANN401
    return root_client("cloudformation", settings.endpoint_url)


def _describe(settings: Settings) -> Stack:
    described: Any = _cloudformation(settings).describe_stacks(StackName=settings.stack_name)["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}
    ca_path = settings.data_dir / "iot-ca.pem"
    ca_path.write_bytes(_download(f"{settings.endpoint_url}/_ministack/iot/ca.pem"))
    # https://{api}.execute-api.{region}.amazonaws.com/api/v1; the emulator serves it under a path of its own.
    address = urlsplit(outputs["ApiUrl"])
    api_id = (address.hostname or "").partition(".")[0]
    return Stack(
        name=settings.stack_name,
        region=REGION,
        account_id=ACCOUNT_ID,
        endpoint_url=settings.endpoint_url,
        api_url=f"{settings.endpoint_url}/_aws/execute-api/{api_id}{address.path}",
        mqtt_host=HOST,
        mqtt_port=settings.mqtt_port,
        ca_path=ca_path,
        outputs=outputs,
    )


def _download(address: str) -> bytes:
    response = requests.get(address, timeout=10)
    response.raise_for_status()
    return response.content
