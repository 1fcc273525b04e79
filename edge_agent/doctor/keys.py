"""The device's certificate and its key."""

import ssl
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from edge_agent.config import AgentConfig
from edge_agent.doctor.certificate import read_validity
from edge_agent.doctor.finding import Finding, fail, ok, warn

SOON: Final = timedelta(days=30)
_NEW_CERTIFICATE: Final = "give the device a new certificate, and name it in the settings"


def check_certificate(config: AgentConfig, now: datetime) -> Finding:
    """Check that the certificate is valid now, and for some time."""
    name = "certificate"
    try:
        validity = read_validity(config.certificate)
    except OSError as error:
        return fail(name, f"{config.certificate} cannot be read: {error.strerror}", "let the agent's user read it")
    except ValueError as error:
        return fail(name, str(error), _NEW_CERTIFICATE)
    if now >= validity.ends:
        return fail(name, f"it has expired on {validity.ends:%Y-%m-%d}", _NEW_CERTIFICATE)
    if now < validity.begins:
        return fail(name, f"it is valid from {validity.begins:%Y-%m-%d %H:%M} UTC only", "set the device's clock")
    if validity.ends - now < SOON:
        return warn(
            name, f"it expires on {validity.ends:%Y-%m-%d}, in {(validity.ends - now).days} d", _NEW_CERTIFICATE
        )
    return ok(name, f"it is valid until {validity.ends:%Y-%m-%d}")


def check_key(config: AgentConfig) -> Iterator[Finding]:
    """Check that the key can be read, belongs to the certificate, and is not everybody's."""
    name = "key"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        # A key with a password would have it asked for at the terminal, and the agent has no terminal.
        context.load_cert_chain(config.certificate, config.private_key, password=lambda: b"none")
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            sentence = f"{config.private_key} is not the key of {config.certificate}"
            yield fail(name, sentence, "take both from one registration; a key is given once only")
        else:
            sentence = f"{config.certificate} or {config.private_key} cannot be used: {error.reason or error}"
            yield fail(name, sentence, "both must be PEM, the key without a password")
        return
    except OSError as error:
        yield fail(name, f"{config.private_key} cannot be read: {error.strerror}", "let the agent's user read it")
        return
    yield ok(name, "it belongs to the certificate")
    mode = stat.S_IMODE(config.private_key.stat().st_mode)
    if mode & stat.S_IRWXO:
        sentence = f"everybody on this device may use {config.private_key} (mode {mode:o})"
        yield warn("key_file", sentence, f"chmod o= {config.private_key}")
    else:
        yield ok("key_file", f"its mode is {mode:o}")
