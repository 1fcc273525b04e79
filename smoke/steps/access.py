"""Who may do what: operators by their token, devices by their certificate."""

import json
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final
from uuid import uuid4

import requests

from deployed.probe import Probe
from deployed.rest import TIMEOUT_SECONDS, Rest
from deployed.waiting import eventually
from edgeflow.contract.report import health_topic
from smoke.runner import Step, expect
from smoke.world import World

TOKEN: Final = "token"  # noqa: S105  a step's name
DEVICES: Final = "devices"
_JOB: Final = "dep_1-w00001-0000"


def steps(world: World) -> list[Step]:
    """Return what nothing else can be proved without, and what certificates are good for."""
    return [
        Step(TOKEN, lambda: _token(world)),
        Step(DEVICES, lambda: _devices(world), needs=(TOKEN,)),
        Step("what a device may publish and hear", lambda: _allowed(world), needs=(DEVICES,)),
        Step("what a device may not", lambda: _refused(world), needs=(DEVICES,)),
        Step("a report in another's name", lambda: _spoof(world), needs=(DEVICES,)),
    ]


def _token(world: World) -> str:
    world.dead_letters = world.count_dead_letters()
    world.stack.reconcile()  # whatever others have left behind is mended before anything is proved
    answer = requests.get(f"{world.stack.api_url}/flows", timeout=TIMEOUT_SECONDS)
    expect(answer.status_code == HTTPStatus.UNAUTHORIZED, f"without a token the API answers {answer.status_code}")
    world.operator.rest.call("GET", "/flows")
    reader = Rest(world.stack, "edgeflow/read")
    refused = reader.send("POST", "/flows", {"name": "Smoke", "definition": {}})
    reader.close()
    forbidden = {HTTPStatus.FORBIDDEN, HTTPStatus.UNAUTHORIZED}
    expect(refused.status_code in forbidden, f"who may only read and writes is answered {refused.status_code}")
    return "the API answers who has one, and refuses without it or its scope"


def _devices(world: World) -> str:
    world.fleet.register([*world.devices, _other(world)])
    world.start(*world.devices)
    return f"{len(world.devices)} agents are connected, ports {', '.join(map(str, world.stack.mqtt_ports))}"


def _other(world: World) -> str:
    # It runs no agent, so its name is free for probes.
    return f"smoke_{world.run}_other"


def _own(world: World) -> tuple[str, str]:
    return _other(world), world.stack.topic_rules


def _allowed(world: World) -> str:
    name, rules = _own(world)
    template = f"$aws/provisioning-templates/{world.stack.outputs['ProvisioningTemplateName']}/provision/json"
    heard = [
        f"$aws/things/{name}/jobs/notify-next",
        f"$aws/things/{name}/jobs/+/update/+",
        f"$aws/things/{name}/jobs/+/get/+",
        f"edgeflow/devices/{name}/in/#",
        "$aws/certificates/create-from-csr/json/accepted",
        f"{template}/accepted",
    ]
    said = [
        f"$aws/things/{name}/jobs/$next/get",
        f"edgeflow/devices/{name}/out/flow_1/n3",
        health_topic(name, rules),
        health_topic(name, rules, resting=True),
    ]
    with _probe(world) as probe:
        refused = [each for each in heard if not probe.may_subscribe(each)]
        refused += [each for each in said if not probe.may_publish(each, _report(name, 1))]
    expect(not refused, f"refused, and needed: {refused}")
    return f"{len(heard)} filters and {len(said)} topics"


def _refused(world: World) -> str:
    name, rules = _own(world)
    other = world.devices[0]
    with _probe(world, client_id=f"smoke_{world.run}_nobody") as impostor:
        expect(impostor.connected != 0, "it connects under a name that is not its own")
    taken: list[str] = []
    said, heard = list(_foreign_topics(name, other, rules)), list(_foreign_filters(name, other))
    for topic in said:  # each by a connection of its own: AWS IoT may end one rather than refuse a packet
        with _probe(world) as probe:
            taken += [topic] if probe.may_publish(topic) else []
    for topic_filter in heard:
        with _probe(world) as probe:
            taken += [topic_filter] if probe.may_subscribe(topic_filter) else []
    expect(not taken, f"taken, and forbidden: {taken}")
    return f"another client id, {len(said)} topics and {len(heard)} filters"


def _foreign_topics(name: str, other: str, rules: str) -> Iterator[str]:
    yield health_topic(other, rules)
    yield health_topic(other, rules, resting=True)
    yield f"{health_topic(name, rules)}/below"
    yield f"edgeflow/devices/{other}/out/flow_1/n3"
    yield f"edgeflow/devices/{other}/in/orders"
    yield f"edgeflow/devices/{name}/in/orders"
    yield f"$aws/things/{other}/jobs/{_JOB}/update"
    yield f"$aws/things/{other}/jobs/$next/get"
    yield f"$aws/events/jobExecution/{_JOB}/succeeded"
    yield f"$aws/events/presence/connected/{other}"
    yield f"$aws/things/{name}/shadow/update"


def _foreign_filters(name: str, other: str) -> Iterator[str]:
    yield f"$aws/things/{other}/jobs/notify-next"
    yield "$aws/things/+/jobs/notify-next"
    yield f"edgeflow/devices/{other}/in/#"
    yield "edgeflow/devices/+/in/#"
    yield f"edgeflow/devices/{other}/out/#"
    yield f"edgeflow/devices/{name}/out/#"
    yield "$aws/events/#"
    yield "#"


def _spoof(world: World) -> str:
    name, rules = _own(world)
    other = world.devices[0]
    version = f"spoof {uuid4().hex[:8]}"
    lie = {"device_id": other, "client_id": other, "agent_version": version, "received_at": 4_102_444_800_000}
    before = _agent_version(world, other)
    with _probe(world) as probe:
        for resting in (False, True):
            report = json.loads(_report(name, 3 if resting else 2)) | lie
            taken = probe.may_publish(health_topic(name, rules, resting=resting), json.dumps(report).encode())
            expect(taken, "its own report is refused")
        eventually(
            lambda: _agent_version(world, name) == version,
            seconds=world.patience,
            what="the report is known as the sender's",
        )
    after = _agent_version(world, other)
    expect(after == before, f"{other} is told to be {after}, which another said")
    return "counts as the sender's, whatever it says"


def _agent_version(world: World, device_id: str) -> object:
    return world.operator.rest.call("GET", f"/devices/{device_id}")["agent_version"]


def _report(name: str, sequence: int) -> bytes:
    told: dict[str, Any] = {
        "schema": "edgeflow.health/1",
        "sent_at": "2026-11-29T12:00:00Z",
        "sequence": sequence,
        "agent_version": f"smoke of {name}",
    }
    return json.dumps(told).encode()


def _probe(world: World, *, client_id: str | None = None) -> Probe:
    return Probe(world.fleet.config(_other(world)), client_id=client_id)
