"""`edgeflow devices register --many`: a file of devices, and the folder of each for its agent."""

import csv
import io
from pathlib import Path
from typing import Any

import typer

from edgeflow.cli import device_files
from edgeflow.cli.exits import Exit
from edgeflow.cli.screen import Screen
from edgeflow.cli.text_files import text_of
from edgeflow.client import Client, InvalidArgument
from edgeflow.client.session import checked
from edgeflow.contract.json_values import read_json
from edgeflow.contract.rest.devices import RegisterDevice, RegisteredDevice
from edgeflow.contract.rest.lines import LineRefused
from edgeflow.contract.wording import agreeing, counted


def read_devices(path: Path) -> list[RegisterDevice]:
    """Read a list of devices: a CSV with a head, whose columns are keys of the request, or JSON, one request a line.

    Raises:
        CommandFailed: it cannot be read.
        InvalidArgument: a line is not right; all that are not are named.
    """
    text = text_of(path)
    wanted: list[RegisterDevice] = []
    faults: list[str] = []
    first_at: dict[str, int] = {}
    for number, given in _csv_rows(text) if path.suffix == ".csv" else _lines(text):
        try:
            document = read_json(given, each_key_once=True) if isinstance(given, str) else given
            body = checked(RegisterDevice, document)
        except (InvalidArgument, ValueError) as error:
            faults.append(f"{path}:{number}: {error}")
            continue
        if first_at.setdefault(body.device_id, number) != number:
            faults.append(f"{path}:{number}: {body.device_id} is in line {first_at[body.device_id]} already")
        wanted.append(body)
    if not (wanted or faults):
        faults.append(f"{path} has no device")
    if faults:
        raise InvalidArgument("; ".join(faults))
    return wanted


def register_all(
    client: Client, wanted: list[RegisterDevice], folder: Path | None, extras: device_files.Extras, screen: Screen
) -> None:
    """Register all, and write the files of each before the next are asked for: a key comes once.

    Whoever has their files in the folder from an earlier run is left out.

    Raises:
        typer.Exit: some were refused; each of them is named.
    """
    homes: dict[str, Path] = {}
    if folder is not None:
        done = {each.device_id for each in wanted if (folder / each.device_id / device_files.SETTINGS).exists()}
        if done:
            has_files = agreeing(len(done), "has its files", "have their files")
            are = agreeing(len(done), "is", "are")
            screen.line(f"{counted(len(done), 'device')} {has_files} in {folder} already, and {are} left out")
        wanted = [each for each in wanted if each.device_id not in done]
        homes = {each.device_id: device_files.prepared(folder / each.device_id) for each in wanted if _has_key(each)}
    told: list[dict[str, Any]] = []
    refused = 0
    for body, answer in zip(wanted, client.devices.register_many(wanted), strict=True):
        if isinstance(answer, LineRefused):
            refused += 1
            faults = "; ".join(f"{fault.pointer}: {fault.detail}" for fault in answer.errors)
            screen.line(f"{body.device_id} is refused: {faults or answer.detail} (HTTP {answer.status})")
        elif isinstance(answer, RegisteredDevice) and body.device_id in homes:
            device_files.write(homes[body.device_id], answer, extras)
        told.append(answer.model_dump(mode="json", exclude=None if folder is None else {"private_key"}))
    if screen.as_json:
        screen.document({"devices": told})
    else:
        where = f", their files are in {folder}" if homes else ""
        screen.line(
            f"{len(wanted) - refused} of {counted(len(wanted), 'device', 'is', 'are')} registered or announced{where}"
        )
    if refused:
        raise typer.Exit(Exit.ERROR)


def _has_key(wanted: RegisterDevice) -> bool:
    """Tell whether the API makes a key for it."""
    return wanted.enrolment == "certificate" and wanted.csr is None


def _csv_rows(text: str) -> list[tuple[int, str | dict[str, Any]]]:
    rows = csv.DictReader(io.StringIO(text))
    return [
        (rows.line_num, {("" if key is None else key): value for key, value in row.items() if value not in ("", None)})
        for row in rows
    ]


def _lines(text: str) -> list[tuple[int, str | dict[str, Any]]]:
    return [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
