"""``python -m localcloud.demo``: tell the stories. The exit code is 0 only if all that was promised happened."""

import argparse
import logging
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from types import FrameType
from typing import Any, Final, NoReturn

import requests
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from deployed.errors import StackError
from deployed.rest import ProblemError, Rest
from localcloud import stack as stacks
from localcloud.cli import INTERRUPTED
from localcloud.demo.earlier import clear_away, only_demo
from localcloud.demo.screen import DemoFailed, Story
from localcloud.demo.stage import Stage, fleet_of
from localcloud.demo.stories import SHOWN, STORIES
from localcloud.settings import from_environment
from localcloud.stack import Stack

DEVICES: Final = 20


def summary(story: Story, seconds: float, ended: dict[str, Any], api_url: str) -> None:
    """Print what happened and where to look on."""
    kept = sum(kept for kept, _ in story.checks)
    text = Text(f"{kept} of {len(story.checks)} promises kept in {seconds:.0f} s, set-up not counted\n")
    text.append(f"API                 {api_url}\n")
    text.append(f"the last rollout    {_arn(ended['execution'], 'it never began')}\n")
    text.append(f"and its way back    {_arn(ended['rollback_execution'], 'it was not rolled back')}\n")
    text.append("on AWS, the console address is in `execution.console_url` of GET /deployments/{id}", style="dim")
    story.console.print(Panel(text, title="EdgeFlow", border_style="green" if story.kept else "red", expand=False))


def _arn(execution: dict[str, Any] | None, why_none: str) -> str:
    return str(execution["arn"]) if execution is not None else f"none: {why_none}"


def show(console: Console, stack: Stack, strategies: Sequence[str]) -> bool:
    """Tell the stories; true if all that was promised happened."""
    story = Story(console)
    devices = [f"demo_{number:02d}" for number in range(1, DEVICES + 1)]
    started = time.monotonic()
    with closing(Rest(stack)) as rest:
        clear_away(stack, rest, devices)
        story.tell(f"{DEVICES} devices connect by MQTT, each with its own certificate")
        with fleet_of(stack, devices) as fleet:
            stage = Stage(story, rest, fleet, devices)
            endings = [STORIES[strategy](stage) for strategy in strategies]
        summary(story, time.monotonic() - started, endings[-1], stack.api_url)
    return story.kept


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo; returns the exit code: 0, 1 after a failure that was told, 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(prog="make demo", description="EdgeFlow's demo on the local cloud.")
    parser.add_argument("--strategy", help=f"one of {', '.join(STORIES)}; without it: {', '.join(SHOWN)}")
    chosen = parser.parse_args(arguments).strategy
    strategies = (chosen.replace("-", "_"),) if chosen else SHOWN
    if not set(strategies) <= set(STORIES):
        parser.error(f"there is no strategy {chosen!r}; STRATEGY is one of {', '.join(STORIES)}")
    # What ails a node is in the table below, told by REST; the agents' own words would tear the live picture.
    logging.getLogger("edge_agent").setLevel(logging.CRITICAL)
    console = Console()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    try:
        settings = from_environment()
        stack = stacks.running(settings)
        with only_demo(settings.data_dir):
            return 0 if show(console, stack, strategies) else 1
    except KeyboardInterrupt:
        told = "Stopped. What was under way is left as it is: the next `make demo` clears it away and begins anew."
        console.print(Text(told, style="bold"))
        return INTERRUPTED
    except (requests.RequestException, BotoCoreError) as error:
        told = f"the local cloud does not answer ({type(error).__name__}). Start it anew: make down up"
    except (DemoFailed, StackError, ProblemError, ClientError, OSError) as error:
        told = str(error)
    console.print(Text(f"the demo failed: {told}", style="bold red"))
    return 1


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    """Stop in an orderly way, the first time; whoever is in more of a hurry gets out at once."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)
    raise KeyboardInterrupt


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    os._exit(INTERRUPTED)


if __name__ == "__main__":
    sys.exit(main())
