"""What cannot be read is told, counted and set aside."""

import json

import pytest

from edgeflow.adapters.attributes import text
from edgeflow.adapters.readable import readable, require
from edgeflow.domain.errors import CannotBeRead
from edgeflow.domain.unreadable import SENTENCES, Kind, Unreadable
from tests.unit.adapters.builders import FLOW

FLOW_ITEM = {"pk": f"FLOW#{FLOW}", "sk": "FLOW"}


def test_what_cannot_be_read_is_counted_and_logged_without_its_values(capsys: pytest.CaptureFixture[str]) -> None:
    found = readable({**FLOW_ITEM, "name": 5}, lambda item: text(item, "name"))
    assert found == Unreadable(kind=Kind.FLOW, id=FLOW, of=FLOW, fault="name is not a text")
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert any(line.get("UnreadableRecords") == [1.0] and line["service"] == "records" for line in told)


def test_one_that_is_needed_is_an_error_that_says_what_removes_it() -> None:
    with pytest.raises(CannotBeRead, match=f"DELETE /v1/flows/{FLOW} removes it"):
        require(FLOW_ITEM, lambda item: text(item, "name"))


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_its_sentence(kind: Kind) -> None:
    sentence = str(Unreadable(kind=kind, id="the-id", of="the-owner", fault="it is broken"))
    assert "cannot be read (it is broken); " in sentence
    assert "{" not in sentence
    assert set(SENTENCES) == set(Kind)
