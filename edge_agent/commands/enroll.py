"""``edgeflow-agent enroll``: from a claim certificate to the device's own."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from edge_agent.cloud.identity import Connection, Identity
from edge_agent.commands.arguments import Commands
from edge_agent.config import AgentConfig, ConfigError, check_config
from edge_agent.disk.files import make_folder
from edge_agent.disk.state import only_agent_of
from edge_agent.enrolment.enrol import enrol, forget_claim
from edge_agent.enrolment.ports import NotEnrolled, Provisioning
from edge_agent.jobs.signatures import KeyUnusable, TrustedKeys
from edgeflow.contract.enrolment import MAX_CLAIMED_ID_LENGTH, claim_client_id

DATA_DIRECTORY: Final = Path("/var/lib/edgeflow")  # StateDirectory=edgeflow of the unit in docs/agent.md
DONE: Final = 0
TRY_AGAIN: Final = 1


def add(commands: Commands) -> None:
    """Add the command."""
    command = commands.add_parser("enroll", help="get this device its certificate, with a claim certificate")
    command.add_argument(
        "--endpoint", required=True, help="AWS IoT's data endpoint (mqtt_endpoint of the announcement)"
    )
    command.add_argument("--port", type=int, default=8883)
    command.add_argument("--ca", type=Path, help="certificate authority of the endpoint (PEM); the system's by default")
    command.add_argument("--template", required=True, help="provisioning_template of the announcement")
    command.add_argument(
        "--topic-rules", default="edgeflow", help="topic_rules of the announcement; default: %(default)s"
    )
    command.add_argument("--device-id", required=True, help="the name that was announced (POST /v1/devices)")
    command.add_argument("--claim-certificate", type=Path, required=True, help="PEM")
    command.add_argument("--claim-key", type=Path, required=True, help="PEM")
    for option, of in (("--artifact-key", "versions"), ("--order-key", "orders")):
        command.add_argument(
            option,
            type=Path,
            action="append",
            default=[],
            metavar="FILE",
            help=f"public key (PEM) of the stack's key for {of}; the device trusts no other, or without one any; "
            "can be given again",
        )
    command.add_argument("--forget-claim", action="store_true", help="delete the claim's two files when it is done")
    command.add_argument("--config", type=Path, required=True, help="settings to write (TOML), see docs/agent.md")
    command.add_argument("--data-directory", type=Path, default=DATA_DIRECTORY, help="default: %(default)s")
    command.set_defaults(carry_out=carry_out)


def carry_out(asked: argparse.Namespace) -> int:
    """Enrol the device; returns the exit code: 0 done, 1 refused or unreachable. Raises ConfigError, StateError."""
    try:
        config = _checked(asked)
        make_folder(config.data_directory)
        with only_agent_of(config.data_directory):
            enrol(config, asked.config, lambda: _claimed(config))
        if asked.forget_claim:
            forget_claim(asked.claim_certificate, asked.claim_key)
    except (NotEnrolled, OSError) as error:
        return try_again(error)
    print(f"{config.device_id} is enrolled; start it with: edgeflow-agent run --config {asked.config}")  # noqa: T201  that is what a command line is for
    return DONE


def try_again(error: NotEnrolled | OSError) -> int:
    """Say why a certificate was not had; returns the exit code."""
    disk = f"the disk does not take it: {error}; make room or mend the permissions, then try again"
    print(disk if isinstance(error, OSError) else error, file=sys.stderr)  # noqa: T201  as above
    return TRY_AGAIN


def _checked(asked: argparse.Namespace) -> AgentConfig:
    """Check what was given as settings are; the claim's files stand where the device's own will."""
    for option, path in (("--claim-certificate", asked.claim_certificate), ("--claim-key", asked.claim_key)):
        if not path.is_file():
            message = f"{option}: there is no file {path}; docs/operations.md says how a claim is made"
            raise ConfigError(message)
    for option, files in (("--artifact-key", asked.artifact_key), ("--order-key", asked.order_key)):
        try:
            TrustedKeys.read(files)
        except KeyUnusable as error:
            message = f"{option}: {error}"
            raise ConfigError(message) from error
    document = {
        "device_id": asked.device_id,
        "endpoint": asked.endpoint,
        "port": asked.port,
        "topic_rules": asked.topic_rules,
        "ca": asked.ca,
        "certificate": asked.claim_certificate,
        "private_key": asked.claim_key,
        "data_directory": asked.data_directory,
        "artifact_keys": asked.artifact_key,
        "order_keys": asked.order_key,
        "provisioning_template": asked.template,
    }
    config = check_config(document, "what was given to enroll")
    if len(config.device_id) > MAX_CLAIMED_ID_LENGTH:
        message = f"--device-id has more than {MAX_CLAIMED_ID_LENGTH} characters; choose a shorter one and announce it"
        raise ConfigError(message)
    return config


@contextmanager
def _claimed(config: AgentConfig) -> Iterator[Provisioning]:
    with Connection(config, client_id=claim_client_id(config.device_id)) as connection:
        yield Identity(connection.client)
