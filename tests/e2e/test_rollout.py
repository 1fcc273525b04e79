"""The main job, for real: rollouts to real agents by MQTT and mutual TLS, with IAM enforced, and the way back."""

import json

from deployed.fleet import Fleet
from localcloud.stack import Stack
from tests.support.rollouts import NEEDS_DHT11, Operator, began, eventually, runs, states_entered, wave_execution


def test_zero_failures_completes(stack: Stack, operator: Operator, fleet: Fleet, devices: list[str]) -> None:
    flow_id = operator.flow()
    ended = operator.deploy(flow_id, devices, batch_size=5, batch_delay="1s")
    assert ended["status"] == "completed", ended["status_reason"]
    assert (ended["completed_targets"], ended["failed_targets"], ended["waves"]) == (15, 0, 3)
    assert set(operator.statuses(ended["id"]).values()) == {"success"}
    assert runs(fleet, flow_id, devices, 1)
    story = states_entered(stack, ended["execution"]["arn"])
    assert story.count("DeployBatch") == 3
    assert story.count("WaitBatchDelay") == 2
    device = operator.rest.call("GET", f"/devices/{devices[0]}")
    assert device["connected"] is True
    eventually(
        lambda: any(
            flow["flow_id"] == flow_id and flow["version"] == 1 and flow["health"] == "healthy"
            for flow in operator.rest.call("GET", f"/devices/{devices[0]}")["flows"]
        ),
        seconds=20,
        what="the device's health is known to the cloud",
    )


def test_exactly_at_threshold_goes_on(operator: Operator, fleet: Fleet, devices: list[str]) -> None:
    flow_id = operator.flow()
    first_five = devices[:5]
    first = operator.deploy(flow_id, first_five, strategy="all_at_once")
    assert first["status"] == "completed"
    operator.next_version(flow_id, NEEDS_DHT11)
    ended = operator.deploy(flow_id, first_five, batch_size=5)
    assert ended["status"] == "failed", "one of five is exactly 20%: it goes on, and ends failed without rollback"
    assert (ended["completed_targets"], ended["failed_targets"]) == (4, 1)
    failed = operator.targets(ended["id"])[devices[0]]
    assert (failed["status"], failed["reason"], failed["version_before"]) == ("failed", "unhealthy", 1)
    assert runs(fleet, flow_id, devices[1:5], 2)
    assert runs(fleet, flow_id, devices[:1], 1), "the device itself went back at once"
    retry = operator.rest.call("POST", f"/deployments/{ended['id']}/retry")
    again = operator.ended(retry["id"])
    assert (again["retry_of"], again["total_targets"]) == (ended["id"], 1)
    assert again["status"] == "rolled_back", "its one device fails again, which is more than 20%"
    assert runs(fleet, flow_id, devices[1:5], 2), "the others are none of the retry's business"
    of_device = {
        device: [
            (each["id"], each["target"]["status"])
            for each in operator.rest.call("GET", f"/deployments?device_id={device}&flow_id={flow_id}")["deployments"]
        ]
        for device in devices[:2]
    }
    before = [(ended["id"], "success"), (first["id"], "success")]
    retried = operator.statuses(retry["id"])[devices[0]]
    assert of_device[devices[1]] == before
    assert of_device[devices[0]] == [(retry["id"], retried), (ended["id"], "failed"), before[1]]


def test_one_more_than_threshold_in_batch_2_rolls_back_and_leaves_batch_3_skipped(
    stack: Stack, operator: Operator, fleet: Fleet, devices: list[str]
) -> None:
    flow_id = operator.flow()
    assert operator.deploy(flow_id, devices, strategy="all_at_once")["status"] == "completed"
    operator.next_version(flow_id, NEEDS_DHT11)
    ended = operator.deploy(flow_id, devices, batch_size=5)
    assert ended["status"] == "rolled_back", ended["status_reason"]
    statuses = operator.statuses(ended["id"])
    assert {statuses[device] for device in devices[10:]} == {"skipped"}
    assert {statuses[device] for device in devices[:10]} <= {"rolled_back", "skipped"}
    assert {statuses[device] for device in devices[:5]} == {"rolled_back"}
    assert operator.targets(ended["id"])[devices[5]]["reason"] == "unhealthy"
    eventually(lambda: runs(fleet, flow_id, devices, 1), seconds=20, what="every device runs version 1 again")
    assert states_entered(stack, ended["execution"]["arn"]).count("DeployBatch") == 2
    assert "ReturnDevices" in states_entered(stack, ended["rollback_execution"]["arn"])


