"""The secrets of a device: for its user alone, from a file or from systemd, refused when others can read them."""

import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.disk.secrets import MAX_LENGTH, SECRETS_FILE, SecretStore, SecretsUnusable, Source
from edge_agent.flows.language.secrets import MASK
from tests.unit.edge_agent.power import PowerCut, power_cut_at

VALUE = "correct horse"


@pytest.fixture
def store(tmp_path: Path) -> SecretStore:
    """A device that has no secrets yet."""
    return SecretStore(tmp_path)


def test_what_is_set_is_read_and_what_is_removed_is_gone(store: SecretStore, tmp_path: Path) -> None:
    store.set("B", VALUE)
    store.set("A", "battery staple")
    assert store.read().values == {"A": "battery staple", "B": VALUE}
    assert store.names() == {"A": Source.FILE, "B": Source.FILE}
    assert (tmp_path / SECRETS_FILE).stat().st_mode & 0o777 == 0o600
    store.remove("A")
    assert SecretStore(tmp_path).read().values == {"B": VALUE}
    with pytest.raises(SecretsUnusable, match="has no secret 'A'"):
        store.remove("A")


def test_the_file_is_its_owners_alone_whatever_the_mask_is(store: SecretStore, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        store.set("A", VALUE)
    finally:
        os.umask(before)
    assert (tmp_path / SECRETS_FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o660, 0o602, 0o601])
def test_a_file_that_others_can_reach_is_not_used(store: SecretStore, tmp_path: Path, mode: int) -> None:
    store.set("A", VALUE)
    (tmp_path / SECRETS_FILE).chmod(mode)
    secrets = store.read()
    assert secrets.values == {}
    assert f"chmod 600 {tmp_path / SECRETS_FILE}" in secrets.trouble
    for change in (lambda: store.set("B", VALUE), lambda: store.remove("A"), store.names):
        with pytest.raises(SecretsUnusable, match="chmod 600"):
            change()


@pytest.mark.parametrize(
    "content", ["", "{}", '{"secrets": {"A": {"value": "correct horse"}}}', '{"secrets": {"1": {}}}']
)
def test_a_damaged_file_is_said_to_be_one_and_not_shown(store: SecretStore, tmp_path: Path, content: str) -> None:
    path = tmp_path / SECRETS_FILE
    path.touch(0o600)
    path.write_text(content)
    assert store.read().trouble == f"{path} is damaged; remove it, and set each secret again"


@pytest.mark.parametrize("name", ["", "1A", "a b", "a/b", ".a", "a" * 65, "ä"])
def test_a_name_that_no_flow_could_write_is_refused(store: SecretStore, name: str) -> None:
    with pytest.raises(SecretsUnusable, match="is no name of a secret"):
        store.set(name, VALUE)


@pytest.mark.parametrize(
    "value", ["", "abc", "a" * (MAX_LENGTH + 1), "a\nbcd", "ab\x00cd", "    ", f"ab{MASK}", "abc\ud800"]
)
def test_a_value_that_cannot_be_kept_is_refused_and_not_repeated(store: SecretStore, value: str) -> None:
    with pytest.raises(SecretsUnusable) as refused:
        store.set("A", value)
    assert len(value) < 4 or value not in str(refused.value)
    assert store.names() == {}


def test_systemd_gives_secrets_under_names_of_their_own(tmp_path: Path) -> None:
    given = tmp_path / "credentials"
    given.mkdir()
    (given / "secret.A").write_text(f"{VALUE}\n")
    (given / "secret.B").write_text("from systemd")
    (given / "proxy-password").write_text("not for flows")
    store = SecretStore(tmp_path, given)
    store.set("B", "by hand")
    assert store.read().values == {"A": VALUE, "B": "by hand"}
    assert store.names() == {"A": Source.SYSTEMD, "B": Source.FILE}
    (given / "secret.C").write_bytes(b"\xff\xfe\xfd\xfc")
    assert store.read().trouble == "systemd's credential secret.C cannot be used: it is not UTF-8"
    assert store.read().values["A"] == VALUE, "the others are there"


def test_a_new_value_has_another_mark(store: SecretStore) -> None:
    marks = set()
    for _ in range(2):
        store.set("A", VALUE)
        marks.add(store.read().marks["A"])
    assert len(marks) == 2


def test_nothing_is_lost_when_many_set_secrets_at_once(tmp_path: Path) -> None:
    setting = [
        threading.Thread(target=SecretStore(tmp_path).set, args=(f"S{number}", f"value {number}"))
        for number in range(8)
    ]
    for thread in setting:
        thread.start()
    for thread in setting:
        thread.join(30)
    assert len(SecretStore(tmp_path).names()) == 8


def test_a_power_cut_leaves_the_secrets_of_before_or_the_new_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SecretStore(tmp_path)
    moments = 0
    finished = False
    while not finished:
        store.set("A", "the old one")
        with power_cut_at(moments, monkeypatch):
            try:
                store.set("A", "the new one")
            except PowerCut:
                moments += 1
            else:
                finished = True
        assert store.read().values in ({"A": "the old one"}, {"A": "the new one"})
        left = [path.stat().st_mode & 0o777 for path in tmp_path.iterdir()]
        assert set(left) == {0o600}, "what a cut leaves behind is nobody else's either"
    assert moments > 4
    assert store.read().values == {"A": "the new one"}


@given(st.text(min_size=4, max_size=40), st.text(max_size=20))
def test_what_was_ever_read_or_set_is_taken_out_of_texts(
    tmp_path_factory: pytest.TempPathFactory, value: str, around: str
) -> None:
    store = SecretStore(tmp_path_factory.mktemp("data"))
    try:
        store.set("A", value)
    except SecretsUnusable:
        return
    store.set("A", "another one")
    assert value not in store.redact(f"{around}{value}{around}")
