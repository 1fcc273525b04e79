"""``python -m localcloud.demo``: tell the stories. The exit code is 0 only if all that was promised happened."""

import argparse
import logging
import sys
import time
from collections.abc import Sequence
from typing import Any, Final

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from localcloud import stack as stacks
from localcloud.demo.screen import DemoFailed, Story
from localcloud.demo.stage import Stage, fleet_of, forget
from localcloud.demo.stories import SHOWN, STORIES
from localcloud.rest import Rest

DEVICES: Final = 20


def summary(story: Story, seconds: float, ended: dict[str, Any], api_url: str) -> None:
    """Print what happened and where to look on."""
    kept = sum(kept for kept, _ in story.checks)
    text = Text(f"{kept} of {len(story.checks)} promises kept in {seconds:.0f} s, set-up not counted\n")
    text.append(f"API                 {api_url}\n")
    text.append(f"the last rollout    {ended['execution']['arn']}\n")
    text.append(f"and its way back    {ended['rollback_execution']['arn']}\n")
    text.append("on AWS, the console address is in `execution.console_url` of GET /deployments/{id}", style="dim")
    story.console.print(Panel(text, title="EdgeFlow", border_style="green" if story.kept else "red", expand=False))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo on the local cloud that ``make up`` started; returns the exit code."""
    parser = argparse.ArgumentParser(prog="make demo", description="EdgeFlow's demo on the local cloud.")
    parser.add_argument("--strategy", help=f"one of {', '.join(STORIES)}; without it: {', '.join(SHOWN)}")
    chosen = parser.parse_args(arguments).strategy
    strategies = (chosen.replace("-", "_"),) if chosen else SHOWN
    if not set(strategies) <= set(STORIES):
        parser.error(f"there is no strategy {chosen!r}; STRATEGY is one of {', '.join(STORIES)}")
    # What ails a node is in the table below, told by REST; the agents' own words would tear the live picture.
    logging.getLogger("edge_agent").setLevel(logging.CRITICAL)
    console = Console()
    stack = stacks.load(stacks.DATA_DIRECTORY)
    story = Story(console)
    rest = Rest(stack)
    devices = [f"demo_{number:02d}" for number in range(1, DEVICES + 1)]
    started = time.monotonic()
    try:
        forget(rest, devices)
        story.tell(f"{DEVICES} devices connect by MQTT, each with its own certificate")
        with fleet_of(stack, devices) as fleet:
            stage = Stage(story, rest, fleet, devices)
            endings = [STORIES[strategy](stage) for strategy in strategies]
        summary(story, time.monotonic() - started, endings[-1], stack.api_url)
    except DemoFailed as failed:
        console.print(Text(f"the demo failed: {failed}", style="bold red"))
        return 1
    finally:
        rest.close()
    return 0 if story.kept else 1


if __name__ == "__main__":
    sys.exit(main())
