"""What the agent keeps on disk: its state, and the artifacts that the state names; and whether they can run here."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from edge_agent.config import AgentConfig, ConfigError
from edge_agent.disk.secrets import SecretStore, SecretsUnusable
from edge_agent.disk.slots import InstalledVersion
from edge_agent.disk.state import AgentState, StateError, damaged_files, read_state
from edge_agent.disk.store import ArtifactDamaged, ArtifactReader, ArtifactUnreadable
from edge_agent.doctor.finding import Finding, fail, ok, warn
from edge_agent.flows.open_runtime import open_check
from edge_agent.flows.runtime import FlowCheck, FlowRejected
from edgeflow.contract.reasons import Reason
from edgeflow.contract.wording import counted

_AGAIN: Final = "deploy the version again, which downloads it again"
_SECRETS: Final = "set them on the device (edgeflow-agent secret set), or let the unit give them by LoadCredential"


def check_data(config: AgentConfig, credentials: Path | None = None) -> Iterator[Finding]:
    """Check the state and the secrets, then that every artifact is whole, then that the runtime can run what runs.

    ``credentials`` is where systemd puts those of the agent, as far as they can be seen from here.
    """
    directory = config.data_directory
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
    yield ok("state", f"{counted(len(state.flows), 'flow')} live, {len(state.standby)} standing by{job}")
    secrets = SecretStore(directory, credentials)
    yield _check_secrets(secrets)
    try:
        runtime = open_check(config, secrets.read)
    except ConfigError as error:
        yield fail("runtime", str(error), "see docs/node-red.md, Settings")
        return
    trouble = runtime.trouble()
    if trouble is None:
        yield ok("runtime", "the agent runs flows itself" if config.runtime == "builtin" else "Node-RED answers")
    else:
        yield fail("runtime", trouble, "see whether Node-RED runs, and docs/node-red.md, Settings")
    yield from _check_artifacts(state, ArtifactReader(directory), runtime, all_asked=trouble is None)


def _check_secrets(secrets: SecretStore) -> Finding:
    try:
        names = secrets.names()
    except SecretsUnusable as error:
        return fail("secrets", str(error), "do what the sentence says; until then flows that name secrets cannot start")
    told = ", ".join(f"{name} ({source})" for name, source in names.items())
    return ok("secrets", f"{len(names)} are set" + (f": {told}" if told else ""))


def _check_artifacts(
    state: AgentState, reader: ArtifactReader, runtime: FlowCheck, *, all_asked: bool
) -> Iterator[Finding]:
    rejected = []
    whole = True
    for flow_id, what, version, runs in _kept(state):
        try:
            artifact = reader.get(version.sha256)
            if runs:
                runtime.check(flow_id, artifact)
        except ArtifactDamaged as error:
            whole = False
            if runs:
                yield fail("artifacts", f"{what}: {error}", _AGAIN)
            else:
                yield warn("artifacts", f"{what}: {error}; going back would have to download it", _AGAIN)
        except (ArtifactUnreadable, FlowRejected) as error:
            lacks_secret = isinstance(error, FlowRejected) and error.reason is Reason.MISSING_SECRET
            remedy = _SECRETS if lacks_secret else "deploy a version that this agent can run, or update it"
            rejected.append(fail("flows", f"{what}: {error}", remedy))
    if whole:
        yield ok("artifacts", f"{len(state.artifacts())} are whole")
    yield from rejected
    if not all_asked:
        sentence = "whether the runtime has every type of node that the flows need is not known"
        yield warn("flows", sentence, "mend the runtime, then ask again")
    elif not rejected:
        yield ok("flows", "this agent can run all that it has")


def _kept(state: AgentState) -> Iterator[tuple[str, str, InstalledVersion, bool]]:
    """Return each version that is kept: its flow, its name, itself, and whether it runs."""
    for kind, flows in (("live", state.flows), ("standing by", state.standby), ("before", state.previous)):
        for flow_id, version in sorted(flows.items()):
            yield flow_id, f"flow {flow_id} version {version.version} ({kind})", version, kind != "before"
