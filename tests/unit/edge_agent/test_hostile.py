"""What somebody could send a device to harm it: each is refused with a code, and what runs goes on."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge_agent.disk.state import AgentState, StateFile
from edge_agent.disk.store import ArtifactStore
from edge_agent.flows.builtin.context import FlowContext
from edge_agent.jobs.engine import Engine
from edge_agent.jobs.health_window import HealthGate
from edge_agent.jobs.obtain import Obtainer
from edge_agent.jobs.read_document import NotUnderstood, read_document
from edge_agent.jobs.read_order import OrderReader
from edge_agent.jobs.signatures import NO_KEYS
from edgeflow.contract.job import Artifact, JobDocument
from edgeflow.contract.reasons import Reason
from tests.support.in_process import InProcessSupervisor
from tests.unit.edge_agent.device import FLOW, JOB, NOON, Cloud, Power, apply, artifact_bytes, lifeline_of, sha256_of

pytestmark = pytest.mark.slow

DEEP: Final = 100_000


class Target:
    """A device with the real engine, store, supervisor and runtime. It runs version 1; whatever it fetches is given."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory / "data"
        self.content = b""
        self.cloud = Cloud(Power())
        store = ArtifactStore(self.directory)
        file = StateFile(self.directory, lambda: NOON)
        self.flows = InProcessSupervisor(
            store,
            lambda flow_id: FlowContext(
                device_id="dev_001", flow_id=flow_id, hardware={}, publish=lambda *_, **__: None
            ),
            on_change=self._woken,
        )
        self.watch = HealthGate(self.flows, monotonic=lambda: 0.0)
        self.engine = Engine(
            state=file,
            store=store,
            flows=self.flows,
            jobs=self.cloud,
            read_order=OrderReader("dev_001", NO_KEYS, lambda: NOON),
            obtainer=Obtainer(store=store, fetch=self._fetch, jobs=self.cloud, flows=self.flows, clock=lambda: NOON),
            watch=self.watch,
            lifeline=lifeline_of(self.cloud),
            clock=lambda: NOON,
            jitter=0,
        )
        self.content = artifact_bytes(1)
        self.send(apply(1))
        assert self.cloud.status() == "SUCCEEDED"
        self.file = file

    def send(self, document: Any, job_id: str = JOB) -> str:  # noqa: ANN401  anything can come
        """Let a document come; returns how the job ended."""
        self.cloud.executions[job_id] = ["QUEUED", document]
        self.engine.work()
        return self.cloud.status(job_id)

    def send_artifact(self, content: bytes) -> tuple[str, str]:
        """Let a job come whose artifact has these bytes; returns how it ended, and the reason."""
        self.content = content
        named = {"url": "https://artifacts.test/", "sha256": sha256_of(content), "size": len(content)}
        status = self.send(apply(2) | {"artifact": named}, "job-2")
        return status, self.cloud.details["job-2"].get("reason", "")

    def goes_on(self) -> bool:
        """Tell whether what ran still does, and the disk holds nothing else."""
        files = {path.relative_to(self.directory).as_posix() for path in self.directory.rglob("*") if path.is_file()}
        known = {"state.json", "state.before.json", "epoch", f"artifacts/{sha256_of(artifact_bytes(1))}.json"}
        return self.flows.running() == {FLOW: 1} and self.state.job is None and files <= known

    @property
    def state(self) -> AgentState:
        """What is on disk."""
        return self.file.state

    def _woken(self) -> None:
        self.watch.wake()

    def _fetch(self, artifact: Artifact, still_wanted: object) -> bytes:  # noqa: ARG002  its hash was checked
        return self.content


@pytest.fixture
def target(tmp_path: Path) -> Any:  # noqa: ANN401  a generator of it
    made = Target(tmp_path)
    yield made
    made.flows.stop()
    assert {path.name for path in tmp_path.iterdir()} == {"data"}, "nothing is written elsewhere"


def _zip_of_nonsense() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../etc/passwd", b"0" * 100_000)
    return packed.getvalue()


def _flow(**definition: Any) -> bytes:  # noqa: ANN401  any part
    return json.dumps({"schema": "edgeflow.flow/1", "definition": definition}).encode()


