"""An HTTP proxy between the device and the cloud: MQTT and downloads go through it by CONNECT."""

import urllib.parse
import urllib.request
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator


class Proxy(BaseModel):
    """Where it is, and who the device is to it (Basic authentication). Its password is in the settings or in a file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = Field(min_length=1, max_length=255)
    port: int = Field(ge=1, le=65_535)
    username: str | None = Field(default=None, min_length=1)
    password: SecretStr | None = None
    password_file: Path | None = None

    @model_validator(mode="after")
    def _must_agree(self) -> Self:
        if self.password is not None and self.password_file is not None:
            message = "has both password and password_file; remove one"
            raise ValueError(message)
        has_password = self.password is not None or self.password_file is not None
        if has_password != (self.username is not None):
            message = "username and a password (password or password_file) go together; give both, or neither"
            raise ValueError(message)
        return self

    def read_password(self) -> str:
        """Return the password; a file's last line break is no part of it. Raises OSError."""
        if self.password_file is not None:
            return self.password_file.read_text(encoding="utf-8").rstrip("\r\n")
        return self.password.get_secret_value() if self.password is not None else ""

    def url(self) -> str:
        """Return its address with user and password, as programs and urllib take it. Raises OSError."""
        known = ""
        if self.username is not None:
            quoted = (urllib.parse.quote(part, safe="") for part in (self.username, self.read_password()))
            known = f"{':'.join(quoted)}@"
        return f"http://{known}{self.host}:{self.port}"

    def handler(self) -> urllib.request.ProxyHandler:
        """Return what makes an opener of urllib go through it, for HTTP and HTTPS. Raises OSError."""
        url = self.url()
        return urllib.request.ProxyHandler({"http": url, "https": url})
