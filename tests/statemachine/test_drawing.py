"""Drawings of graphs: every state is there once, within the picture, and none stands on another one."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from statemachines.drawing import draw
from statemachines.files import MACHINES
from statemachines.layout import Edge, Size, lay_out

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(params=sorted(MACHINES))
def name(request: pytest.FixtureRequest) -> str:
    """Each machine in turn."""
    return str(request.param)


def boxes(drawing: str) -> dict[str, tuple[float, float, float, float]]:
    """Return left, top, right and bottom of each state."""
    found = {}
    for group in ET.fromstring(drawing).iter(f"{SVG}g"):  # noqa: S314  our own drawing
        rect, text = group.find(f"{SVG}rect"), group.find(f"{SVG}text")
        assert rect is not None
        assert text is not None
        left, top, width, height = (float(rect.attrib[key]) for key in ("x", "y", "width", "height"))
        assert text.text not in found
        found[str(text.text)] = (left, top, left + width, top + height)
    return found


def test_every_state_is_drawn_once(name: str) -> None:
    definition = MACHINES[name]()
    inner = [branch["States"] for state in definition["States"].values() for branch in state.get("Branches", [])]
    assert set(boxes(draw(definition))) == {state for states in [definition["States"], *inner] for state in states}


def test_no_state_stands_on_another_or_leaves_the_picture(name: str) -> None:
    definition = MACHINES[name]()
    drawing = draw(definition)
    found = boxes(drawing)
    size = re.search(r'viewBox="0 0 (\d+) (\d+)"', drawing)
    assert size is not None
    for left, top, right, bottom in found.values():
        assert 0 <= left < right <= int(size[1])
        assert 0 <= top < bottom <= int(size[2])
    outer = [found[state] for state in definition["States"]]
    for place, one in enumerate(outer):
        for other in outer[place + 1 :]:
            assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


def test_a_loop_leads_up_and_everything_else_down() -> None:
    edges = [Edge("a", "b"), Edge("b", "c"), Edge("c", "b"), Edge("a", "c")]
    layout = lay_out(dict.fromkeys("abc", Size(10, 10)), edges, "a")
    assert layout.back == {Edge("c", "b")}
    assert layout.centres["a"][1] < layout.centres["b"][1] < layout.centres["c"][1]
    assert len(layout.bends[Edge("a", "c")]) == 2, "it passes the layer of b beside it"


def test_the_docs_show_every_graph(root: Path) -> None:
    text = (root / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\]\(graphs/(\w+)\.svg\)", text)) == set(MACHINES)