ARTIFACTS: Final[dict[str, tuple[bytes, Reason]]] = {
    "a zip of nonsense": (_zip_of_nonsense(), Reason.INVALID_ARTIFACT),
    "no UTF-8": (b"\xff\xfe{}", Reason.INVALID_ARTIFACT),
    "deep lists": (b"[" * DEEP + b"]" * DEEP, Reason.INVALID_ARTIFACT),
    "deep objects in a setting": (
        _flow(nodes=[{"id": "a", "type": "inject", "config": {"payload": None}}]).replace(
            b"null", b'{"a":' * 20_000 + b"1" + b"}" * 20_000
        ),
        Reason.INVALID_ARTIFACT,
    ),
    "not a number": (
        _flow(nodes=[{"id": "a", "type": "inject", "config": {"payload": None}}]).replace(b"null", b"NaN"),
        Reason.INVALID_ARTIFACT,
    ),
    "a huge number": (
        _flow(nodes=[{"id": "a", "type": "debug", "config": {"keep": 1}}]).replace(b"1}}", b"9" * 5_000 + b"}}"),
        Reason.INVALID_ARTIFACT,
    ),
    "another schema": (b'{"schema": "edgeflow.flow/9", "definition": {}}', Reason.INVALID_ARTIFACT),
    "no schema's shape": (b'{"schema": "edgeflow.flow/1", "definition": 7}', Reason.INVALID_ARTIFACT),
    "unknown keys": (_flow(nodes=[{"id": "a", "type": "debug", "code": "import os"}]), Reason.INVALID_ARTIFACT),
    "too many nodes": (
        _flow(nodes=[{"id": f"n{number}", "type": "debug"} for number in range(10_000)]),
        Reason.INVALID_ARTIFACT,
    ),
    "a path as a node's id": (_flow(nodes=[{"id": "../../etc/passwd", "type": "debug"}]), Reason.INVALID_ARTIFACT),
    "a path as a topic": (
        _flow(nodes=[{"id": "a", "type": "mqtt_out", "config": {"topic": "../../other/out"}}]),
        Reason.INVALID_ARTIFACT,
    ),
    "a path as a file": (
        _flow(nodes=[{"id": "a", "type": "file", "config": {"action": "write", "path": "../../../etc/passwd"}}]),
        Reason.INVALID_ARTIFACT,
    ),
    "a secret that the device lacks": (
        _flow(nodes=[{"id": "a", "type": "mqtt_out", "config": {"topic": "x/${secret:PART}"}}]),
        Reason.MISSING_SECRET,
    ),
    "a secret in the host of a URL": (
        _flow(nodes=[{"id": "a", "type": "http_request", "config": {"url": "https://${secret:PART}/"}}]),
        Reason.INVALID_ARTIFACT,
    ),
    "a node type that is none": (_flow(nodes=[{"id": "a", "type": "exec"}]), Reason.UNKNOWN_NODE_TYPE),
    "a node type that is a module": (_flow(nodes=[{"id": "a", "type": "os"}]), Reason.UNKNOWN_NODE_TYPE),
    "a circle": (
        _flow(
            nodes=[{"id": "a", "type": "catch"}, {"id": "b", "type": "change", "config": {"rules": []}}],
            connections=[{"source": "b", "target": "b"}],
        ),
        Reason.INVALID_ARTIFACT,
    ),
}


@pytest.mark.parametrize("name", ARTIFACTS)
def test_an_artifact_that_would_harm_is_refused_with_a_code(target: Target, name: str) -> None:
    content, reason = ARTIFACTS[name]
    if len(content) > 256 * 1024:
        content = content[: 256 * 1024]
    assert target.send_artifact(content) == ("FAILED", reason.value)
    assert target.goes_on()
    assert target.send(apply(1), "job-3") == "SUCCEEDED", "it does its next job"


def _nested(depth: int) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for _ in range(depth):
        nested = {"a": nested}
    return nested


DOCUMENTS: Final[dict[str, Any]] = {
    "nothing": {},
    "no object": [],
    "an unknown schema": apply(2) | {"schema": "edgeflow.job/2"},
    "a schema of another type": apply(2) | {"schema": ["edgeflow.job/1"]},
    "an unknown operation": apply(2) | {"operation": "format_disk"},
    "a path as the flow": apply(2) | {"flow_id": "../../../etc"},
    "a long flow": apply(2) | {"flow_id": "f" * 100_000},
    "a path as the deployment": apply(2) | {"deployment_id": "../x"},
    "a path as the hash": apply(2) | {"artifact": {"url": "https://x/", "sha256": "../" * 20 + "passwd", "size": 1}},
    "a negative size": apply(2) | {"artifact": {"url": "https://x/", "sha256": "a" * 64, "size": -1}},
    "a gibibyte": apply(2) | {"artifact": {"url": "https://x/", "sha256": "a" * 64, "size": 2**30}},
    "a version of no number": apply(2) | {"version": "2; rm"},
    "version 0": apply(2) | {"version": 0},
    "an endless window": apply(2) | {"health_check": {"window_seconds": 1e12}},
    "a window that is no number": apply(2) | {"health_check": {"window_seconds": float("nan")}},
    "a deep document": apply(2) | {"flow_id": _nested(500)},
    "no artifact": {key: value for key, value in apply(2).items() if key != "artifact"},
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_that_would_harm_is_rejected_with_a_code(target: Target, name: str) -> None:
    assert target.send(DOCUMENTS[name], "job-2") == "REJECTED"
    reason = target.cloud.details["job-2"]["reason"]
    assert reason in {Reason.UNSUPPORTED_SCHEMA.value, Reason.UNSUPPORTED_OPERATION.value}
    assert all(len(value) <= 1_024 for value in target.cloud.details["job-2"].values())
    assert target.goes_on()


def test_a_job_s_name_is_never_a_path(target: Target) -> None:
    target.content = artifact_bytes(2)
    assert target.send(apply(2), "../../../../tmp/owned") == "SUCCEEDED"
    assert target.flows.running() == {FLOW: 2}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(document=_JSON, changes=st.dictionaries(st.sampled_from([*apply(2), "clear_standby"]), _JSON, max_size=4))
def test_any_document_is_read_or_refused_and_raises_nothing(document: Any, changes: dict[str, Any]) -> None:  # noqa: ANN401
    for each in (document, apply(2) | changes):
        assert isinstance(read_document(each), JobDocument | NotUnderstood)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.binary(min_size=1, max_size=400)
    | _JSON.map(lambda value: json.dumps(value).encode())
    | _JSON.map(lambda value: json.dumps({"schema": "edgeflow.flow/1", "definition": value}).encode())
    | _JSON.map(
        lambda value: json.dumps(
            {"schema": "edgeflow.flow/1", "definition": {"nodes": [{"id": "a", "type": "switch", "config": value}]}}
        ).encode()
    )
)
def test_any_artifact_is_run_or_refused_and_the_device_goes_on(target: Target, content: bytes) -> None:
    status, _ = target.send_artifact(content)
    assert status in {"SUCCEEDED", "FAILED"}
    target.content = artifact_bytes(1)
    assert target.send(apply(1), "job-3") == "SUCCEEDED"
    assert target.flows.running() == {FLOW: 1}
