"""Builds the layer for every runtime and processor that template.yaml admits, whatever Python and machine this runs on.

The few packages with machine code name it by version and processor, so that one folder holds it for all of them, and a
stack's PythonRuntime and Architecture can be changed without another build. `sam build` calls this by the Makefile.
"""

import filecmp
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_PROCESSORS = {"x86_64": ("x86_64", 62), "arm64": ("aarch64", 183)}
"""By Lambda's names: those of wheels, and the number in the head of an ELF file."""
_OLDEST_GLIBC = {"3.11": (2, 26)}
"""Of runtimes on Amazon Linux 2; those on Amazon Linux 2023 have the one below."""
_GLIBC = (2, 34)
_WHEELS = {(2, 26): ("manylinux2014",), (2, 34): ("manylinux_2_34", "manylinux_2_28", "manylinux2014")}
"""Of these kinds, the first best, can wheels be for a runtime with this glibc."""


class LayerError(Exception):
    """The layer cannot be built as it should be; the message says what is wrong and what helps."""


@dataclass(frozen=True)
class Runtime:
    """A version of Python, such as ``3.13``, on a processor, by Lambda's name."""

    version: str
    architecture: str

    @property
    def tag(self) -> str:
        """How the names of machine code for it end."""
        return f".cpython-{self.version.replace('.', '')}-{_PROCESSORS[self.architecture][0]}-linux-gnu.so"

    @property
    def glibc(self) -> tuple[int, int]:
        """The C library that it has."""
        return _OLDEST_GLIBC.get(self.version, _GLIBC)

    def pip_options(self) -> list[str]:
        """Return what pins wheels to it."""
        machine = _PROCESSORS[self.architecture][0]
        platforms = [f"--platform={kind}_{machine}" for kind in _WHEELS[self.glibc]]
        return [
            "--only-binary=:all:",
            "--implementation=cp",
            f"--python-version={self.version}",
            *platforms,
        ]

    def __str__(self) -> str:
        return f"python{self.version} on {self.architecture}"


def runtimes(template: str) -> list[Runtime]:
    """Return every runtime that the parameters of a template admit.

    Raises:
        LayerError: it has no such parameters.
    """
    versions = _admitted(template, "PythonRuntime")
    return [
        Runtime(version.removeprefix("python"), architecture)
        for version in versions
        for architecture in _admitted(template, "Architecture")
    ]


def _admitted(template: str, parameter: str) -> list[str]:
    found = re.search(rf"^  {parameter}:\n(?:    .*\n)*?    AllowedValues: \[(.*)\]$", template, re.MULTILINE)
    if found is None:
        message = f"template.yaml has no parameter {parameter} with AllowedValues: the layer is built for those"
        raise LayerError(message)
    return [each.strip() for each in found[1].split(",")]


def merge(source: Path, target: Path) -> None:
    """Add what was installed for one runtime to what is there for others.

    Raises:
        LayerError: a file is another one for this runtime, so that one of the two would miss its own.
    """
    for path in sorted(source.rglob("*")):
        place = target / path.relative_to(source)
        if path.is_dir():
            place.mkdir(parents=True, exist_ok=True)
        elif not place.exists():
            shutil.copy2(path, place)
        elif not _is_about_a_package(path.relative_to(source)) and not filecmp.cmp(path, place, shallow=False):
            message = (
                f"{path.relative_to(source)} is not the same for all runtimes, so one layer cannot hold it: "
                "pin a version of its package whose machine code is named by Python's version and processor"
            )
            raise LayerError(message)


def _is_about_a_package(path: Path) -> bool:
    """Tell whether nobody imports the file: it says which wheel was installed."""
    return path.parts[0].endswith(".dist-info")


def check(layer: Path, admitted: Iterable[Runtime]) -> None:
    """See to it that each package with machine code has it for every runtime, and such that it can be loaded there.

    Raises:
        LayerError: it has not; every fault is named.
    """
    wanted = list(admitted)
    found = sorted(layer.rglob("*.so*"))
    faults = [f"{path.relative_to(layer)} is for no admitted runtime" for path in found if not _of(path, wanted)]
    for stem in sorted({path.parent / path.name.partition(".")[0] for path in found}):
        for runtime in wanted:
            path = stem.with_name(stem.name + runtime.tag)
            name = path.relative_to(layer)
            faults += [f"{name}: {why}" for why in _why_not(path, runtime)]
    if faults:
        message = f"functions could not load this layer: {'; '.join(faults)}"
        raise LayerError(message)


def _of(path: Path, admitted: Iterable[Runtime]) -> bool:
    return any(path.name.endswith(runtime.tag) for runtime in admitted)


def _why_not(path: Path, runtime: Runtime) -> Iterator[str]:
    """Yield what keeps a runtime from loading a file."""
    if not path.exists():
        yield f"{runtime} has none"
        return
    content = path.read_bytes()
    if content[:4] != b"\x7fELF" or int.from_bytes(content[18:20], "little") != _PROCESSORS[runtime.architecture][1]:
        yield f"it is no machine code for {runtime.architecture}"
    needed = max(
        ((int(major), int(minor)) for major, minor in re.findall(rb"GLIBC_(\d+)\.(\d+)", content)), default=(0, 0)
    )
    if needed > runtime.glibc:
        yield f"it needs glibc {needed[0]}.{needed[1]}, and {runtime} has {runtime.glibc[0]}.{runtime.glibc[1]}"


def _install(requirements: Path, target: Path, options: Iterable[str]) -> None:
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--no-compile",
        "--require-hashes",
    ]
    command = [*pip, *options, "--requirement", str(requirements), "--target", str(target)]
    done = subprocess.run(command, check=False)  # noqa: S603  pip, with options from here
    if done.returncode != 0:
        message = f"pip ended with {done.returncode}; what it said stands above. The layer needs wheels of each version"
        raise LayerError(message)


def build(template: Path, requirements: Path, target: Path) -> None:
    """Build what is needed beyond the package edgeflow into a folder that is empty or not there. Raises LayerError."""
    admitted = runtimes(template.read_text(encoding="utf-8"))
    for runtime in admitted:
        with tempfile.TemporaryDirectory() as folder:
            _install(requirements, Path(folder), runtime.pip_options())
            merge(Path(folder), target)
    check(target, admitted)


def main(arguments: list[str]) -> int:
    """Build from the command line: the template, the requirements, the folder; and ``local`` for this Python alone."""
    template, requirements, target, *local = arguments
    try:
        if local:
            _install(Path(requirements), Path(target), [])
        else:
            build(Path(template), Path(requirements), Path(target))
    except LayerError as error:
        print(f"The layer was not built with {platform.python_version()}: {error}.", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
