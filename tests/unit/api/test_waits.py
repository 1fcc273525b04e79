"""What a deployment waits for, as the API tells it: the shapes of docs/api.md, over records at rest."""

from pathlib import Path
from typing import Any, get_args

import boto3
import pytest

from edgeflow.adapters.devices.device_store import DeviceStore
from edgeflow.adapters.rollout.target_store import TargetStore
from edgeflow.adapters.rollout.wave_store import WaveStore
from edgeflow.adapters.table import Table
from edgeflow.bootstrap import rollout
from edgeflow.contract.rest.waits import TargetWaitCode, WaitCode
from edgeflow.domain.devices import Presence
from edgeflow.domain.waves import Awaits
from tests.support.aws import TABLE_NAME
from tests.support.rest import Rest
from tests.unit.api.conftest import DEVICES

DOCS = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8")
OPENED = "2099-02-21T12:00:00.000Z"
GONE = "2026-02-21T11:00:00.000Z"
GONE_MS = 1_771_671_600_000


@pytest.fixture
def at_work(rest: Rest, flow_id: str, table: Table, machines: None) -> str:
    """A deployment whose only wave waits for all of its devices; one of them is gone."""
    body = {"flow_id": flow_id, "strategy": "all_at_once", "target_devices": DEVICES}
    made = str(rest("POST", "/v1/deployments", body).body["id"])
    assert rest("POST", f"/v1/deployments/{made}/start").status == 200
    rollout.plan_rollout()(made)
    key = {"pk": {"S": f"DEP#{made}"}, "sk": {"S": "DEPLOYMENT"}}
    boto3.client("dynamodb").update_item(
        TableName=TABLE_NAME,
        Key=key,
        UpdateExpression="SET current_wave = :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
    )
    TargetStore(table).mark_deploying(made, DEVICES, wave=1, at="2026-02-21T12:00:00.000Z")
    WaveStore(table).open(made, "00001", total=3, tolerated=0, task_token="token", awaits=Awaits.VERDICT, since=OPENED)
    gone = Presence(device_id=DEVICES[1], connected=False, connection=1, at_ms=GONE_MS)
    DeviceStore(table).record_presence(gone, at=GONE)
    return made


def test_a_deployment_that_waits_to_be_started_says_so(rest: Rest, flow_id: str) -> None:
    body = {"flow_id": flow_id, "strategy": "rolling", "target_devices": DEVICES}
    made = rest("POST", "/v1/deployments", body).body
    assert made["waits_for"] == {
        "what": "start",
        "wave": None,
        "devices": None,
        "until": None,
        "then": "start begins it, cancel ends it; until then no device is told of it",
        "overdue": False,
        "sentence": "somebody to start it: start begins it, cancel ends it; until then no device is told of it",
    }
    assert {target["waits_for"] for target in made["targets"]} == {None}
    assert rest("POST", f"/v1/deployments/{made['id']}/cancel").body["waits_for"] is None


def test_a_wave_at_work_says_whom_it_waits_for(rest: Rest, at_work: str) -> None:
    shown = rest("GET", f"/v1/deployments/{at_work}").body
    assert shown["waits_for"] == {
        "what": "reports",
        "wave": 1,
        "devices": {"count": 3, "first": DEVICES},
        "until": "2099-02-21T12:30:00.000Z",
        "then": "they count as failed",
        "overdue": False,
        "sentence": "3 of 3 devices of wave 1 to report, until 2099-02-21 12:30:00Z, then they count as failed"
        " (dev_002 is offline since 2026-02-21 11:00:00Z)",
    }
    waits: dict[str, Any] = {target["device_id"]: target["waits_for"] for target in shown["targets"]}
    assert waits[DEVICES[1]] == {
        "what": "offline",
        "since": GONE,
        "until": "2099-02-21T12:30:00.000Z",
        "sentence": "the device is offline since 2026-02-21 11:00:00Z, until 2099-02-21 12:30:00Z,"
        " then it counts as failed",
    }
    listed = rest("GET", f"/v1/deployments/{at_work}/targets", query={"limit": "2"}).body["targets"]
    assert [target["waits_for"] for target in listed] == [waits[device] for device in DEVICES[:2]]


def test_lists_do_not_say_it(rest: Rest, at_work: str) -> None:
    (listed,) = rest("GET", "/v1/deployments").body["deployments"]
    assert listed["id"] == at_work
    assert "waits_for" not in listed


@pytest.mark.parametrize("code", [*get_args(WaitCode), *get_args(TargetWaitCode)])
def test_every_code_is_told_in_the_docs(code: str) -> None:
    assert f"| `{code}` |" in DOCS
