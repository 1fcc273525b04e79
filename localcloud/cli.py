"""The commands ``up``, ``down``, ``status``, ``env``, ``token``, ``device`` and ``executions``."""

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import requests
from botocore.exceptions import BotoCoreError, ClientError

from deployed.errors import StackError
from deployed.stack import SCOPES
from localcloud import console, device_files, executions
from localcloud import stack as stacks
from localcloud.deploy import deploy
from localcloud.emulator import Emulator
from localcloud.settings import ROOT, Settings, from_environment
from localcloud.stack import Stack

MACHINES: Final = ("AllAtOnce", "Rolling", "Canary", "BlueGreen", "Rollback")
INTERRUPTED: Final = 130
"""Exit code of a command that Ctrl-C has ended: 128 and the number of the signal, as of shells."""
EXECUTIONS_SHOWN: Final = 5


def main(arguments: Sequence[str]) -> int:
    """Carry out one command; answers the exit code."""
    parser = argparse.ArgumentParser(prog="python -m localcloud", description="The local cloud.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="start the local cloud and deploy to it, or update what is deployed")
    commands.add_parser("down", help="stop it; its data stays")
    commands.add_parser("status", help="what runs, and the last executions")
    token = commands.add_parser("token", help="print an access token of the operator")
    scopes = ", ".join(SCOPES)
    token.add_argument("scopes", nargs="*", metavar="scope", help=f"of {scopes}; all when none is named")
    commands.add_parser("env", help="print the API's address and a token as shell variables: eval it")
    device = commands.add_parser("device", help="register a device and write all that its agent needs")
    device.add_argument("device_id", metavar="name", help="such as dev_001")
    shown = commands.add_parser("executions", help="show the executions of a deployment, state by state")
    shown.add_argument("deployment_id", nargs="?", metavar="deployment", help="such as dep_…; the newest if none")
    asked = parser.parse_args(arguments)
    try:
        settings = from_environment()
        match asked.command:
            case "up":
                _up(settings)
            case "down":
                _down(settings)
            case "status":
                _status(settings)
            case "env":
                _environment(settings)
            case "device":
                _device(settings, asked.device_id)
            case "executions":
                _executions(settings, asked.deployment_id)
            case _:
                print(stacks.running(settings).token(*asked.scopes))
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
    except (requests.RequestException, BotoCoreError, ClientError) as error:
        print(f"The local cloud does not answer as it should: {error}. Start it anew: make down up", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            f"\nStopped `{asked.command}` half-way. The same command again goes on from there.",
            file=sys.stderr,
        )
        return INTERRUPTED
    return 0


def _up(settings: Settings) -> None:
    emulator = Emulator(settings)
    started = emulator.start()
    print("Starting the local cloud …" if started else "The local cloud runs already.", flush=True)
    print("Building and deploying the stack …", flush=True)
    stack = deploy(settings)
    if started:
        _end_what_was_under_way(stack)
    _introduce(stack)
    if stack.console_url is not None:
        print(f"Console      {stack.console_url}")
        for name, password in console.users(stack, settings.data_dir).items():
            print(f"             sign in as {name} with {password}")
    print(f"Log          {_short(emulator.log)}")


def _end_what_was_under_way(stack: Stack) -> None:
    # No execution outlives the emulator. The stack's own safety net finds that out within minutes; here at once.
    for deployment_id in stack.reconcile()["concluded"]:
        print(f"{deployment_id} was under way when the local cloud ended: it is failed now.")


def _down(settings: Settings) -> None:
    stopped = Emulator(settings).stop()
    kept = f"Stopped the local cloud; its data stays in {_short(settings.data_dir)}/."
    print(kept if stopped else "The local cloud does not run.")


def _status(settings: Settings) -> None:
    stack = stacks.running(settings)
    _introduce(stack)
    client = stack.client("stepfunctions")
    for machine in MACHINES:
        arn = stack.outputs[f"{machine}StateMachineArn"]
        executions = client.list_executions(stateMachineArn=arn, maxResults=EXECUTIONS_SHOWN)["executions"]
        print(f"\n{arn.rpartition(':')[2]}: {'the last executions' if executions else 'no execution yet'}")
        for execution in executions:
            print(f"  {execution['startDate']:%Y-%m-%d %H:%M:%S}  {execution['status']:<10} {execution['name']}")


def _device(settings: Settings, device_id: str) -> None:
    path, is_new = device_files.provide(stacks.running(settings), settings.data_dir, device_id)
    print(f"{device_id} {'is registered' if is_new else 'was registered before'}. Its settings: {_short(path)}")
    print(f"Run its agent: make agent NAME={device_id}")


def _environment(settings: Settings) -> None:
    """Print what a shell that works with the local cloud wants to know, for it to eval."""
    stack = stacks.running(settings)
    access = stack.token()
    told = {
        "API": stack.api_url,
        "TOKEN": access,
        "EDGEFLOW_URL": stack.api_url,
        "EDGEFLOW_TOKEN": access,
        "DEVICES": settings.data_dir / device_files.FOLDER,
    } | device_files.trusted_files(stack, settings.data_dir)
    for name, value in told.items():
        print(f"export {name}={shlex.quote(str(value))}")


def _executions(settings: Settings, deployment_id: str | None) -> None:
    stack = stacks.running(settings)
    found = executions.executions_of(stack, deployment_id or executions.newest_deployment(stack))
    print("\n\n".join("\n".join(executions.lines(execution)) for execution in found))


def _introduce(stack: Stack) -> None:
    print(f"REST API     {stack.api_url}")
    print('Token        eval "$(make -s env)", good for a day, sets $TOKEN and $API')
    print('Try it       curl -H "Authorization: Bearer $TOKEN" $API/flows')
    print("Executions   make executions shows those of the newest deployment, DEPLOYMENT=dep_… another's")
    print(f"AWS APIs     {stack.endpoint_url} (keys test/test, region {stack.region})")
    print(f"MQTT         {stack.mqtt_host}:{stack.mqtt_port} with mutual TLS, on every interface of this machine")


def _short(path: Path) -> Path:
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
