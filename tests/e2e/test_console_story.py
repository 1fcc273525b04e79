"""The story of a flow and its rollouts as people live it: in the console, in a real browser, with real agents.

``console/browser/story.ts`` tells it, from the sign-in to the comparison of two versions. Here is asked afterwards what
became of it: the API, and the devices themselves.
"""

import json
import os
import subprocess
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest

from deployed.fleet import Fleet
from localcloud import console
from localcloud.settings import ROOT, Settings
from localcloud.stack import Stack
from tests.support.product_page import CREATE_FLOW
from tests.support.rollouts import Operator, runs

STORY_SECONDS = 560
"""On a machine that does much else; it takes about one minute by itself. A little more than the story gives itself
(console/story.config.ts), so that it says itself where it stood."""


@pytest.mark.timeout(STORY_SECONDS + 60)
def test_a_flow_is_drawn_rolled_out_and_brought_back_in_the_console(
    stack: Stack, local_cloud: Settings, operator: Operator, fleet: Fleet, devices: list[str]
) -> None:
    name, ten = f"Temperature Alert {uuid4().hex[:8]}", devices[:10]
    operator.until_connected(ten)

    _tell(stack, console.users(stack, local_cloud.data_dir), name, ten)

    (flow,) = operator.rest.call("GET", f"/flows?name={name.replace(' ', '%20')}")["flows"]
    versions = [operator.rest.call("GET", f"/flows/{flow['id']}/versions/{number}") for number in (1, 2)]
    page = json.loads(CREATE_FLOW)
    assert [flow["description"], flow["tags"]] == [page["description"], page["tags"]]
    assert _drawn(versions[0]["definition"]) == _drawn(page["definition"])
    page["definition"]["nodes"][0]["config"] = {"model": "DHT11"}
    assert _drawn(versions[1]["definition"]) == _drawn(page["definition"])
    deployments = operator.rest.call("GET", f"/deployments?flow_id={flow['id']}&sort=oldest")["deployments"]
    ended = [(each["flow_version"], each["strategy"], each["status"]) for each in deployments]
    assert ended == [(1, "canary", "completed"), (2, "canary", "rolled_back")]
    assert runs(fleet, flow["id"], ten, 1)
    operator.remove(flow["id"], ten, strategy="all_at_once")


def _tell(stack: Stack, passwords: Mapping[str, str], flow: str, devices: list[str]) -> None:
    assert stack.console_url is not None, "The console is not built: make console"
    told = {
        "CONSOLE_URL": stack.console_url,
        "STORY_FLOW": flow,
        "STORY_DEVICES": " ".join(devices),
        "AUTHOR_PASSWORD": passwords["author"],
        "OPERATOR_PASSWORD": passwords["operator"],
    }
    command = ["node_modules/.bin/playwright", "test", "--config", "story.config.ts"]
    done = subprocess.run(  # noqa: S603  built above
        command,
        cwd=ROOT / "console",
        env=os.environ | told,
        capture_output=True,
        text=True,
        check=False,
        timeout=STORY_SECONDS,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def _drawn(definition: dict[str, Any]) -> dict[str, Any]:
    """Return what a definition means: ids and places are the editor's own."""
    names = {node["id"]: node["name"] for node in definition["nodes"]}
    return {
        "nodes": [(node["type"], node["name"], node["config"]) for node in definition["nodes"]],
        "wires": [(names[wire["source"]], names[wire["target"]]) for wire in definition["connections"]],
        "variables": [(each["name"], each["type"], float(each["value"])) for each in definition["variables"]],
    }
