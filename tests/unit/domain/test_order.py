"""Whatever a device's clock says and however often it loses its data folder: its last word is what is known."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeflow.domain.order import CLOCKS_AGREE_MS, Said

NOON = 1_771_675_200_000
HOUR = 3_600_000
CLOCKS = st.one_of(st.just(0), st.integers(-HOUR, HOUR), st.just(-NOON), st.integers(-NOON, 10 * NOON))
"""By how much a device's clock is wrong, in milliseconds."""


def known(words: Iterable[Said]) -> Said | None:
    """Return what is known after these words came, each kept when it is after what was known before."""
    newest: Said | None = None
    for word in words:
        if newest is None or word.is_after(newest):
            newest = word
    return newest


@st.composite
def stories(draw: st.DrawFn, *, epochs: bool, apart_ms: int) -> list[Said]:
    """Draw what a device says, in the order it says it: several lives, each with a data folder and a wrong clock.

    The clock can also be set within a life; the number never goes back. ``apart_ms`` is the least between two lives.
    """
    words: list[Said] = []
    now = NOON
    for life in range(draw(st.integers(1, 3))):
        now += apart_ms
        last = -1
        for wrong_by in draw(st.lists(CLOCKS, min_size=1, max_size=4)):
            now += draw(st.integers(1, HOUR))
            last = max(last + 1, now + wrong_by, 0)
            words.append(Said(epoch=f"epoch-{life:04d}" if epochs else None, sequence=last, received_ms=now))
    return words


@st.composite
def deliveries(draw: st.DrawFn, words: list[Said]) -> list[Said]:
    """Draw an order in which they arrive, each at least once."""
    again = draw(st.lists(st.sampled_from(words), max_size=len(words)))
    return list(draw(st.permutations([*words, *again])))


@given(data=st.data())
def test_with_epochs_the_last_word_is_what_is_known_whatever_the_clock_and_however_much_was_lost(
    data: st.DataObject,
) -> None:
    words = data.draw(stories(epochs=True, apart_ms=0))
    assert known(data.draw(deliveries(words))) == words[-1]


@given(data=st.data())
def test_without_epochs_a_wrong_clock_makes_nobody_deaf(data: st.DataObject) -> None:
    words = data.draw(stories(epochs=False, apart_ms=2 * CLOCKS_AGREE_MS))
    newest = known(data.draw(deliveries(words)))
    assert newest is not None
    assert newest.received_ms == words[-1].received_ms


@given(data=st.data())
def test_an_agent_that_learns_of_epochs_is_heard_from_its_first_word_on(data: st.DataObject) -> None:
    before = data.draw(stories(epochs=False, apart_ms=2 * CLOCKS_AGREE_MS))
    last = before[-1].received_ms or 0
    after = Said(epoch="epoch-0001", sequence=data.draw(st.integers(0, NOON)), received_ms=last + 1)
    assert known(data.draw(deliveries([*before, after]))) == after


@given(received_ms=st.one_of(st.none(), st.integers(0, NOON)), ahead=st.integers(CLOCKS_AGREE_MS + 2, 10**30))
def test_a_record_of_a_clock_ahead_that_made_a_device_deaf_is_healed_by_its_next_word(
    received_ms: int | None, ahead: int
) -> None:
    deaf = Said(epoch=None, sequence=NOON + ahead, received_ms=received_ms)
    for epoch in (None, "epoch-0001"):
        assert Said(epoch=epoch, sequence=NOON + 1, received_ms=NOON + 1).is_after(deaf)


@pytest.mark.parametrize("epoch", [None, "epoch-0001"])
def test_a_repeat_is_no_news_also_when_it_came_in_again(epoch: str | None) -> None:
    word = Said(epoch=epoch, sequence=7, received_ms=NOON)
    assert not word.is_after(word)
    assert not Said(epoch=epoch, sequence=7, received_ms=NOON + HOUR).is_after(word)


def test_within_an_epoch_numbers_decide_also_against_the_order_of_receipt() -> None:
    earlier = Said(epoch="epoch-0001", sequence=7, received_ms=NOON + 5)
    assert Said(epoch="epoch-0001", sequence=8, received_ms=NOON).is_after(earlier)


def test_without_epochs_numbers_decide_while_they_agree_with_the_cloud_s_clock() -> None:
    known_word = Said(epoch=None, sequence=NOON + 100, received_ms=NOON + 500)
    exactly = Said(epoch=None, sequence=NOON + 101, received_ms=NOON + 101 - CLOCKS_AGREE_MS)
    assert exactly.is_after(known_word)  # its clock is ahead by just as much as is believed
    more = Said(epoch=None, sequence=NOON + 101, received_ms=NOON + 100 - CLOCKS_AGREE_MS)
    assert not more.is_after(known_word)
