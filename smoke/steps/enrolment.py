"""Enrolment by claim, and the renewal of the certificate."""

from deployed.enrolment import Claim, Device
from deployed.waiting import eventually
from edge_agent.agent import Agent
from smoke.runner import Step, expect
from smoke.steps.access import TOKEN
from smoke.world import World


def steps(world: World) -> list[Step]:
    """Return both."""
    name = "enrolment by claim"
    device = Device(world.stack, f"smoke_{world.run}_claimed", world.folder / "claimed")
    return [
        Step(name, lambda: _enrol(world, device), needs=(TOKEN,)),
        Step("a new certificate", lambda: _renew(world, device), needs=(name,)),
    ]


def _enrol(world: World, device: Device) -> str:
    device.folder.mkdir(parents=True, exist_ok=True)
    claim = Claim.make(world.stack, device.folder)
    try:
        refused = device.enroll(claim)
        expect(refused.returncode == 1, "a device that nobody has announced enrols")
        world.operator.rest.call("POST", "/devices", {"device_id": device.device_id, "enrolment": "claim"})
        done = device.enroll(claim)
        expect(done.returncode == 0, f"it ends with {done.returncode}: {done.stderr}")
        trusted = [key.read_text() for key in device.config().order_keys]
        expect(trusted == [world.stack.order_key], "it trusts other keys of orders than the stack's")
    finally:
        claim.remove(world.stack)
    _connects(world, device)
    return "who was announced has a certificate of its own, who was not has none"


def _renew(world: World, device: Device) -> str:
    before = device.certificate_id()
    done = device.rotate()
    expect(done.returncode == 0, f"it ends with {done.returncode}: {done.stderr}")
    expect(device.certificate_id() != before, "the certificate is the old one")
    _connects(world, device)
    eventually(
        lambda: device.good_certificates() == [device.certificate_id()],
        seconds=world.patience,
        what="no other certificate is good",
    )
    return "the old one is good for nothing"


def _connects(world: World, device: Device) -> None:
    """Run the agent until the API knows it by its certificate."""
    agent = Agent(device.config())
    agent.start()
    try:
        eventually(
            lambda: device.is_registered(world.operator), seconds=world.patience, what="it is known by its certificate"
        )
    finally:
        agent.stop()
