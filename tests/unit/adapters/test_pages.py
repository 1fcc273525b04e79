"""Pages of lists: each entry once, in order, no empty page at the end, and no more queries than a request can bear."""

import pytest

from edgeflow.adapters.pages import MAX_QUERIES, Start, page_of
from edgeflow.adapters.table import Item, Page


class Stored:
    """So many items in order, of which a filter lets some through."""

    def __init__(self, count: int, *, every: int = 1) -> None:
        self.count, self.every = count, every
        self.asked: list[int] = []

    def query(self, most: int, start: Start) -> Page:
        self.asked.append(most)
        begin = 0 if start is None else start["n"] + 1
        looked_at: list[Item] = [{"n": number} for number in range(begin, min(begin + most, self.count))]
        more = begin + most < self.count
        shown = [item for item in looked_at if item["n"] % self.every == 0]
        return Page(items=shown, last_key=looked_at[-1] if more else None)

    def pages(self, limit: int, *, at_a_time: int = 1) -> list[list[int]]:
        """Read the list to its end."""
        found: list[list[int]] = []
        start: Start = None
        while True:
            items, start = page_of(self.query, limit=limit, start=start, at_a_time=at_a_time)
            found.append([item["n"] for item in items])
            if start is None:
                return found


@pytest.mark.parametrize("count", [1, 4, 5, 6, 12])
@pytest.mark.parametrize("limit", [1, 2, 3, 6])
def test_each_entry_is_there_once_and_no_page_is_empty(count: int, limit: int) -> None:
    pages = Stored(count).pages(limit)
    assert [number for page in pages for number in page] == list(range(count))
    assert {len(page) for page in pages[:-1]} <= {limit}
    assert 0 < len(pages[-1]) <= limit


def test_an_empty_list_is_one_empty_page() -> None:
    assert Stored(0).pages(5) == [[]]


def test_what_a_filter_leaves_out_is_looked_at_so_many_at_a_time() -> None:
    stored = Stored(1_000, every=100)
    assert [number for page in stored.pages(3, at_a_time=100) for number in page] == list(range(0, 1_000, 100))
    assert set(stored.asked) == {100}


def test_a_filter_that_lets_little_through_ends_a_page_early_and_the_next_goes_on() -> None:
    stored = Stored(MAX_QUERIES * 10 + 1, every=MAX_QUERIES * 10)
    items, start = page_of(stored.query, limit=9, start=None)
    assert (len(stored.asked), [item["n"] for item in items]) == (MAX_QUERIES, [0])
    items, start = page_of(stored.query, limit=9, start=start)
    assert ([item["n"] for item in items], start) == ([MAX_QUERIES * 10], None)
