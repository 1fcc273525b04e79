"""Whose versions and orders the device takes."""

from collections.abc import Iterator

from edge_agent.config import AgentConfig
from edge_agent.doctor.finding import Finding, fail, ok, warn
from edge_agent.jobs.signatures import KeyUnusable, TrustedKeys


def check_trust(config: AgentConfig) -> Iterator[Finding]:
    """Check the keys that versions and orders are held to; a device without any works, and trusts whatever comes."""
    for name, of, files in (
        ("artifact_keys", "version", config.artifact_keys),
        ("order_keys", "order", config.order_keys),
    ):
        remedy = f"name the stack's key for {of}s as {name} in the settings; see docs/operations.md, Signing keys"
        try:
            TrustedKeys.read(files)
        except KeyUnusable as error:
            yield fail(name, str(error), remedy)
            continue
        if files:
            yield ok(name, f"{len(files)} given: any {of} that none of them signed is refused")
        else:
            yield warn(name, f"none is given: whatever {of} comes by AWS IoT is taken", remedy)
