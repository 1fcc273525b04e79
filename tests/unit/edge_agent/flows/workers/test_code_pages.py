"""Pages of code are given back only where nothing can be lost, and come again when they are used."""

import ctypes
import json
import mmap
import os
import subprocess
import sys
import threading
from array import array
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from edge_agent.flows.workers import code_pages

LIBRARY = [
    b"1000-2000 r--p 00000000 fd:00 12    /lib/libx.so\n",
    b"2000-6000 r-xp 00001000 fd:00 12    /lib/libx.so\n",
    b"6000-7000 r--p 00005000 fd:00 12    /lib/libx.so\n",
    b"7000-8000 rw-p 00006000 fd:00 12    /lib/libx.so\n",
]
OTHERS = [
    b"8000-9000 rw-p 00000000 00:00 0 \n",
    b"9000-a000 r--s 00000000 fd:00 13    /usr/lib/gconv.cache\n",
    b"a000-b000 r--p 00000000 fd:00 14    /usr/lib/locale-archive\n",
    b"b000-c000 rwxp 00000000 fd:00 15    /lib/writes-to-its-code.so\n",
    b"c000-d000 r-xp 00000000 00:05 16    /dev/mem\n",
    b"d000-e000 r-xp 00000000 00:00 0     [vdso]\n",
    b"e000-f000 ---p 00000000 fd:00 12    /lib/libx.so\n",
]
ODD = [
    b"\n",
    b"nobody knows\n",
    b"f000 r-xp 00000000 fd:00 12    /lib/libx.so\n",
    b"g000-h000 r-xp 00000000 fd:00 12    /lib/libx.so\n",
    b"\xff-\xfe r-xp 00000000 fd:00 12    /lib/libx.so\n",
]
PREPARE = """
import json, re
from pathlib import Path
from edge_agent.flows.workers import code_pages, fork_server

def pages():
    return int(re.search(r"RssFile:\\s+(\\d+)", Path("/proc/self/status").read_text()).group(1))

fork_server.prepare_memory()
"""
GOES_ON = """
import hashlib, ssl
from edgeflow.contract.flow import FlowArtifact

def work():
    read = FlowArtifact.model_validate({"definition": {"nodes": [{"id": "n", "type": "debug", "config": {}}]}})
    return hashlib.sha256(read.canonical_bytes()).hexdigest(), len(ssl.create_default_context().get_ciphers())

before, told = work(), []
for _ in range(3):
    had = pages()
    given = code_pages.give_back_pages()
    told.append((given, had - pages(), work() == before))
print(json.dumps(told))
"""
LIVES = """
import os, socket
from edge_agent.flows.surroundings import FlowSurroundings
from edge_agent.flows.workers import worker
from edge_agent.flows.workers.channel import encode
from edge_agent.flows.workers.orders import Order

flow = {"definition": {"nodes": [{"id": "n", "type": "inject", "config": {}}]}}
order = Order(artifact=json.dumps(flow).encode(), surroundings=FlowSurroundings(device_id="dev", flow_id="flow"))
ours, theirs = socket.socketpair()
ours.sendall(encode({"kind": "order"}, order.dump()))
worker.OTHERS_EVERY_SECONDS = 0
worker.give_back_pages = lambda: os._exit(code_pages.give_back_pages() > 0 and 7)
worker.run(theirs)
"""

RESTS = """
import os, socket

ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
fork_server.OTHERS_EVERY_SECONDS = 0
fork_server.give_back_pages = lambda: os._exit(code_pages.give_back_pages() > 0 and 7)
fork_server.ForkServer(theirs).serve(is_prepared=True)
"""


@pytest.fixture
def mapped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The address of three pages of a file that this process has for itself, and that alone are noted."""
    file = tmp_path / "pages"
    file.write_bytes(b"a" * mmap.PAGESIZE + b"b" * mmap.PAGESIZE + b"c" * mmap.PAGESIZE)
    size = 3 * mmap.PAGESIZE
    with file.open("rb") as opened:
        library = ctypes.CDLL(None)
        library.mmap.restype = ctypes.c_void_p
        library.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
        library.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
        address = library.mmap(None, size, mmap.PROT_READ | mmap.PROT_WRITE, mmap.MAP_PRIVATE, opened.fileno(), 0)
    monkeypatch.setattr(code_pages, "noted", array("Q", [address, address + size]))
    yield address
    library.munmap(address, size)


def test_only_code_and_constants_of_libraries_are_noted() -> None:
    assert code_pages.read_only_code(LIBRARY + OTHERS) == [(0x1000, 0x2000), (0x2000, 0x6000), (0x6000, 0x7000)]


def test_odd_lines_are_passed_over() -> None:
    assert code_pages.read_only_code(ODD) == []
    assert len(code_pages.read_only_code(ODD + LIBRARY + ODD)) == 3


def test_what_was_only_read_is_given_back_and_comes_again(mapped: int) -> None:
    assert ctypes.string_at(mapped + mmap.PAGESIZE, 2) == b"bb"
    assert code_pages.give_back_pages() == 3 * mmap.PAGESIZE
    assert ctypes.string_at(mapped + mmap.PAGESIZE, 2) == b"bb"


def test_what_was_written_to_is_never_touched(mapped: int) -> None:
    ctypes.memmove(mapped + mmap.PAGESIZE, b"new", 3)
    assert code_pages.give_back_pages() == 0
    assert ctypes.string_at(mapped + mmap.PAGESIZE, 4) == b"newb"


def test_a_process_that_has_done_it_goes_on_with_less_memory() -> None:
    told = subprocess.run([sys.executable, "-c", PREPARE + GOES_ON], check=True, capture_output=True, timeout=60)  # noqa: S603  our own words
    for given, kibibytes, is_as_before in json.loads(told.stdout):
        assert given > 2**20
        assert kibibytes > 1_024
        assert is_as_before


@pytest.mark.parametrize("program", [LIVES, RESTS], ids=["a worker whose flow runs", "a fork server that rests"])
def test_who_does_it_by_itself(program: str) -> None:
    ended = subprocess.run([sys.executable, "-c", PREPARE + program], check=False, capture_output=True, timeout=60)  # noqa: S603  our own words
    assert ended.returncode == 7, ended.stderr.decode()


def test_with_several_threads_nothing_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code_pages, "noted", array("Q", [0, mmap.PAGESIZE]))
    waits = threading.Event()
    another = threading.Thread(target=waits.wait)
    another.start()
    try:
        assert code_pages.note_code() == 0
    finally:
        waits.set()
        another.join()
    assert code_pages.give_back_pages() == 0


@pytest.mark.parametrize("missing", ["MAPS", "PAGEMAP", "THREADS"])
def test_a_system_that_does_not_tell_gives_nothing_to_note(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.setattr(code_pages, "noted", array("Q", [0, mmap.PAGESIZE]))
    monkeypatch.setattr(code_pages, missing, "/proc/nowhere")
    assert code_pages.note_code() == 0


def test_pages_of_which_nothing_is_told_stay(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    short = tmp_path / "pagemap"
    short.touch()
    monkeypatch.setattr(code_pages, "noted", array("Q", [0, mmap.PAGESIZE]))
    for pagemap in (short, tmp_path / "nowhere"):
        monkeypatch.setattr(code_pages, "PAGEMAP", os.fspath(pagemap))
        assert code_pages.give_back_pages() == 0


def test_a_library_without_the_call_gives_nothing_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code_pages, "ctypes", SimpleNamespace(pythonapi=object()))
    assert code_pages.give_back_pages() == 0
