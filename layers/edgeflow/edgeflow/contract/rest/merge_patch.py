"""JSON Merge Patch (RFC 7396): a document that looks like the one it changes, with null where something is removed."""

from typing import Any, Final

MERGE_PATCH_CONTENT_TYPE: Final = "application/merge-patch+json"


def merged(target: Any, patch: Any) -> Any:  # noqa: ANN401  JSON can be anything
    """Return ``target`` with ``patch`` merged into it; both stay as they are.

    Objects are merged key by key. Everything else of the patch, lists too, takes the place of what was there.
    """
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result
