"""Fetching an artifact by its presigned address, checked before anything believes it.

a try ─> whole, of the right size and hash ─> done
  │        └─ not what it should be ─> given up; put together of pieces, it is fetched once more as a whole
  ├─ broken off, or a server in trouble ─> after a pause the next try goes on where this one ended
  ├─ the address is refused ─> AddressRefused: it has expired, and the cloud makes another one
  └─ any other answer will not change ─> given up at once
"""

import hashlib
import http.client
import logging
import random
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, Protocol

from edgeflow.contract.job import Artifact
from edgeflow.contract.reasons import Reason
from edgeflow.contract.wording import counted

TRIES: Final = 6
TIMEOUT_SECONDS: Final = 20
MAX_SECONDS: Final = 300.0
"""All tries and pauses together; no try begins or goes on after it."""
_FIRST_PAUSE_SECONDS: Final = 0.5
_LAST_PAUSE_SECONDS: Final = 30.0
_CHUNK_BYTES: Final = 16 * 1024
_SCHEMES: Final = ("https://", "http://")
_REFUSED: Final = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
"""What S3 answers to an address that has expired, or whose signer's session has: 403, for some faults 400."""
_MAY_PASS: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
_CONTENT_RANGE: Final = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")

logger = logging.getLogger(__name__)


class DownloadFailed(Exception):
    """The artifact could not be had; ``reason`` is the code that the cloud is told."""

    def __init__(self, reason: Reason, message: str) -> None:
        """Keep the code with the sentence."""
        super().__init__(message)
        self.reason = reason


class AddressRefused(DownloadFailed):
    """The server does not take the address, as when it has expired; with another one it may go well."""


class _Final(Exception):
    """An answer that will not change, however often it is asked for."""


class _Temporary(Exception):
    """A failure that may pass."""


class Fetch(Protocol):
    """Fetching, as the engine wants it."""

    def __call__(self, artifact: Artifact, still_wanted: Callable[[], None]) -> bytes:
        """Return the artifact's bytes, checked. ``still_wanted`` is called again and again; what it raises ends it.

        Raises:
            AddressRefused: it may go well with a fresh address.
            DownloadFailed: it cannot be had.
        """


@dataclass
class _Received:
    """What has come so far, and which version of the file it is a part of, as far as the server tells."""

    content: bytearray = field(default_factory=bytearray)
    etag: str = ""
    pieces: int = 0

    def start_over(self) -> None:
        self.content.clear()
        self.etag, self.pieces = "", 0


