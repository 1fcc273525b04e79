"""What is found to be wrong with the disk of a device."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from edge_agent.doctor.disk import MIB, check_ownership
from edge_agent.doctor.finding import Level
from tests.unit.edge_agent.doctor.examined_device import PLENTY, Device

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("place", "value", "level", "said"),
    [
        (4, 10 * MIB // 4096, Level.FAIL, "10 MiB are free"),
        (4, 50 * MIB // 4096, Level.WARN, "50 MiB are free"),
        (7, 5, Level.FAIL, "for 5 files only"),
        (8, os.ST_RDONLY, Level.FAIL, "read-only"),
    ],
)
def test_a_disk_with_no_room(device: Device, place: int, value: int, level: Level, said: str) -> None:
    figures = [*PLENTY]
    figures[place] = value
    device.sources = replace(device.sources, measure=lambda _: os.statvfs_result(figures))
    found = device.fault("disk")
    assert (found.level, said in found.sentence) == (level, True)


def test_a_disk_that_cannot_be_measured(device: Device) -> None:
    def fails(_: Path) -> os.statvfs_result:
        raise OSError(5, "Input/output error")

    device.sources = replace(device.sources, measure=fails)
    assert "Input/output error" in device.fault("disk").sentence


def test_a_data_directory_that_is_not_there_yet(device: Device) -> None:
    device.settings["data_directory"] = "new/data"
    assert device.fault("data_directory").level is Level.WARN


def test_a_data_directory_that_is_a_file(device: Device) -> None:
    (device.folder / "file").write_text("")
    device.settings["data_directory"] = "file"
    assert "is no directory" in device.fault("data_directory").sentence


def test_a_file_that_somebody_else_left_behind(device: Device) -> None:
    state = device.data / "state.json"
    found = check_ownership(device.data, lambda path: 54_321 if path == state else os.geteuid())
    assert (found.level, f"{state} belongs to 54321" in found.sentence) == ("fail", True)
    assert found.remedy.startswith("chown -R")


def test_an_examination_by_another_user_than_the_agents(device: Device) -> None:
    found = check_ownership(device.data, lambda _: 54_321)
    assert (found.level, "sudo -u 54321" in found.remedy) == ("warn", True)


def test_a_disk_that_takes_nothing(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(**_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", fails)
    assert "No space left on device" in device.fault("data_directory").sentence
