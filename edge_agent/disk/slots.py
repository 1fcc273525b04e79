"""The two slots of a flow, blue and green: at most one is live, the other may hold a version that stands by.

A version that stands by runs beside the live one, on real input, its outputs muted.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from pydantic import AwareDatetime, BaseModel, ConfigDict

from edgeflow.contract.ids import Sha256
from edgeflow.contract.report import Slot


class InstalledVersion(BaseModel):
    """A version of a flow that this device runs, or ran before."""

    model_config = ConfigDict(frozen=True)

    version: int
    sha256: Sha256
    since: AwareDatetime
    slot: Slot = Slot.BLUE

    def is_same(self, other: Self) -> bool:
        """Tell whether both are the same version of the flow, wherever they are."""
        return (self.version, self.sha256) == (other.version, other.sha256)


@dataclass(frozen=True, slots=True)
class Slots:
    """What a flow's slots hold. Both may be empty: then the device does not have the flow."""

    live: InstalledVersion | None = None
    standby: InstalledVersion | None = None

    def by_slot(self) -> dict[Slot, InstalledVersion]:
        """Return what each slot holds that is not empty."""
        return {held.slot: held for held in (self.live, self.standby) if held is not None}

    def applied(self, new: InstalledVersion) -> Self:
        """Return the slots with a new version live in place of the one before, and nothing standing by."""
        if self.live is not None and self.live.is_same(new):
            return type(self)(self.live)  # nobody gains by a restart
        slot = self.live.slot if self.live is not None else Slot.BLUE
        return type(self)(new.model_copy(update={"slot": slot}))

    def staged(self, new: InstalledVersion) -> Self:
        """Return the slots with a new version standing by."""
        if self.standby is not None and self.standby.is_same(new):
            return self
        idle = Slot.GREEN if self.live is not None and self.live.slot is Slot.BLUE else Slot.BLUE
        return type(self)(self.live, new.model_copy(update={"slot": idle}))

    def switched(self, at: datetime) -> Self:
        """Return the slots with what stands by live, and what was live standing by."""
        live = self.standby.model_copy(update={"since": at}) if self.standby is not None else None
        return type(self)(live, self.live)

    def without_standby(self) -> Self:
        """Return the slots with nothing standing by."""
        return type(self)(self.live)

    def describe(self) -> str:
        """Say what the slots hold, in a sentence's part."""
        live = f"version {self.live.version} is live" if self.live is not None else "no version is live"
        standby = f"version {self.standby.version} stands by" if self.standby is not None else "none stands by"
        return f"{live}, {standby}"
