"""The secrets of a device, which flows name: in a file that its user alone can read, or given by systemd.

What was set on the device by hand comes before what systemd gives under the same name.
"""

import fcntl
import os
import re
import stat
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final
from uuid import uuid4

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from edge_agent.disk.files import write_atomically
from edge_agent.flows.language.secrets import MASK, Redactor, Secrets
from edgeflow.contract.references import NAME_PATTERN, SecretName

SECRETS_FILE: Final = "secrets.json"
CREDENTIAL_PREFIX: Final = "secret."
"""How systemd's credentials are named that flows may have; a unit may have others."""
MIN_LENGTH: Final = 4
MAX_LENGTH: Final = 4_096
_OWNER_ALONE: Final = 0o600
_OTHERS: Final = 0o077
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


class SecretsUnusable(Exception):
    """A secret cannot be kept or read; the message is a sentence with its remedy, and never shows a value."""


class Source(StrEnum):
    """Where a secret comes from."""

    FILE = "file"
    SYSTEMD = "systemd"


def _can_be_kept(value: str) -> str:
    if not MIN_LENGTH <= len(value) <= MAX_LENGTH:
        message = f"a secret has {MIN_LENGTH} to {MAX_LENGTH} characters"
        raise ValueError(message)
    if _CONTROL.search(value) or MASK[0] in value or not value.strip():
        message = f"a secret is a line of text that is not blank and has no {MASK[0]}"
        raise ValueError(message)
    return value


class _Kept(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    value: Annotated[str, AfterValidator(_can_be_kept)] = Field(repr=False)
    mark: str


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    secrets: dict[SecretName, _Kept]


@dataclass(frozen=True, slots=True)
class _Read:
    kept: Mapping[str, _Kept]
    trouble: str = ""


def credentials_of(environment: Mapping[str, str]) -> Path | None:
    """Return the folder of the credentials that systemd gives to this process; None when it gives none."""
    folder = environment.get("CREDENTIALS_DIRECTORY")
    return Path(folder) if folder else None


class SecretStore:
    """Reads and keeps secrets. All methods are thread-safe, and several processes may keep them at once."""

    def __init__(self, directory: Path, credentials: Path | None = None) -> None:
        """Keep them in a file of this folder, which is there; ``credentials`` is where systemd puts its own."""
        self._path = directory / SECRETS_FILE
        self._credentials = credentials
        self._lock = threading.Lock()
        self._known: frozenset[str] = frozenset()
        self._redactor = Redactor()

    def read(self) -> Secrets:
        """Return the secrets as they are now; what cannot be read is told by ``trouble``."""
        given, kept = self._from_systemd(), self._from_file()
        found = {**given.kept, **kept.kept}
        values = {name: each.value for name, each in found.items()}
        self._remember(values.values())
        marks = {name: each.mark for name, each in found.items()}
        return Secrets(values=values, marks=marks, trouble="; ".join(filter(None, (kept.trouble, given.trouble))))

    def redact(self, text: str) -> str:
        """Return a text without any value that was read or set so far."""
        with self._lock:
            redactor = self._redactor
        return redactor(text)

    def names(self) -> dict[str, Source]:
        """Return each secret's name, and where it comes from.

        Raises:
            SecretsUnusable: the file or a credential cannot be used.
        """
        given, kept = self._from_systemd(), self._from_file()
        trouble = "; ".join(filter(None, (kept.trouble, given.trouble)))
        if trouble:
            raise SecretsUnusable(trouble)
        names = dict.fromkeys(given.kept, Source.SYSTEMD) | dict.fromkeys(kept.kept, Source.FILE)
        return dict(sorted(names.items()))

    def set(self, name: str, value: str) -> None:
        """Keep a secret in the file, in place of what had the name; returns when it would survive a power cut.

        Raises:
            SecretsUnusable: the name or the value cannot be one, or the file cannot be used.
            OSError: the disk does not take it.
        """
        if re.fullmatch(NAME_PATTERN, name) is None:
            message = (
                f"{name!r} is no name of a secret; it begins with a letter, and has up to 64 letters, digits, _ . and -"
            )
            raise SecretsUnusable(message)
        try:
            kept = _Kept(value=_can_be_kept(value), mark=uuid4().hex)
        except ValueError as error:
            raise SecretsUnusable(str(error)) from None
        self._remember([value])
        with self._changing() as before:
            self._write({**before, name: kept})

    def remove(self, name: str) -> None:
        """Take a secret out of the file.

        Raises:
            SecretsUnusable: the file has none of that name, or cannot be used.
            OSError: the disk does not take it.
        """
        with self._changing() as before:
            if name not in before:
                message = f"{self._path} has no secret {name!r}; edgeflow-agent secret list says which there are"
                raise SecretsUnusable(message)
            self._write({each: kept for each, kept in before.items() if each != name})

    @contextmanager
    def _changing(self) -> Iterator[Mapping[str, _Kept]]:
        """Keep others from changing the file meanwhile; yields what is in it."""
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            owner = os.fstat(folder).st_uid
            if owner != os.geteuid():
                message = (
                    f"{self._path.parent} belongs to user {owner}, and only that user's file can be read by the agent; "
                    f"run it as that user: sudo -u '#{owner}' edgeflow-agent secret …"
                )
                raise SecretsUnusable(message)
            fcntl.flock(folder, fcntl.LOCK_EX)
            found = self._from_file()
            if found.trouble:
                raise SecretsUnusable(found.trouble)
            yield found.kept
        finally:
            os.close(folder)

    def _write(self, kept: Mapping[str, _Kept]) -> None:
        content = _File(secrets=dict(sorted(kept.items()))).model_dump_json(indent=1).encode()
        write_atomically(self._path, content, mode=_OWNER_ALONE)

    def _from_file(self) -> _Read:
        try:
            with self._path.open("rb") as file:
                mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
                if mode & _OTHERS:
                    return _Read(
                        {}, f"{self._path} can be read by others (mode {mode:04o}); run: chmod 600 {self._path}"
                    )
                return _Read(_File.model_validate_json(file.read()).secrets)
        except FileNotFoundError:
            return _Read({})
        except OSError as error:
            return _Read({}, f"{self._path} cannot be read: {error.strerror}; it must belong to the agent's user")
        except ValidationError:
            return _Read({}, f"{self._path} is damaged; remove it, and set each secret again")

    def _from_systemd(self) -> _Read:
        if self._credentials is None:
            return _Read({})
        kept, faults = {}, []
        try:
            paths = sorted(self._credentials.glob(f"{CREDENTIAL_PREFIX}*"))
        except OSError as error:
            return _Read({}, f"{self._credentials} cannot be read: {error.strerror}")
        for path in paths:
            name = path.name.removeprefix(CREDENTIAL_PREFIX)
            try:
                if re.fullmatch(NAME_PATTERN, name) is None:
                    faults.append(f"systemd's credential {path.name} is no name of a secret")
                    continue
                value = path.read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")
                kept[name] = _Kept(value=_can_be_kept(value), mark=str(path.stat().st_mtime_ns))
            except OSError as error:
                faults.append(f"systemd's credential {path.name} cannot be read: {error.strerror}")
            except ValueError as error:
                reason = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
                faults.append(f"systemd's credential {path.name} cannot be used: {reason}")
        return _Read(kept, "; ".join(faults))

    def _remember(self, values: Iterable[str]) -> None:
        with self._lock:
            new = self._known.union(values)
            if new != self._known:
                self._known = new
                self._redactor = Redactor(self._known)
