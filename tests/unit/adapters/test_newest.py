"""The newest word of a device in the table: atomic, whatever meets, and without a migration of older records."""

from concurrent.futures import ThreadPoolExecutor
from itertools import permutations
from typing import Any

import pytest

from edgeflow.adapters.newest import read_said, write_newest
from edgeflow.adapters.table import Table
from edgeflow.domain.order import Said

KEY = ("DEVICE#dev_001", "FLOW#flow_1")
NOON = 1_771_675_200_000
HOUR = 3_600_000

AHEAD = [Said(epoch="epoch-0001", sequence=NOON + HOUR + number, received_ms=NOON + number) for number in (1, 2)]
AFRESH = [Said(epoch="epoch-0002", sequence=NOON + number, received_ms=NOON + number) for number in (3, 4)]


def write(table: Table, said: Said) -> bool:
    return write_newest(table, KEY, said, put={"word": said.sequence}) is not None


def held(table: Table) -> tuple[int, Said | None]:
    item = table.get(KEY)
    assert item is not None
    return item["word"], read_said(item)


@pytest.mark.parametrize("order", list(permutations([*AHEAD, *AFRESH])))
def test_the_last_word_of_the_newest_folder_stays_whatever_the_order(table: Table, order: tuple[Said, ...]) -> None:
    for said in (*order, *order):
        write(table, said)
    assert held(table) == (AFRESH[-1].sequence, AFRESH[-1])


def test_of_words_that_meet_the_later_stays(table: Table) -> None:
    words = [*AHEAD, *AFRESH] * 4
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda said: write(table, said), words))
    assert any(told)
    assert held(table) == (AFRESH[-1].sequence, AFRESH[-1])


@pytest.mark.parametrize("epoch", [None, "epoch-0001"])
@pytest.mark.parametrize("sequence", [NOON + HOUR, 10**30, 10**37])
def test_a_record_of_an_older_release_that_made_a_device_deaf_is_healed_by_its_next_word(
    table: Table, sequence: int, epoch: str | None
) -> None:
    table.put({"pk": KEY[0], "sk": KEY[1], "sequence": sequence, "word": sequence})
    word = Said(epoch=epoch, sequence=NOON, received_ms=NOON)
    assert write(table, word)
    assert held(table) == (NOON, word)
    assert not write(table, word)


@pytest.mark.parametrize("damage", [{"sequence": "first"}, {"epoch": 7}, {"received_ms": "noon"}, {"sequence": [1]}])
def test_a_place_that_cannot_be_read_is_none(table: Table, damage: dict[str, Any]) -> None:
    place = {"sequence": NOON, "received_ms": NOON, "epoch": "epoch-0001"}
    table.put({"pk": KEY[0], "sk": KEY[1], **place, **damage})
    word = Said(epoch="epoch-0002", sequence=NOON + 1, received_ms=NOON + 1)
    assert write(table, word)
    assert held(table) == (NOON + 1, word)


@pytest.mark.parametrize("epoch", [None, "epoch-0001"])
def test_the_next_word_of_a_device_costs_one_write(
    table: Table, epoch: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(table, Said(epoch=epoch, sequence=NOON, received_ms=NOON))
    calls: list[str] = []
    update = table.update

    def counting(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401  as ``update`` takes them
        calls.append("update")
        return update(*arguments, **options)

    monkeypatch.setattr(table, "update", counting)
    assert write(table, Said(epoch=epoch, sequence=NOON + 1, received_ms=NOON + 1))
    assert calls == ["update"]
