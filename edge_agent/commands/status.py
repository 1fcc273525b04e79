"""``edgeflow-agent status``: what the device runs, as JSON, whether an agent runs or not."""

import argparse
import json

from edge_agent.commands.arguments import Commands, add_command
from edge_agent.config import load_config
from edge_agent.state import read_state


def add(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(commands, "status", "print what the device runs, as JSON", carry_out)
    parser.add_argument("--verbose", action="store_true", help=argparse.SUPPRESS)  # taken once, so still taken


def carry_out(asked: argparse.Namespace) -> int:
    """Print it."""
    config = load_config(asked.config)
    state = read_state(config.data_directory)
    told = {
        "device_id": config.device_id,
        "flows": {flow_id: version.model_dump(mode="json") for flow_id, version in state.flows.items()},
        "standby": {flow_id: version.model_dump(mode="json") for flow_id, version in state.standby.items()},
        "job": {"job_id": state.job.job_id, "outcome": state.job.outcome is not None} if state.job else None,
    }
    print(json.dumps(told, indent=2))  # noqa: T201  that is what a command line is for
    return 0
