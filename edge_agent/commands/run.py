"""``edgeflow-agent run``: the agent itself, until it is stopped."""

import argparse
import faulthandler
import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from edge_agent import __version__
from edge_agent.agent import Agent
from edge_agent.commands.arguments import Commands, add_command
from edge_agent.config import load_config
from edge_agent.disk.state import only_agent_of
from edge_agent.flows.workers.code_pages import AGENT_EVERY_SECONDS, give_back_pages
from edge_agent.flows.workers.forking import shared_fork_server
from edge_agent.flows.workers.kernel import give_back_free_memory
from edge_agent.process.logs import set_up_logs
from edge_agent.process.signals import SignalInbox
from edge_agent.process.status import Problems, StatusFile
from edge_agent.process.systemd import Notifier, Watchdog


def add(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(commands, "run", "run the device until it is stopped", carry_out)
    parser.add_argument("--verbose", action="store_true", help="log every detail")
    parser.add_argument("--log-format", choices=("text", "json"), default="text", help="json: one object a line")


def carry_out(asked: argparse.Namespace) -> int:
    """Run; returns 0 when it was stopped, 1 when it could do no more jobs."""
    config = load_config(asked.config)
    if config.runtime == "builtin":
        # All code is loaded, so that the processes share it; there is no key yet, no connection, and no other thread.
        shared_fork_server().start_early()

    notifier = Notifier.from_environment(os.environ)
    with only_agent_of(config.data_directory):
        status = StatusFile(config.data_directory, lambda: datetime.now(UTC), version=__version__)

        def report_connection(connected: bool, error: str) -> None:  # noqa: FBT001  a ReportConnection
            status.connection(connected=connected, error=error)
            notifier.status("connected" if connected else f"not connected: {error}")

        agent = Agent(config, on_connection=report_connection, on_flows=status.flows)
        set_up_logs(
            config,
            log_format=asked.log_format,
            verbose=asked.verbose,
            job_id=lambda: agent.job_id,
            redact=agent.redact,
        )
        faulthandler.enable()
        with SignalInbox((signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGABRT)) as inbox:
            end = threading.Thread(target=_tell_end, args=(agent, inbox), name="end")
            with Watchdog(notifier, agent.pulse).running(), _kept(status, agent.redact):
                agent.start()
                end.start()
                notifier.ready()
                give_back_free_memory()  # of the start
                was_stopped = _obey(inbox, agent)
                notifier.stopping()
                agent.stop()
            end.join()
    return 0 if was_stopped else 1


def _tell_end(agent: Agent, inbox: SignalInbox) -> None:
    agent.wait()
    inbox.interrupt()


def _obey(inbox: SignalInbox, agent: Agent) -> bool:
    """Do what signals ask for; returns True when one says stop, False when the agent can do no more jobs.

    This thread has nothing else to do, so it gives back memory, too.
    """
    while True:
        try:
            number = inbox.read(AGENT_EVERY_SECONDS)
        except TimeoutError:
            give_back_pages()
            continue
        match number:
            case None:
                return False
            case signal.SIGHUP:
                agent.renew_certificate()
            case signal.SIGABRT:
                _abort()
            case _:
                return True


def _abort() -> None:
    """End as systemd's watchdog wants it, after the log was told where every thread is.

    It is told by a thread that has the interpreter to itself: whoever looks at threads that run may read what they are
    just changing, and be ended by that.
    """
    faulthandler.dump_traceback(all_threads=True)
    signal.signal(signal.SIGABRT, signal.SIG_DFL)
    os.abort()


@contextmanager
def _kept(status: StatusFile, redact: Callable[[str], str]) -> Iterator[None]:
    """Keep the file up to date meanwhile, also with what is logged."""
    problems = Problems(status, redact)
    logging.getLogger().addHandler(problems)
    status.start()
    try:
        yield
    finally:
        logging.getLogger().removeHandler(problems)
        status.stop()
