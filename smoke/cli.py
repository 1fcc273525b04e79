"""``python -m smoke``: prove a stack of its own on AWS, or by ``--local`` the one in the local cloud."""

import argparse
import logging
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

import localcloud.settings
import localcloud.stack
from deployed.errors import StackError
from deployed.sam import ROOT
from operations.clients import clients_of
from operations.errors import OperationsError
from operations.preflight.environment import read_environment, read_text
from operations.waiting import SystemClock
from smoke import report
from smoke.aws import AwsAccount
from smoke.run import prove, prove_own
from smoke.runner import Runner

ENVIRONMENT: Final = "smoke"
LOCAL_SECONDS: Final = 60.0
AWS_SECONDS: Final = 300.0
"""How long one rollout may take: a function of AWS starts in seconds, and the local cloud has no network."""
INTERRUPTED: Final = 130
"""Exit code of a command that Ctrl-C has ended: 128 and the number of the signal, as of shells."""


def main(arguments: Sequence[str]) -> int:
    """Prove it, and write the report; the exit code is 0 only if every step has passed."""
    parser = argparse.ArgumentParser(prog="python -m smoke", description="Proves a stack from outside.")
    parser.add_argument("--local", action="store_true", help="the stack in the local cloud, which must be up")
    parser.add_argument("--region", help="of AWS; the caller's own when none is named")
    parser.add_argument(
        "--report", type=Path, default=Path(report.FILE), help="where to write it; default: %(default)s"
    )
    parser.add_argument("--keep", action="store_true", help="leave the stack on AWS there when something has failed")
    asked = parser.parse_args(arguments)
    logging.getLogger("edge_agent").setLevel(logging.CRITICAL)  # flows that fail here are meant to
    runner = Runner(_say)
    started_at = datetime.now(UTC).isoformat(timespec="seconds")
    try:
        name, region = _prove(runner, asked)
    except (OperationsError, StackError) as error:
        print(error, file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError) as error:
        print(f"AWS refuses or does not answer: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped half-way. On AWS, see that the stack is gone: make teardown STACK=edgeflow-smoke DATA=delete")
        return INTERRUPTED
    report.write(asked.report, runner.results, stack=name, region=region, started_at=started_at)
    passed = report.passed(runner.results)
    print(f"{'All' if passed else 'Not all'} of {len(runner.results)} steps have passed. Report: {asked.report}")
    return 0 if passed else 1


def _prove(runner: Runner, asked: argparse.Namespace) -> tuple[str, str]:
    """Run all steps; returns the stack's name and region."""
    with tempfile.TemporaryDirectory(prefix="edgeflow-smoke-") as made:
        folder = Path(made)
        if asked.local:
            stack = localcloud.stack.running(localcloud.settings.from_environment())
            prove(runner, stack, folder, patience=LOCAL_SECONDS)
            return stack.name, stack.region
        environment = read_environment(read_text(ROOT, "samconfig.toml"), ENVIRONMENT)
        clients = clients_of(asked.region or environment.region)
        region = str(clients("sts").meta.region_name)
        log = ROOT / "dist" / "smoke-deploy.log"
        account = AwsAccount(clients, environment, region, log, SystemClock(), _say)
        prove_own(runner, account, lambda each: prove(runner, each, folder, patience=AWS_SECONDS), keeps=asked.keep)
        return environment.stack_name, region


def _say(line: str) -> None:
    print(line, flush=True)
