"""``edgeflow-agent doctor``: what keeps this device from working, and what to do about it."""

import argparse
import json

from edge_agent.commands.arguments import Commands, add_command
from edge_agent.doctor.examination import Sources, examine
from edge_agent.doctor.finding import Level


def add(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(commands, "doctor", "look for what keeps the device from working", carry_out)
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of lines")


def carry_out(asked: argparse.Namespace, sources: Sources | None = None) -> int:
    """Print each finding as soon as it is there; returns 0 when nothing fails, else 1."""
    findings = []
    for finding in examine(asked.config, sources or Sources()):
        findings.append(finding)
        if not asked.json:
            print(finding.line(), flush=True)  # noqa: T201  that is what a command line is for
    fails = any(finding.level is Level.FAIL for finding in findings)
    if asked.json:
        told = [
            {"level": each.level, "name": each.name, "sentence": each.sentence, "remedy": each.remedy}
            for each in findings
        ]
        print(json.dumps({"ok": not fails, "checks": told}, indent=2))  # noqa: T201  as above
    return 1 if fails else 0
