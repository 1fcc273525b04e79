"""``edgeflow-agent run``, the program itself: deployed to by REST, killed in the middle of a job, stopped."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks.memory import sample
from deployed.fleet import Fleet
from deployed.stack import as_pem
from localcloud.stack import Stack
from tests.support.agent_program import AgentProgram, kill
from tests.support.rollouts import Operator
from tests.support.waiting import wait_for

DEVICE = "agent_program"
MOST_WITH_THREE_FLOWS = 82 * 2**20
"""The first test's flow runs, too. `make bench` holds two flows against the goal, which is lower."""


@pytest.fixture(scope="module")
def agent(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> AgentProgram:
    """The program of a registered device; not running yet."""
    folder = Path(tmp_path_factory.mktemp("agent"))
    fleet = Fleet(stack, folder)
    fleet.register([DEVICE])
    return AgentProgram.of(fleet.config(DEVICE), folder / "agent.toml")


def test_deployed_to_killed_in_mid_job_and_stopped(operator: Operator, agent: AgentProgram) -> None:
    flow_id = operator.flow()
    with agent.running():
        ended = operator.deploy(flow_id, [DEVICE], strategy="all_at_once")
        assert ended["status"] == "completed", ended["status_reason"]
        assert agent.status()["flows"][flow_id]["version"] == 1
    operator.next_version(flow_id, {"nodes": [{"id": "only", "type": "debug"}]})
    deployment_id = operator.create(flow_id, [DEVICE], strategy="all_at_once")
    with agent.running() as process:
        operator.start(deployment_id)
        wait_for(lambda: agent.job_at(activated=True), seconds=30, what="the new version is live and watched")
        kill(process)
    assert operator.statuses(deployment_id) == {DEVICE: "deploying"}
    with agent.running():
        ended = operator.ended(deployment_id)
        assert ended["status"] == "completed", ended["status_reason"]
        told = agent.status()
        assert (told["flows"][flow_id]["version"], told["job"]) == (2, None)


def test_a_version_that_no_trusted_key_signed_is_refused(operator: Operator, stack: Stack, tmp_path: Path) -> None:
    """Whoever can write to the bucket, the table and the jobs still brings nothing onto the device."""
    device = "agent_distrustful"
    fleet = Fleet(stack, tmp_path)
    fleet.register([device])
    kms = stack.client("kms")
    other = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    config = fleet.config(device)
    config.artifact_keys[0].write_text(as_pem(kms.get_public_key(KeyId=other)["PublicKey"]))
    agent = AgentProgram.of(config, tmp_path / "agent.toml")
    flow_id = operator.flow()
    with agent.running():
        ended = operator.deploy(flow_id, [device], strategy="all_at_once", auto_rollback=False)
        assert ended["status"] == "failed", ended["status_reason"]
        assert operator.targets(ended["id"])[device]["reason"] == "untrusted_artifact"
        assert agent.status()["flows"] == {}


def test_connected_and_with_two_flows_it_takes_little_memory(operator: Operator, agent: AgentProgram) -> None:
    """Also after two jobs, each of which it downloaded, verified and watched."""
    alert: dict[str, Any] = {
        "nodes": [
            {"id": "read", "type": "dht", "config": {}},
            {"id": "hot", "type": "switch", "config": {}},
            {"id": "tell", "type": "mqtt_out", "config": {}},
        ],
        "connections": [{"source": "read", "target": "hot"}, {"source": "hot", "target": "tell"}],
        "variables": [{"name": "threshold", "type": "number", "value": "30"}],
    }
    with agent.running() as process:
        for name in ("First", "Second"):
            ended = operator.deploy(operator.flow(alert, name), [DEVICE], strategy="all_at_once")
            assert ended["status"] == "completed", ended["status_reason"]
        memory = sample(process.pid)
    assert memory.alone <= MOST_WITH_THREE_FLOWS, f"it takes {memory.alone / 2**20:.1f} MiB"


def test_the_cloud_takes_the_examination_of_a_registered_device(agent: AgentProgram) -> None:
    levels = agent.doctor()
    wanted = ("settings", "clock", "certificate", "key", "dns", "tcp", "tls", "mqtt", "jobs", "state")
    assert {name: levels.get(name) for name in wanted} == dict.fromkeys(wanted, "ok")
    with agent.running():
        wait_for(lambda: agent.status()["agent"].get("connected") or None, seconds=30, what="the agent is connected")
        levels = agent.doctor()
        assert levels["mqtt"] == "ok", "by the word of the agent, whose connection is left to it"
        assert "jobs" not in levels
        assert agent.status()["agent"]["connected"]
