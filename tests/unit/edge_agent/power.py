"""Power that goes before any of the calls that change the disk."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest

STEPS: Final = ("open", "mkdir", "rename", "replace", "symlink", "fsync", "unlink", "rmdir")
"""Every call by which the disk is changed or made durable."""


class PowerCut(BaseException):
    """Everything stops."""


@contextmanager
def power_cut_at(number: int | None, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Stop everything before the call of this number that changes the disk; the calls so far are yielded."""
    done: list[str] = []

    def wrap(name: str) -> Callable[..., Any]:
        call = getattr(os, name)

        def cut(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401  any of those calls
            if len(done) == number:
                raise PowerCut
            done.append(name)
            return call(*arguments, **options)

        return cut

    with monkeypatch.context() as patch:
        for name in STEPS:
            patch.setattr(os, name, wrap(name))
        yield done
