"""When a certificate is valid, read from the file with the standard library alone."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

_EXPLICIT_VERSION: Final = 0xA0
_UTC_TIME: Final = 0x17
_TWO_DIGIT_YEARS_TURN: Final = 50
"""RFC 5280, 4.1.2.5.1: a year of two digits below it is of this century."""
_BEGIN: Final = "-----BEGIN CERTIFICATE-----"
_END: Final = "-----END CERTIFICATE-----"


@dataclass(frozen=True, slots=True)
class Validity:
    """From when to when a certificate is valid."""

    begins: datetime
    ends: datetime


def read_validity(path: Path) -> Validity:
    """Return when the first certificate in a PEM file is valid. Raises OSError, ValueError."""
    text = path.read_text(encoding="ascii")
    begin, end = text.find(_BEGIN), text.find(_END)
    if begin < 0 or end < begin:
        message = f"{path} holds no certificate in PEM"
        raise ValueError(message)
    try:
        return validity_of(ssl.PEM_cert_to_DER_cert(text[begin : end + len(_END)]))
    except (ValueError, IndexError) as error:
        message = f"the certificate in {path} is damaged"
        raise ValueError(message) from error


def validity_of(der: bytes) -> Validity:
    """Return when a certificate (X.509, DER) is valid. Raises ValueError, IndexError when it is none."""
    _, certificate, _ = _element(der)
    _, signed, _ = _element(certificate)
    tag, _, rest = _element(signed)
    if tag == _EXPLICIT_VERSION:
        _, _, rest = _element(rest)  # that was the version; this is the serial number
    _, _, rest = _element(rest)  # the algorithm of the signature
    _, _, rest = _element(rest)  # the issuer
    _, validity, _ = _element(rest)
    begins_tag, begins, rest = _element(validity)
    ends_tag, ends, _ = _element(rest)
    return Validity(_time(begins_tag, begins), _time(ends_tag, ends))


def _element(data: bytes) -> tuple[int, bytes, bytes]:
    """Return the first element's tag and content, and what follows it (X.690, 8.1)."""
    size, start = data[1], 2
    if size & 0x80:
        start += size & 0x7F
        size = int.from_bytes(data[2:start])
    if start + size > len(data):
        message = "it ends too early"
        raise ValueError(message)
    return data[0], data[start : start + size], data[start + size :]


def _time(tag: int, content: bytes) -> datetime:
    text = content.decode("ascii")
    if tag == _UTC_TIME:
        text = f"{20 if int(text[:2]) < _TWO_DIGIT_YEARS_TURN else 19}{text}"
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