def test_a_first_version_that_fails_is_removed_everywhere(operator: Operator, fleet: Fleet, devices: list[str]) -> None:
    flow_id = operator.flow(NEEDS_DHT11)
    ended = operator.deploy(flow_id, devices[:3], strategy="all_at_once")
    assert ended["status"] == "rolled_back", ended["status_reason"]
    eventually(lambda: runs(fleet, flow_id, devices[:3], None), seconds=20, what="no device runs the flow")


def test_devices_that_never_answer_time_out_and_count_as_failed(
    stack: Stack, operator: Operator, fleet: Fleet, devices: list[str], asleep: list[str]
) -> None:
    flow_id = operator.flow()
    ended = operator.deploy(flow_id, [devices[1], *asleep], strategy="rolling", batch_size=3, timeout="6s")
    assert ended["status"] == "rolled_back", ended["status_reason"]
    targets = operator.targets(ended["id"])
    assert targets[devices[1]]["status"] == "rolled_back"
    assert {(targets[device]["status"], targets[device]["reason"]) for device in asleep} == {("failed", "timed_out")}
    assert runs(fleet, flow_id, devices[1:2], None)
    execution = stack.client("iot").describe_job_execution(jobId=f"{ended['id']}-w00001-0000", thingName=asleep[0])[
        "execution"
    ]
    assert execution["status"] == "CANCELED"


def test_pause_holds_the_next_wave_and_resume_goes_on(
    stack: Stack, operator: Operator, fleet: Fleet, devices: list[str]
) -> None:
    flow_id = operator.flow()
    deployment_id = operator.create(flow_id, devices[1:5], batch_size=2, batch_delay="2s")
    operator.start(deployment_id)
    eventually(
        lambda: operator.read(deployment_id)["current_wave"] == 1, seconds=20, what="the first wave is dispatched"
    )
    paused = operator.pause(deployment_id)
    second = wave_execution(paused["execution"]["arn"], 2)
    eventually(lambda: began(stack, second), seconds=30, what="the execution begins the second wave")
    eventually(
        lambda: "AwaitResume" in states_entered(stack, second),
        seconds=30,
        what="the execution waits to be resumed",
    )
    assert "DispatchWave" not in states_entered(stack, second)
    assert set(operator.statuses(deployment_id).values()) == {"success", "pending"}
    operator.resume(deployment_id)
    assert operator.ended(deployment_id)["status"] == "completed"
    assert runs(fleet, flow_id, devices[1:5], 1)


def test_an_operator_rolls_a_completed_deployment_back(operator: Operator, fleet: Fleet, devices: list[str]) -> None:
    flow_id = operator.flow()
    few = devices[1:4]
    operator.deploy(flow_id, few, strategy="all_at_once")
    operator.next_version(flow_id, {"nodes": [{"id": "only", "type": "debug"}]})
    second = operator.deploy(flow_id, few, strategy="all_at_once")
    assert second["status"] == "completed"
    assert runs(fleet, flow_id, few, 2)
    operator.rollback(second["id"])
    ended = operator.until(second["id"], {"rolled_back"})
    assert set(operator.statuses(ended["id"]).values()) == {"rolled_back"}
    assert runs(fleet, flow_id, few, 1)


def test_without_auto_rollback_a_breach_pauses_and_rollback_returns_everything(
    operator: Operator, fleet: Fleet, devices: list[str]
) -> None:
    flow_id = operator.flow()
    operator.deploy(flow_id, devices[5:9], strategy="all_at_once")
    operator.next_version(flow_id, NEEDS_DHT11)
    deployment_id = operator.create(flow_id, devices[5:9], batch_size=2, auto_rollback=False)
    operator.start(deployment_id)
    paused = operator.until(deployment_id, {"paused"})
    assert "threshold" in paused["status_reason"]
    statuses = operator.statuses(deployment_id)
    assert {statuses[device] for device in devices[7:9]} == {"pending"}
    operator.rollback(deployment_id)
    assert operator.until(deployment_id, {"rolled_back"})["status"] == "rolled_back"
    eventually(lambda: runs(fleet, flow_id, devices[5:9], 1), seconds=20, what="every device runs version 1 again")


def test_nothing_is_left_in_a_dead_letter_queue(stack: Stack) -> None:
    sqs = stack.client("sqs")
    names = [name for name in stack.outputs if name.endswith("DeadLetterQueueUrl")]
    assert len(names) == 4
    for name in names:
        attributes = sqs.get_queue_attributes(
            QueueUrl=stack.outputs[name], AttributeNames=["ApproximateNumberOfMessages"]
        )["Attributes"]
        assert attributes["ApproximateNumberOfMessages"] == "0", (name, json.dumps(attributes))
