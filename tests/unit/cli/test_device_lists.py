"""``edgeflow devices register --many``."""

import json
from pathlib import Path

import httpx
import pytest

from edge_agent.config import load_config
from edgeflow.client import BearerToken, Client, Retries, UnreadableAnswer
from edgeflow.contract.rest.devices import RegisterDevice
from edgeflow.contract.rest.lines import LineRefused
from tests.support.handler_transport import URL, HandlerTransport
from tests.unit.cli.conftest import CommandLine


@pytest.mark.slow
def test_a_list_is_registered_and_what_is_refused_is_named(edgeflow: CommandLine, tmp_path: Path) -> None:
    edgeflow("devices", "register", "dev_002", "--json")
    devices = tmp_path / "devices.csv"
    devices.write_text("device_id,enrolment\ndev_001,\ndev_002,certificate\ndev_003,claim\n")
    said = edgeflow("devices", "register", "--many", str(devices), "--config", str(tmp_path / "fleet"))
    assert said.code == 1
    assert "dev_002 is refused: " in said.out
    assert "2 of 3 devices are registered or announced" in said.out
    config = load_config(tmp_path / "fleet" / "dev_001" / "agent.toml")
    assert "PRIVATE KEY" in config.private_key.read_text()
    edgeflow("devices", "delete", "dev_002")
    again = edgeflow("devices", "register", "--many", str(devices), "--config", str(tmp_path / "fleet"), "--json")
    assert again.code == 0
    assert [each["device_id"] for each in again.document["devices"]] == ["dev_002", "dev_003"]
    assert "private_key" not in again.document["devices"][0]
    assert "1 device has its files" in again.err


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.csv", "device_id\na b\n", "a.csv:2: /device_id: "),
        ("a.csv", "device_id\nd\nd\n", "a.csv:3: d is in line 2 already"),
        ("a.csv", "device_id\nd,x\n", "a.csv:2: /: "),
        ("a.csv", "device_id\n", "a.csv has no device"),
        ("a.jsonl", '{"device_id": "d"}\n{"device_id"\n', "a.jsonl:2: "),
        ("a.jsonl", '{"device": "d"}\n', "/device: unknown key"),
    ],
)
def test_a_list_that_is_not_right_is_not_begun(
    alone: CommandLine, tmp_path: Path, name: str, text: str, told: str
) -> None:
    (tmp_path / name).write_text(text)
    said = alone("devices", "register", "--many", str(tmp_path / name), "--json")
    assert (said.code, said.out) == (2, "")
    assert told in said.err
    assert alone.transport.requests == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "name one device, or give a file"),
        (["dev_001", "--many", "a.csv"], "name one device, or give a file"),
        (["--many", "a.csv"], "say where the private keys are to go"),
        (["--many", "a.csv", "--json", "--announce"], "leave out --csr and --announce"),
    ],
)
def test_what_does_not_go_together_is_refused(alone: CommandLine, arguments: list[str], told: str) -> None:
    said = alone("devices", "register", *arguments)
    assert (said.code, told in said.err) == (2, True)


def _answers(*rounds: list[int]) -> tuple[HandlerTransport, list[int]]:
    """Answer the lines of each request with these statuses; the second is how many lines each request had."""
    transport, asked, left = HandlerTransport(None), [], list(rounds)

    def answer(request: httpx.Request) -> httpx.Response:
        documents = [json.loads(line) for line in request.read().splitlines()]
        asked.append(len(documents))
        lines = []
        for number, (document, status) in enumerate(zip(documents, left.pop(0), strict=False), 1):
            rest = {"code": "unavailable", "detail": "no time"} if status == 503 else _ANNOUNCED
            lines.append(json.dumps({"line": number, "status": status, "device_id": document["device_id"]} | rest))
        return httpx.Response(200, text="\n".join(lines), request=request)

    transport.on_way = answer
    return transport, asked


_ANNOUNCED = {
    "state": "announced",
    "mqtt_endpoint": "e",
    "mqtt_port": 1,
    "provisioning_template": "t",
    "topic_rules": "r",
}
WANTED = [RegisterDevice(device_id=f"dev_{number:03}", enrolment="claim") for number in range(103)]


def test_a_long_list_is_sent_in_parts_and_what_there_was_no_time_for_again() -> None:
    transport, asked = _answers([201] * 98 + [503] * 2, [201, 503], [503], [503], [503], [201] * 3)
    retries = Retries(sleep=lambda _: None)
    with Client(URL, BearerToken("token"), retries=retries, transport=transport) as client:
        answers = list(client.devices.register_many(WANTED))
    assert asked == [100, 2, 1, 1, 1, 3]
    assert [each.device_id for each in answers] == [each.device_id for each in WANTED]
    (refused,) = (each for each in answers if isinstance(each, LineRefused))
    assert (refused.line, refused.status, refused.device_id) == (100, 503, "dev_099")


def test_an_answer_that_was_cut_is_not_taken_for_a_whole_one() -> None:
    transport, _ = _answers([201])
    with Client(URL, BearerToken("token"), transport=transport) as client, pytest.raises(UnreadableAnswer):
        list(client.devices.register_many(WANTED[:2]))
