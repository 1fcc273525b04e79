"""The layer is for every runtime that the template admits, whatever Python it is built with, or is not built at all."""

import os
import shutil
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest

from layers.edgeflow.build_layer import LayerError, Runtime, check, main, merge, runtimes
from localcloud.settings import ROOT
from tests.infrastructure.conftest import Template

BUILD_SECONDS = 300
X86, ARM = Runtime("3.11", "x86_64"), Runtime("3.13", "arm64")
NUMBERS = {"x86_64": 62, "arm64": 183}


def machine_code(runtime: Runtime, *, glibc: str = "2.17", architecture: str | None = None) -> bytes:
    """Return what a compiled module begins with, and the name of a C library somewhere in it."""
    number = NUMBERS[architecture or runtime.architecture]
    return b"\x7fELF" + bytes(14) + number.to_bytes(2, "little") + bytes(40) + f"GLIBC_{glibc}".encode()


def module(layer: Path, runtime: Runtime, content: bytes) -> None:
    """Put a compiled module into a layer."""
    path = layer / "package" / f"_core{runtime.tag}"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)


def another_python() -> str:
    """Return an interpreter that is not of the version of these tests, if there is one; else this one."""
    for version in ("3.12", "3.13"):
        done = subprocess.run(  # noqa: S603  a script of this clone
            [str(ROOT / "tools" / "find_python"), version], capture_output=True, text=True, check=False, timeout=30
        )
        if done.returncode == 0:
            return done.stdout.strip()
    return sys.executable


@pytest.mark.timeout(BUILD_SECONDS)
def test_whatever_python_is_first_on_the_path_every_runtime_can_load_the_layer(
    template: Template, tmp_path: Path
) -> None:
    shim = tmp_path / "bin" / "python3"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec "{another_python()}" "$@"\n')
    shim.chmod(0o755)
    make = shutil.which("make")
    assert make is not None
    path = f"{shim.parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(  # noqa: S603  as `sam build` calls it
        [make, "--makefile", str(ROOT / "layers/edgeflow/Makefile"), "build-EdgeflowLayer"],
        cwd=ROOT / "layers" / "edgeflow",
        env=os.environ | {"PATH": path, "ARTIFACTS_DIR": str(tmp_path / "built")},
        capture_output=True,
        text=True,
        check=False,
        timeout=BUILD_SECONDS - 10,
    )
    assert done.returncode == 0, done.stderr
    layer = tmp_path / "built" / "python"
    parameters = template.body["Parameters"]
    wanted = product(parameters["PythonRuntime"]["AllowedValues"], parameters["Architecture"]["AllowedValues"])
    for version, architecture in wanted:
        runtime = Runtime(version.removeprefix("python"), architecture)
        assert (layer / "pydantic_core" / f"_pydantic_core{runtime.tag}").exists(), runtime
    assert (layer / "edgeflow" / "contract").is_dir()
    for name in ("cli", "client"):
        assert not (layer / "edgeflow" / name).exists(), "it is for those who call the API"
    assert not list(layer.rglob("__pycache__"))


@pytest.mark.parametrize(
    ("runtime", "content", "fault"),
    [
        (X86, machine_code(X86, architecture="arm64"), "it is no machine code for x86_64"),
        (X86, b"MZ" + bytes(100), "it is no machine code for x86_64"),
        (X86, machine_code(X86, glibc="2.28"), "it needs glibc 2.28, and python3.11 on x86_64 has 2.26"),
        (ARM, machine_code(ARM, glibc="2.38"), "it needs glibc 2.38, and python3.13 on arm64 has 2.34"),
    ],
)
def test_machine_code_that_cannot_be_loaded_is_named(
    tmp_path: Path, runtime: Runtime, content: bytes, fault: str
) -> None:
    for each in (X86, ARM):
        module(tmp_path, each, machine_code(each))
    check(tmp_path, [X86, ARM])
    module(tmp_path, runtime, content)
    with pytest.raises(LayerError) as refused:
        check(tmp_path, [X86, ARM])
    assert f"package/_core{runtime.tag}: {fault}" in str(refused.value)


def test_machine_code_that_is_missing_or_for_nobody_is_named(tmp_path: Path) -> None:
    module(tmp_path, X86, machine_code(X86))
    with pytest.raises(LayerError, match=r"_core\.cpython-313-aarch64-linux-gnu\.so: python3\.13 on arm64 has none"):
        check(tmp_path, [X86, ARM])
    with pytest.raises(LayerError, match=r"_core\.cpython-311-x86_64-linux-gnu\.so is for no admitted runtime"):
        check(tmp_path, [ARM])


def test_what_one_layer_cannot_hold_for_two_runtimes_is_refused(tmp_path: Path) -> None:
    for name, text in (("one", "a"), ("other", "b")):
        (tmp_path / name / "p-1.dist-info").mkdir(parents=True)
        (tmp_path / name / "p-1.dist-info" / "WHEEL").write_text(text)
    merge(tmp_path / "one", tmp_path / "layer")
    merge(tmp_path / "other", tmp_path / "layer")
    (tmp_path / "one" / "p.abi3.so").write_text("a")
    (tmp_path / "other" / "p.abi3.so").write_text("b")
    merge(tmp_path / "one", tmp_path / "layer")
    with pytest.raises(LayerError, match=r"p\.abi3\.so is not the same for all runtimes"):
        merge(tmp_path / "other", tmp_path / "layer")


def test_without_the_parameters_nothing_is_built(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(LayerError, match="PythonRuntime"):
        runtimes("Parameters:\n")
    (tmp_path / "template.yaml").write_text("Parameters:\n")
    assert main([str(tmp_path / "template.yaml"), "requirements.txt", str(tmp_path / "layer")]) == 1
    assert "The layer was not built" in capfd.readouterr().err


def test_wheels_that_do_not_exist_end_the_build_with_a_sentence(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(f"pydantic_core==999 --hash=sha256:{'0' * 64}\n")
    assert main([str(ROOT / "template.yaml"), str(requirements), str(tmp_path / "layer")]) == 1
    assert "The layer needs wheels of each version" in capfd.readouterr().err
