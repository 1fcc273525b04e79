"""``edgeflow-agent run``: the agent itself, until it is stopped."""

import argparse
import logging
import os
import signal
import threading

from edge_agent.agent import Agent
from edge_agent.commands.arguments import Commands, add_command
from edge_agent.config import load_config
from edge_agent.state import only_agent_of
from edge_agent.watchdog import Notifier, Watchdog


def add(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(commands, "run", "run the device until it is stopped", carry_out)
    parser.add_argument("--verbose", action="store_true", help="log every detail")


def carry_out(asked: argparse.Namespace) -> int:
    """Run; returns 0 when it was stopped, 1 when it could do no more jobs."""
    config = load_config(asked.config)
    logging.basicConfig(
        level=logging.DEBUG if asked.verbose else logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    notifier = Notifier.from_environment(os.environ)
    with only_agent_of(config.data_directory):
        agent = Agent(config)
        stopping = threading.Thread(target=agent.stop, name="stop")
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopping.start() if stopping.ident is None else None)
        signal.signal(signal.SIGHUP, lambda *_: agent.renew_certificate())
        with Watchdog(notifier, agent.pulse).running():
            agent.start()
            notifier.ready()
            was_stopped = agent.wait()
            notifier.stopping()
            if was_stopped and stopping.ident is not None:
                stopping.join()
            else:
                agent.stop()
    return 0 if was_stopped else 1
