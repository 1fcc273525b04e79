"""``edgeflow-agent rotate``: renew the certificate of a device whose agent does not run."""

import argparse
from pathlib import Path

from edge_agent.cloud.identity import CONNECT_SECONDS, Connection, Identity
from edge_agent.commands.arguments import Commands, add_command
from edge_agent.commands.enroll import DONE, try_again
from edge_agent.config import AgentConfig, ConfigError, load_config
from edge_agent.disk.state import StateError, only_agent_of
from edge_agent.enrolment.credentials import Credentials
from edge_agent.enrolment.keeper import PROOF_SECONDS, kept, renew
from edge_agent.enrolment.ports import NotEnrolled


def add(commands: Commands) -> None:
    """Add the command."""
    what = "renew this device's key and certificate; an agent that runs does it on SIGHUP"
    add_command(commands, "rotate", what, carry_out)


def carry_out(asked: argparse.Namespace) -> int:
    """Renew it; returns the exit code: 0 done, 1 refused or unreachable. Raises ConfigError, StateError."""
    try:
        config = load_config(asked.config)
        credentials = _pairs(config, asked.config)
        with only_agent_of(config.data_directory), _connected(config, CONNECT_SECONDS) as connection:
            renew(config, credentials, Identity(connection.client), prove=lambda: _prove(config, connection))
    except StateError as error:
        message = f"{error} (an agent that runs renews its certificate when it gets SIGHUP)"
        raise StateError(message) from error
    except (NotEnrolled, OSError) as error:
        return try_again(error)
    print(f"{config.device_id} has a new certificate and key")  # noqa: T201  that is what a command line is for
    return DONE


def _pairs(config: AgentConfig, settings: Path) -> Credentials:
    credentials = kept(config)
    if credentials is None:
        message = (
            f"{settings}: the certificate is not one that this agent keeps, for the device did not enrol by claim; "
            "enrol it (edgeflow-agent enroll), or replace certificate and private_key by hand"
        )
        raise ConfigError(message)
    return credentials


def _connected(config: AgentConfig, patience: float) -> Connection:
    return Connection(config, client_id=config.device_id, patience=patience)


def _prove(config: AgentConfig, before: Connection) -> None:
    """Connect with the pair in use. The connection of before ends first: AWS IoT has one for each name."""
    before.close()
    with _connected(config, PROOF_SECONDS):
        pass
