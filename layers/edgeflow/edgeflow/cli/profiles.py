"""Profiles: where a stack is and who calls it, in a file that its owner alone can read."""

import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ValidationError

from edgeflow.cli.errors import CommandFailed
from edgeflow.cli.private_files import write_private
from edgeflow.client import Token

DEFAULT: Final = "default"
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class Profile(BaseModel):
    """One stack, and who calls it: a client of its user pool with a secret, or a user who has signed in.

    ``token`` is the newest that was got, ``refresh_token`` what a user's next one is got with.
    """

    url: str
    token_url: str
    client_id: str
    client_secret: str | None = None
    refresh_token: str | None = None
    token: Token | None = None


class _Kept(BaseModel):
    profiles: dict[str, Profile] = {}


class Profiles:
    """The profiles of one person on one machine."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Find them by ``XDG_CONFIG_HOME``, else in ``~/.config``."""
        home = environ.get("XDG_CONFIG_HOME") or str(Path(environ.get("HOME", "~")).expanduser() / ".config")
        self.path = Path(home) / "edgeflow" / "profiles.json"

    def get(self, name: str) -> Profile | None:
        """Return a profile, or None. Raises CommandFailed where the file cannot be used."""
        return self._read().profiles.get(name)

    def put(self, name: str, profile: Profile) -> None:
        """Keep a profile. Raises CommandFailed."""
        kept = self._read()
        kept.profiles[name] = profile
        write_private(self.path, kept.model_dump_json(indent=2) + "\n")

    def remove(self, name: str) -> bool:
        """Forget a profile; returns whether there was one. Raises CommandFailed."""
        kept = self._read()
        if kept.profiles.pop(name, None) is None:
            return False
        write_private(self.path, kept.model_dump_json(indent=2) + "\n")
        return True

    def _read(self) -> _Kept:
        try:
            if self.path.stat().st_mode & _OTHERS:
                message = f"{self.path} holds secrets and others can read it: chmod 600 {self.path}"
                raise CommandFailed(message)
            return _Kept.model_validate_json(self.path.read_bytes())
        except FileNotFoundError:
            return _Kept()
        except (OSError, ValidationError) as error:
            why = "it is not what `edgeflow login` wrote" if isinstance(error, ValidationError) else error.strerror
            message = f"{self.path} cannot be read ({why}): mend it, or remove it and run `edgeflow login`"
            raise CommandFailed(message) from None
