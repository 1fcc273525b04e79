"""What the agent keeps on disk: its state, and the artifacts that the state names."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from edge_agent.disk.slots import InstalledVersion
from edge_agent.disk.state import AgentState, StateError, damaged_files, read_state
from edge_agent.disk.store import ArtifactDamaged, ArtifactReader, ArtifactUnreadable
from edge_agent.doctor.finding import Finding, fail, ok, warn
from edge_agent.flows.builtin.check import check_for_builtin
from edge_agent.flows.language.rejected import FlowRejected

_AGAIN: Final = "deploy the version again, which downloads it again"


def check_stock(directory: Path) -> Iterator[Finding]:
    """Check the state, then that every artifact it names is whole, then that this agent can run what runs."""
    try:
        state = read_state(directory)
    except StateError as error:
        yield fail(
            "state", str(error), "start the agent: it sets a damaged state aside, and goes on with the one before"
        )
        return
    set_aside = damaged_files(directory)
    if set_aside:
        remedy = "look whether the disk is failing, compare what runs with what was deployed, then remove these files"
        yield warn("state", f"it was found damaged before, and set aside: {', '.join(set_aside)}", remedy)
    job = f", at job {state.job.job_id}" if state.job else ""
    yield ok("state", f"{len(state.flows)} flows live, {len(state.standby)} standing by{job}")
    yield from _check_artifacts(state, ArtifactReader(directory))


def _check_artifacts(state: AgentState, reader: ArtifactReader) -> Iterator[Finding]:
    rejected = []
    whole = True
    for what, version, runs in _kept(state):
        try:
            artifact = reader.get(version.sha256)
            if runs:
                check_for_builtin(artifact)
        except ArtifactDamaged as error:
            whole = False
            if runs:
                yield fail("artifacts", f"{what}: {error}", _AGAIN)
            else:
                yield warn("artifacts", f"{what}: {error}; going back would have to download it", _AGAIN)
        except (ArtifactUnreadable, FlowRejected) as error:
            rejected.append(fail("flows", f"{what}: {error}", "deploy a version that this agent can run, or update it"))
    if whole:
        yield ok("artifacts", f"{len(state.artifacts())} are whole")
    yield from rejected or [ok("flows", "this agent can run all that it has")]


def _kept(state: AgentState) -> Iterator[tuple[str, InstalledVersion, bool]]:
    """Return each version that is kept: its name, and whether it runs."""
    for kind, flows in (("live", state.flows), ("standing by", state.standby), ("before", state.previous)):
        for flow_id, version in sorted(flows.items()):
            yield f"flow {flow_id} version {version.version} ({kind})", version, kind != "before"
