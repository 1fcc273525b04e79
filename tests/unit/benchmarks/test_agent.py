"""The agent that is measured runs as its unit has it run."""

import subprocess
import sys
import sysconfig

from benchmarks.agent import unit_environment

PROGRAM = """
import sys, pydantic, zoneinfo
print([name for name in sys.modules if name.startswith("_sysconfigdata")])
"""


def test_python_looks_for_time_zones_where_it_does_anyway_but_does_not_ask_how_it_was_built() -> None:
    environment = unit_environment()
    assert environment == {"PYTHONTZPATH": sysconfig.get_config_var("TZPATH")}
    assert _output(environment) == b"[]\n"
    assert _output({}) != b"[]\n", "so it is worth saying"


def _output(environment: dict[str, str]) -> bytes:
    return subprocess.check_output([sys.executable, "-c", PROGRAM], env=environment, timeout=60)  # noqa: S603  our own words
