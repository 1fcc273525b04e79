"""Finding a flow by what a request calls it: its id, or ``slug:`` and its slug."""

from dataclasses import dataclass

from edgeflow.use_cases.flows.ports import FlowRecords


@dataclass(frozen=True, slots=True)
class FindFlow:
    """Tell which flow is meant."""

    flows: FlowRecords

    def __call__(self, reference: str) -> str:
        """Return its id. One that is an id is not looked for: histories outlive their flows.

        Raises:
            NotFound: no flow has the slug.
            CannotBeRead: the record of the slug is damaged.
        """
        return self.flows.find(reference)
