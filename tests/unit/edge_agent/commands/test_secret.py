"""``edgeflow-agent secret``: values come by standard input or a prompt, and are never shown."""

import getpass
import io
import sys
from pathlib import Path

import pytest

from edge_agent.cli import main
from edge_agent.disk.secrets import SecretStore
from tests.unit.edge_agent.keys import write_keys

VALUE = "correct horse"


@pytest.fixture
def config(tmp_path: Path) -> str:
    """Settings of a device that has no data folder yet."""
    write_keys(tmp_path)
    path = tmp_path / "agent.toml"
    path.write_text(
        'device_id = "dev_001"\nendpoint = "127.0.0.1"\ndata_directory = "data"\n'
        'certificate = "certificate.pem"\nprivate_key = "private.key"\n'
    )
    return str(path)


def _type(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))


def _values(config: str) -> dict[str, str]:
    return dict(SecretStore(Path(config).parent / "data").read().values)


def test_a_secret_is_set_listed_and_removed(
    config: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _type(monkeypatch, f"{VALUE}\n".encode())
    assert main(["secret", "set", "TOKEN", "--config", config]) == 0
    assert _values(config) == {"TOKEN": VALUE}
    assert (Path(config).parent / "data").stat().st_mode & 0o777 == 0o700
    assert main(["secret", "list", "--config", config]) == 0
    assert main(["secret", "remove", "TOKEN", "--config", config]) == 0
    assert _values(config) == {}
    shown = capsys.readouterr()
    assert shown.out.splitlines() == [
        "TOKEN is set; flows have it from their next start (systemctl restart edgeflow-agent, or the next deployment)",
        "TOKEN (file)",
        "TOKEN is removed; a flow that names it cannot be started any more, one that runs goes on",
    ]
    assert VALUE not in shown.out + shown.err


def test_at_a_terminal_it_is_asked_for_twice_without_an_echo(config: str, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = [VALUE, VALUE, VALUE, "another"]
    monkeypatch.setattr(getpass, "getpass", lambda _: typed.pop(0))
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    assert main(["secret", "set", "TOKEN", "--config", config]) == 0
    assert main(["secret", "set", "OTHER", "--config", config]) == 1
    assert _values(config) == {"TOKEN": VALUE}


def test_a_value_is_no_argument(config: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["secret", "set", "TOKEN", VALUE, "--config", config])
    assert ended.value.code == 2
    assert not (Path(config).parent / "data").exists()


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        (("set 1", VALUE.encode()), "no name of a secret"),
        (("set A", b"abc"), "has 4 to 4096 characters"),
        (("set A", b"\xff\xfe"), "not UTF-8"),
        (("set A", b"a\nb c\n"), "is a line of text"),
        (("remove A", b""), "has no secret 'A'"),
    ],
)
def test_what_cannot_be_done_ends_with_1_and_a_sentence(
    config: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    asked: tuple[str, bytes],
    complaint: str,
) -> None:
    command, content = asked
    _type(monkeypatch, content)
    assert main(["secret", *command.split(), "--config", config]) == 1
    assert complaint in capsys.readouterr().err
