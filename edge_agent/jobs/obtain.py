"""Getting the version that a job asks for: its artifact in the store, whole, trusted, and found fit to run here."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from edge_agent.disk.slots import InstalledVersion
from edge_agent.disk.state import JournalEntry
from edge_agent.disk.store import ArtifactStore, ArtifactUnreadable, StoreFull
from edge_agent.flows.runtime import FlowRejected, Flows
from edge_agent.jobs.download import AddressRefused, DownloadFailed, Fetch
from edge_agent.jobs.health_window import Cancelled
from edge_agent.jobs.ports import Jobs
from edge_agent.jobs.read_document import url_of
from edge_agent.jobs.signatures import NO_KEYS, TrustedKeys, Untrusted
from edgeflow.contract.job import Artifact, Step
from edgeflow.contract.reasons import Reason

MAX_FRESH_ADDRESSES: Final = 3
"""How often a job's address is asked for anew; AWS IoT signs one for each time the job is read."""


class JobFailed(Exception):
    """The job cannot be done, and nothing was changed."""

    def __init__(self, reason: Reason, message: str, step: Step) -> None:
        """Keep what the cloud is told with the sentence."""
        super().__init__(message)
        self.reason = reason
        self.step = step


class Obtainer:
    """Gets versions for jobs."""

    def __init__(
        self,
        *,
        store: ArtifactStore,
        fetch: Fetch,
        jobs: Jobs,
        flows: Flows,
        clock: Callable[[], datetime],
        keys: TrustedKeys = NO_KEYS,
    ) -> None:
        """Keep artifacts in ``store``; ``flows`` say what this device can run, ``keys`` whose versions it takes."""
        self._store = store
        self._fetch = fetch
        self._jobs = jobs
        self._flows = flows
        self._clock = clock
        self._keys = keys

    def __call__(self, entry: JournalEntry, *, still_wanted: Callable[[], None]) -> InstalledVersion:
        """Return the version of a job. ``still_wanted`` is called while it is fetched; what it raises ends that.

        Raises:
            JobFailed: it cannot be had, kept or run.
            Cancelled: the cloud does not offer the job any more.
            Offline: the cloud went out of reach where it had to be asked.
        """
        artifact, version = entry.document.artifact, entry.document.version
        if artifact is None or version is None:  # the contract does not let this happen
            message = "the document has no artifact"
            raise JobFailed(Reason.INVALID_ARTIFACT, message, Step.DOWNLOAD)
        try:
            self._keys.require(artifact, flow_id=entry.document.flow_id, version=version)
            if not self._store.has(artifact.sha256):
                self._store.put(artifact.sha256, self._download(entry, artifact, still_wanted))
            self._flows.check(entry.document.flow_id, self._store.get(artifact.sha256))
        except (DownloadFailed, FlowRejected) as error:
            raise JobFailed(error.reason, str(error), Step.DOWNLOAD) from error
        except Untrusted as error:
            raise JobFailed(Reason.UNTRUSTED_ARTIFACT, str(error), Step.DOWNLOAD) from error
        except ArtifactUnreadable as error:
            raise JobFailed(Reason.INVALID_ARTIFACT, str(error), Step.DOWNLOAD) from error
        except StoreFull as error:
            raise JobFailed(Reason.STORE_FAILED, str(error), Step.DOWNLOAD) from error
        except OSError as error:
            message = f"the artifact could not be kept: {error.strerror}"
            raise JobFailed(Reason.STORE_FAILED, message, Step.DOWNLOAD) from error
        return InstalledVersion(version=version, sha256=artifact.sha256, since=self._clock())

    def _download(self, entry: JournalEntry, artifact: Artifact, still_wanted: Callable[[], None]) -> bytes:
        """Return an artifact's bytes. An address that is refused expired while the job waited: ask for a fresh one."""
        for _ in range(MAX_FRESH_ADDRESSES):
            try:
                return self._fetch(artifact, still_wanted)
            except AddressRefused:
                url = self._fresh_url(entry)
                if url is None or url == artifact.url:
                    raise
                artifact = artifact.model_copy(update={"url": url})
        return self._fetch(artifact, still_wanted)

    def _fresh_url(self, entry: JournalEntry) -> str | None:
        """Ask for the job once more. Of what comes nothing counts but the address: the rest was read before."""
        execution = self._jobs.next()
        if execution is None or execution.job_id != entry.job_id:
            raise Cancelled
        return url_of(execution.document)