class Downloader:
    """Fetches by HTTP(S), trying again with growing pauses, each try going on where the one before broke off."""

    def __init__(
        self,
        pause: Callable[[float], None],
        *,
        tries: int = TRIES,
        timeout: float = TIMEOUT_SECONDS,
        proxy: urllib.request.ProxyHandler | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Wait between tries by calling ``pause`` with seconds; ``timeout`` is how long nothing may come, in seconds.

        Redirects lead to HTTPS only; those of an address that is HTTP itself, as on the local cloud, to HTTP, too.
        """
        self._pause = pause
        self._tries = tries
        self._timeout = timeout
        self._ways = (proxy,) if proxy is not None else ()
        self._monotonic = monotonic

    def __call__(self, artifact: Artifact, still_wanted: Callable[[], None] = lambda: None) -> bytes:
        """See :class:`Fetch`."""
        if not artifact.url.startswith(_SCHEMES):
            message = "the artifact's address is no HTTP address"
            raise DownloadFailed(Reason.DOWNLOAD_FAILED, message)
        deadline = self._monotonic() + MAX_SECONDS
        received = _Received()
        pause = _FIRST_PAUSE_SECONDS
        problem = ""
        for attempt in range(1, self._tries + 1):
            still_wanted()
            try:
                self._receive(artifact, received, deadline, still_wanted)
                failure = _judge(artifact, bytes(received.content))
                if failure is None:
                    return bytes(received.content)
                if received.pieces == 1:
                    raise failure
                problem = f"{failure}, put together of {counted(received.pieces, 'piece')}"
                received.start_over()
            except _Final as fault:
                problem = str(fault)
                break
            except _Temporary as fault:
                problem = str(fault)
            left = deadline - self._monotonic()
            logger.warning("download, try %d of %d: %s", attempt, self._tries, problem)
            if attempt == self._tries or left <= 0:
                break
            self._pause(min(pause * (1 + random.random()), left))  # noqa: S311  jitter, not a secret
            pause = min(2 * pause, _LAST_PAUSE_SECONDS)
        message = f"the artifact could not be downloaded: {problem}"
        raise DownloadFailed(Reason.DOWNLOAD_FAILED, message)

    def _receive(
        self, artifact: Artifact, received: _Received, deadline: float, still_wanted: Callable[[], None]
    ) -> None:
        """Get what is missing, at most one byte more than there should be: that tells too much from just right.

        Raises:
            AddressRefused, _Final, _Temporary: it could not be had; what has come is kept for the next try.
        """
        try:
            # For this one try: under Python 3.12 and later an opener holds all trusted certificates, a MiB of them.
            opener = urllib.request.build_opener(_Redirects, *self._ways)
            with opener.open(_request(artifact, received), timeout=self._timeout) as answer:
                _continue_or_start_over(answer, artifact, received)
                received.pieces += 1
                most = artifact.size + 1
                promised = _promised(answer, received, most)
                while len(received.content) < most:
                    # What there is, so that a server that drips holds up neither the deadline nor a cancel.
                    piece = answer.read1(min(_CHUNK_BYTES, most - len(received.content)))
                    if not piece:
                        break
                    received.content += piece
                    still_wanted()
                    if self._monotonic() > deadline:
                        message = f"it took longer than {MAX_SECONDS:.0f} s"
                        raise _Final(message)
                if len(received.content) < promised:
                    message = f"broken off after {len(received.content)} of {promised} bytes"
                    raise _Temporary(message)
        except urllib.error.HTTPError as error:
            with error:
                _refuse(error.code, received)
        except ValueError as error:
            message = f"the address, or its answer, cannot be used: {error}"
            raise _Final(message) from error
        except (OSError, http.client.HTTPException) as error:
            message = f"{type(error).__name__}: {error}"
            raise _Temporary(message) from error


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows no redirect away from HTTPS: who is in between could change where that leads, and read what is signed."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:  # noqa: ANN401, PLR0917  the library's shape
        """See the base."""
        allowed = _SCHEMES if req.type == "http" else _SCHEMES[:1]
        if not newurl.lower().startswith(allowed):
            fp.close()
            message = f"it redirects to {newurl[:100]}, which is not {' or '.join(allowed)}"
            raise ValueError(message)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _request(artifact: Artifact, received: _Received) -> urllib.request.Request:
    request = urllib.request.Request(artifact.url, headers={"Accept-Encoding": "identity"})  # noqa: S310  checked before
    if received.content:
        request.add_header("Range", f"bytes={len(received.content)}-")
        if received.etag:
            request.add_header("If-Range", received.etag)
    return request


def _continue_or_start_over(answer: http.client.HTTPResponse, artifact: Artifact, received: _Received) -> None:
    """Keep what has come only when the answer is the rest of it."""
    etag = answer.headers.get("ETag") or ""
    if answer.status == HTTPStatus.PARTIAL_CONTENT:
        told = _CONTENT_RANGE.fullmatch(answer.headers.get("Content-Range") or "")
        is_the_rest = told is not None and int(told[1]) == len(received.content)
        is_of_the_same = told is not None and told[2] in {"*", str(artifact.size)} and etag in {"", received.etag}
        if is_the_rest and is_of_the_same:
            return
        received.start_over()
        message = "the answer is not the rest of what has come"
        raise _Temporary(message)
    received.start_over()
    received.etag = etag if not etag.startswith("W/") else ""  # a weak one does not promise the same bytes


def _promised(answer: http.client.HTTPResponse, received: _Received, most: int) -> int:
    length = int(answer.headers.get("Content-Length") or 0)
    return min(len(received.content) + length, most)


def _refuse(status: int, received: _Received) -> None:
    message = f"HTTP {status}"
    if status in _REFUSED:
        raise AddressRefused(Reason.DOWNLOAD_FAILED, f"the artifact's address is refused: {message}")
    if status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and received.content:
        received.start_over()
        raise _Temporary(message)
    if status in _MAY_PASS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise _Temporary(message)
    raise _Final(message)


def _judge(artifact: Artifact, content: bytes) -> DownloadFailed | None:
    """Return what is wrong with the bytes that came, None when they are what they should be."""
    if len(content) != artifact.size:
        message = f"the artifact has {len(content)} bytes or more; its size should be {artifact.size}"
        return DownloadFailed(Reason.SIZE_MISMATCH, message)
    actual = hashlib.sha256(content).hexdigest()
    if actual != artifact.sha256:
        message = f"the artifact's SHA-256 is {actual}; it should be {artifact.sha256}"
        return DownloadFailed(Reason.CHECKSUM_MISMATCH, message)
    return None
