"""``edgeflow-agent``: run a device, or look at what it runs."""

import argparse
import json
import logging
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from edge_agent import __version__
from edge_agent.agent import Agent
from edge_agent.commands.enroll import add_enroll
from edge_agent.commands.rotate import add_rotate
from edge_agent.config import AgentConfig, ConfigError, load_config
from edge_agent.state import StateError, only_agent_of, read_state


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command; returns the exit code.

    0 when it was stopped, 1 when it could do no more jobs, 2 when the settings or the state cannot be used.
    """
    parser = argparse.ArgumentParser(prog="edgeflow-agent", description="The EdgeFlow agent of one device.")
    parser.add_argument("--version", action="version", version=f"edgeflow-agent {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, what in (
        ("run", "run the device until it is stopped"),
        ("status", "print what the device runs, as JSON"),
    ):
        command = commands.add_parser(name, help=what)
        command.add_argument("--config", type=Path, required=True, help="settings (TOML), see docs/agent.md")
        command.add_argument("--verbose", action="store_true", help="log every detail")
    add_enroll(commands)
    add_rotate(commands)
    asked = parser.parse_args(arguments)
    if hasattr(asked, "carry_out"):
        return int(asked.carry_out(asked))
    try:
        config = load_config(asked.config)
        if asked.command == "status":
            return _status(config)
        return _run(config, verbose=asked.verbose)
    except (ConfigError, StateError) as error:
        print(error, file=sys.stderr)  # noqa: T201  that is what a command line is for
        return 2


def _run(config: AgentConfig, *, verbose: bool) -> int:
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    with only_agent_of(config.data_directory):
        agent = Agent(config)
        stopping = threading.Thread(target=agent.stop, name="stop")
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopping.start() if stopping.ident is None else None)
        signal.signal(signal.SIGHUP, lambda *_: agent.renew_certificate())
        agent.start()
        if not agent.wait():
            agent.stop()
            return 1
        stopping.join()
    return 0


def _status(config: AgentConfig) -> int:
    state = read_state(config.data_directory)
    told = {
        "device_id": config.device_id,
        "flows": {flow_id: version.model_dump(mode="json") for flow_id, version in state.flows.items()},
        "standby": {flow_id: version.model_dump(mode="json") for flow_id, version in state.standby.items()},
        "job": {"job_id": state.job.job_id, "outcome": state.job.outcome is not None} if state.job else None,
    }
    print(json.dumps(told, indent=2))  # noqa: T201  that is what a command line is for
    return 0


if __name__ == "__main__":
    sys.exit(main())
