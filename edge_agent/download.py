"""Fetching an artifact by its presigned address, checked before anything believes it."""

import hashlib
import http.client
import logging
import random
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Final, Protocol

from edgeflow.contract.job import Artifact
from edgeflow.contract.reasons import Reason

TRIES: Final = 4
TIMEOUT_SECONDS: Final = 20
_FIRST_PAUSE_SECONDS: Final = 0.5
_FINAL_STATUSES: Final = frozenset({400, 401, 403, 404, 410})
"""Asking again does not help: the address has expired, or the artifact is gone."""

logger = logging.getLogger(__name__)


class DownloadFailed(Exception):
    """The artifact could not be had; ``reason`` is the code that the cloud is told."""

    def __init__(self, reason: Reason, message: str) -> None:
        """Keep the code with the sentence."""
        super().__init__(message)
        self.reason = reason


class Fetch(Protocol):
    """Fetching, as the engine wants it."""

    def __call__(self, artifact: Artifact) -> bytes:
        """Return the artifact's bytes, checked. Raises DownloadFailed."""


class Downloader:
    """Fetches by HTTP(S), trying again with growing pauses."""

    def __init__(self, pause: Callable[[float], None], *, tries: int = TRIES, timeout: float = TIMEOUT_SECONDS) -> None:
        """Wait between tries by calling ``pause`` with seconds; ``timeout`` is that of one try, in seconds."""
        self._pause = pause
        self._tries = tries
        self._timeout = timeout

    def __call__(self, artifact: Artifact) -> bytes:
        """Return the artifact's bytes, of the right size and hash. Raises DownloadFailed."""
        if not artifact.url.startswith(("https://", "http://")):
            message = "the artifact's address is no HTTP address"
            raise DownloadFailed(Reason.DOWNLOAD_FAILED, message)
        content = self._fetch(artifact)
        if len(content) != artifact.size:
            message = f"the artifact has {len(content)} bytes or more; its size should be {artifact.size}"
            raise DownloadFailed(Reason.SIZE_MISMATCH, message)
        actual = hashlib.sha256(content).hexdigest()
        if actual != artifact.sha256:
            message = f"the artifact's SHA-256 is {actual}; it should be {artifact.sha256}"
            raise DownloadFailed(Reason.CHECKSUM_MISMATCH, message)
        return content

    def _fetch(self, artifact: Artifact) -> bytes:
        pause = _FIRST_PAUSE_SECONDS
        problem = ""
        for attempt in range(1, self._tries + 1):
            try:
                with urllib.request.urlopen(artifact.url, timeout=self._timeout) as answer:  # noqa: S310  checked above
                    # One byte more than there should be tells too much from just right, and no more is read.
                    content = bytes(answer.read(artifact.size + 1))
                    promised = min(int(answer.headers.get("Content-Length") or 0), artifact.size + 1)
                    if len(content) < promised:
                        raise http.client.IncompleteRead(content, promised - len(content))
                    return content
            except urllib.error.HTTPError as error:
                problem = f"HTTP {error.code}"
                if error.code in _FINAL_STATUSES:
                    break
            except ValueError as error:
                problem = f"the address, or its answer, cannot be used: {error}"
                break
            except (OSError, http.client.HTTPException) as error:
                problem = f"{type(error).__name__}: {error}"
            logger.warning("download, try %d of %d: %s", attempt, self._tries, problem)
            if attempt < self._tries:
                self._pause(pause * (1 + random.random()))  # noqa: S311  jitter, not a secret
                pause *= 2
        message = f"the artifact could not be downloaded: {problem}"
        raise DownloadFailed(Reason.DOWNLOAD_FAILED, message)
