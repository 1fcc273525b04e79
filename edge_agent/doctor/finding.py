"""What a check found."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is: ``warn`` works today, ``fail`` does not."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence about one thing; what is not ok has a remedy."""

    level: Level
    name: str
    sentence: str
    remedy: str = ""

    def line(self) -> str:
        """Return it as one line for people."""
        said = f"{self.level:<4}  {self.name}: {self.sentence}"
        return " ".join(f"{said}. Remedy: {self.remedy}".splitlines()) if self.remedy else " ".join(said.splitlines())


def ok(name: str, sentence: str) -> Finding:
    """Return that a thing is as it should be."""
    return Finding(Level.OK, name, sentence)


def warn(name: str, sentence: str, remedy: str) -> Finding:
    """Return that a thing works, but not as it should or not for long."""
    return Finding(Level.WARN, name, sentence, remedy)


def fail(name: str, sentence: str, remedy: str) -> Finding:
    """Return that a thing does not work."""
    return Finding(Level.FAIL, name, sentence, remedy)
