"""``edgeflow-agent status``: what the device runs and how its agent is, as JSON, whether an agent runs or not."""

import argparse
import json
import platform
import shutil
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from edge_agent import __version__
from edge_agent.commands.arguments import Commands, add_command
from edge_agent.config import load_config
from edge_agent.disk.slots import InstalledVersion
from edge_agent.disk.state import damaged_files, nobody_else_in, read_state
from edge_agent.process.status import read_status


def add(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(commands, "status", "print what the device runs, as JSON", carry_out)
    parser.add_argument("--verbose", action="store_true", help=argparse.SUPPRESS)  # taken once, so still taken


def carry_out(asked: argparse.Namespace) -> int:
    """Print it."""
    config = load_config(asked.config)
    state = read_state(config.data_directory)
    agent = _agent(config.data_directory)
    told = {
        "device_id": config.device_id,
        "flows": _versions(state.flows, agent.pop("running_flows", None)),
        "standby": _versions(state.standby, agent.pop("standing_by", None)),
        "job": {"job_id": state.job.job_id, "outcome": state.job.outcome is not None} if state.job else None,
        "damaged": damaged_files(config.data_directory),
        "agent": agent,
        "versions": {
            "edgeflow-agent": __version__,
            "awsiotsdk": metadata.version("awsiotsdk"),
            "awscrt": metadata.version("awscrt"),
            "python": platform.python_version(),
        },
        "disk": _disk(config.data_directory),
    }
    print(json.dumps(told, indent=2))  # noqa: T201  that is what a command line is for
    return 0


def _agent(directory: Path) -> dict[str, Any]:
    """Return whether an agent runs, and what it has said of itself; what one said that is gone does not count."""
    with nobody_else_in(directory) as alone:
        if alone:
            return {"running": False}
        status = read_status(directory)
        if status is None:
            return {"running": True}
        said = status.model_dump(mode="json")
        return {**said, "running": True, "running_flows": said["running"]}


def _versions(held: Mapping[str, InstalledVersion], running: Mapping[str, int] | None) -> dict[str, Any]:
    """Return what slots hold, and whether it really runs: null where nobody can say, as without an agent."""
    return {
        flow_id: version.model_dump(mode="json")
        | {"running": None if running is None else running.get(flow_id) == version.version}
        for flow_id, version in held.items()
    }


def _disk(directory: Path) -> dict[str, int] | None:
    """Return the bytes that the agent uses, and those that are free; None when it has no directory yet."""
    try:
        free = shutil.disk_usage(directory).free
        used = sum(entry.lstat().st_size for entry in directory.rglob("*") if entry.is_file())
    except OSError:
        return None
    return {"used_bytes": used, "free_bytes": free}
