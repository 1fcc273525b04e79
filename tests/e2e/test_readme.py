"""What README.md lets a newcomer type, word for word, and what each command answers."""

import json
import re
from http import HTTPStatus
from typing import Any, Final

import pytest

from deployed.rest import ProblemError, Rest
from edge_agent.config import load_config
from edgeflow.client.auth import SCOPES
from localcloud.settings import ROOT, Settings
from localcloud.stack import Stack
from tests.support.readme import Said, run, steps_of

DEVICES: Final = ["dev_001", "dev_002", "dev_003"]
DEVICE_OF_THE_COMMAND_LINE: Final = "first_001"
PAGE_SECONDS: Final = 420
"""It takes some 130 s; twice that on a busy machine."""

pytestmark = pytest.mark.timeout(PAGE_SECONDS + 60)


def _answers(said: Said) -> list[Any]:
    """Read the JSON that a step printed, one value after the other."""
    decoder = json.JSONDecoder()
    found = []
    rest = said.output.strip()
    while rest:
        value, end = decoder.raw_decode(rest)
        found.append(value)
        rest = rest[end:].lstrip()
    return found


def _answer(said: Said) -> Any:  # noqa: ANN401  any JSON
    [found] = _answers(said)
    return found


def _forget_the_devices(stack: Stack) -> None:
    """Remove the page's devices, which another test may have had: a newcomer's cloud has none."""
    rest = Rest(stack)
    try:
        for device in (*DEVICES, DEVICE_OF_THE_COMMAND_LINE):
            try:
                rest.call("DELETE", f"/devices/{device}")
            except ProblemError as error:
                if error.status != HTTPStatus.NOT_FOUND:
                    raise
    finally:
        rest.close()


@pytest.fixture(scope="module")
def page(stack: Stack, local_cloud: Settings) -> dict[str, Said]:
    """What the page's commands printed, by the first words of their comment."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    steps = steps_of(text, "By the command line")
    steps += [step for step in steps_of(text, "By hand") if step not in steps]  # both begin with the local cloud
    # The page's own folder may be in use by whoever runs this test.
    _forget_the_devices(stack)
    environment = {"LOCALCLOUD_DIR": str(local_cloud.data_dir)}
    said = run(steps, cwd=ROOT, environment=environment, seconds=PAGE_SECONDS)
    return {re.split(r"[,;:]", step.title)[0]: each for step, each in zip(steps, said, strict=True)}


def test_five_commands_of_the_two_programs_lead_from_a_stack_to_a_finished_rollout() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    _up, _env, *steps = steps_of(text, "By the command line")
    programs = [
        line.split()[0].removeprefix(".venv/bin/") for step in steps for line in step.commands.splitlines() if line
    ]
    assert programs == ["edgeflow", "edgeflow", "edgeflow-agent", "edgeflow", "edgeflow"]


def test_every_command_of_the_page_does_what_the_page_says(
    page: dict[str, Said], stack: Stack, local_cloud: Settings
) -> None:
    assert [name for name, said in page.items() if said.code != 0] == []
    told = iter(page.items())

    def step(name: str) -> Said:
        found, said = next(told)
        assert found == name
        return said

    assert f"REST API     {stack.api_url}" in step("Start the local cloud and deploy to it").output
    assert step("Say where it is").output == ""
    assert f"ok  scopes   {', '.join(SCOPES)}" in step("Look whether the API can be reached").output
    assert f"{DEVICE_OF_THE_COMMAND_LINE} is registered." in step("Register a device").output
    assert step("Run its agent").output == ""
    assert re.search(r"^status +published$", step("Create a flow from a file").output, re.MULTILINE)
    assert re.match(r"dep_\w+ is started\n(.*\n)*completed ", step("Roll it out").output)

    assert step("Set $API").output == ""
    registered = step("Register three devices").output
    for device in DEVICES:
        assert f"{device} is registered." in registered
        config = load_config(local_cloud.data_dir / "devices" / device / "agent.toml")
        assert (config.device_id, config.endpoint, config.port) == (device, stack.mqtt_host, stack.mqtt_port)

    assert step("Create a flow").output == ""
    changed = _answer(step("Change it"))
    assert changed["status"] == "draft"
    assert changed["definition"]["variables"] == [{"name": "threshold", "type": "number", "value": "28.5"}]
    published = _answer(step("Publish it"))
    assert (published["status"], published["id"]) == ("published", changed["id"])

    assert step("Create a deployment").output == ""
    assert _answer(step("Start it"))["status"] == "running"
    ended = _answer(step("Wait until it has ended"))
    assert (ended["status"], ended["flow_id"]) == ("completed", published["id"])
    assert [(each["device_id"], each["status"]) for each in ended["targets"]] == [(each, "success") for each in DEVICES]
    looked_at = step("Look at its state machines").output
    machines, _, device = looked_at.rpartition("\n{")
    assert f"{ended['id']}-wave-1" in machines
    assert re.search(r"\d s  PlanWaves +Claim every device", machines)
    runs = [(flow["flow_id"], flow["version"]) for flow in json.loads("{" + device)["flows"]]
    assert runs == [(published["id"], 1)]

    assert step("Publish a second version").output.split() == ["draft", "draft", "published"]
    status, _, bad = step("Deploy it in batches of one").output.partition("\n")
    assert status == "running"
    returned = json.loads(bad)
    assert returned["status"] == "rolled_back"
    assert [each["status"] for each in returned["targets"]] == ["rolled_back", "skipped", "skipped"]

    *statuses, slow = step("Deploy the first version once more").output.strip().split("\n")
    assert statuses == ["running", "paused", "running", "rolling_back"]
    assert json.loads(slow)["status"] == "rolled_back"

    flows, deployments, devices = _answers(step("List flows"))
    assert published["id"] in [each["id"] for each in flows["flows"]]
    assert {returned["id"], json.loads(slow)["id"]} <= {each["id"] for each in deployments["deployments"]}
    assert set(DEVICES) <= {each["device_id"] for each in devices["devices"]}
    assert step("Delete a flow that nothing was made of yet").output == "204"
    assert step("Stop the agents").output == ""
    assert next(told, None) is None
