"""The unit that comes with the agent: systemd takes it, and it leaves the agent little to do harm with."""

import shutil
import subprocess
from pathlib import Path

import pytest

from edge_agent.cli import main
from edge_agent.commands.unit import UNIT, read_unit

ANALYZE = shutil.which("systemd-analyze")
MOST_EXPOSED = 15
"""systemd's measure, times ten, of what a service could do; what has no protection is near 100."""

WANTED = {
    "Unit": {"StartLimitIntervalSec": "0"},
    "Service": {
        "Type": "notify",
        "WatchdogSec": "60",
        "Restart": "always",
        "RestartSec": "10",
        "User": "edgeflow",
        "StateDirectory": "edgeflow",
        "LogsDirectory": "edgeflow",
        "ConfigurationDirectory": "edgeflow",
        "ReadWritePaths": "/var/lib/edgeflow /var/log/edgeflow",
        "MemoryMax": "256M",
        "OOMPolicy": "continue",
        "KillMode": "mixed",
        "TasksMax": "512",
        "LimitNOFILE": "4096",
        "NoNewPrivileges": "yes",
        "CapabilityBoundingSet": "",
        "AmbientCapabilities": "",
        "ProtectSystem": "strict",
        "ProtectHome": "yes",
        "PrivateTmp": "yes",
        "PrivateDevices": "yes",
        "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX AF_NETLINK",
        "SystemCallFilter": "@system-service ~@privileged",
        "SystemCallArchitectures": "native",
    },
    "Install": {"WantedBy": "multi-user.target"},
}


def directives() -> dict[str, dict[str, str]]:
    """Return each section's directives; those that may come twice are joined by a blank."""
    found: dict[str, dict[str, str]] = {}
    section: dict[str, str] = {}
    for line in read_unit().splitlines():
        if line.startswith("["):
            section = found.setdefault(line.strip("[]"), {})
        elif line and not line.startswith("#"):
            name, _, value = line.partition("=")
            section[name] = f"{section[name]} {value}" if name in section else value
    return found


def test_it_is_printed_as_it_is_packaged(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["unit"]) == 0
    assert capsys.readouterr().out == read_unit()


@pytest.mark.parametrize("section", WANTED)
def test_it_says_what_keeps_the_agent_running_and_in_bounds(section: str) -> None:
    given = directives()[section]
    assert {name: given.get(name) for name in WANTED[section]} == WANTED[section]


def test_the_program_is_given_time_to_stop() -> None:
    from edge_agent.agent import _JOIN_SECONDS  # noqa: PLC0415  the figure that the unit must leave room for

    assert int(directives()["Service"]["TimeoutStopSec"]) > 2 * _JOIN_SECONDS


if ANALYZE is not None:  # what is above needs no systemd; where there is one, it has the last word

    @pytest.mark.parametrize(
        "check", [["verify", "--man=no"], ["security", "--offline=true", f"--threshold={MOST_EXPOSED}"]]
    )
    def test_systemd_takes_it(tmp_path: Path, check: list[str]) -> None:
        path = tmp_path / UNIT
        # The program is not where it will be; systemd looks whether it is.
        path.write_text(read_unit().replace("/opt/edgeflow/bin/edgeflow-agent", "/bin/true"))
        command = [str(ANALYZE), *check, str(path)]
        told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603  built above
        assert told.returncode == 0, told.stdout + told.stderr
        assert check[0] != "verify" or told.stderr == "", "a directive that it does not know is only warned of"
