"""Stable codes that say why a target has the status it has. Codes are never renamed, only added."""

from enum import StrEnum


class Reason(StrEnum):
    """Why a target failed, was skipped or was left alone."""

    # told by the device
    UNHEALTHY = "unhealthy"
    CHECKSUM_MISMATCH = "checksum_mismatch"
    SIZE_MISMATCH = "size_mismatch"
    DOWNLOAD_FAILED = "download_failed"
    INVALID_ARTIFACT = "invalid_artifact"
    UNTRUSTED_ARTIFACT = "untrusted_artifact"
    ORDER_UNTRUSTED = "order_untrusted"
    """The job's order is not signed by a key that the device trusts, for this job and this device."""
    ORDER_EXPIRED = "order_expired"
    ORDER_REPLAYED = "order_replayed"
    """The device has taken up an order for the flow that is newer, or has carried out this one."""
    UNKNOWN_NODE_TYPE = "unknown_node_type"
    MISSING_SECRET = "missing_secret"  # noqa: S105  a code
    UNSUPPORTED_SCHEMA = "unsupported_schema"
    UNSUPPORTED_OPERATION = "unsupported_operation"
    NOT_STAGED = "not_staged"
    STORE_FAILED = "store_failed"
    INTERRUPTED = "interrupted"
    CRASH_LOOP = "crash_loop"
    CONNECTION_LOST = "connection_lost"
    # told by the cloud
    NOT_INSTALLED = "not_installed"
    """Of a success: the flow was to be removed, and the device did not have it."""
    NOT_REMOVED = "not_removed"
    """The flow was to be removed, and by the device's own word it is still there."""
    REJECTED = "rejected"
    TIMED_OUT = "timed_out"
    DEVICE_GONE = "device_gone"
    DROPPED_OFF = "dropped_off"
    SILENT = "silent"
    WENT_BACK = "went_back"
    ABORTED = "aborted"
    GIVEN_UP = "given_up"
    CANCELLED = "cancelled"
    NOT_REACHED = "not_reached"
    OFFLINE = "offline"
    MOVED_ON = "moved_on"
    UNREADABLE = "unreadable_record"
    NO_SUCH_VERSION = "no_such_version"
    UNKNOWN = "unknown"
