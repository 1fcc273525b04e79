"""Stores numbers and has them acknowledged until it is killed. Run as a program, with a folder and the first number.

Says each number when it was taken, and each that has arrived before its acknowledgement.
"""

import itertools
import os
import sys
import time
from pathlib import Path

from edge_agent.cloud.outbox.backlog import Backlog
from edge_agent.cloud.outbox.outbox import Done, Ending, Outbox
from edge_agent.disk.message_store import MessageStore
from edge_agent.flows.publishing import Qos

TOPIC = "edgeflow/devices/dev_001/out/flow_1/n1"
LIMIT = 1024 * 1024


def _say(line: str) -> None:
    os.write(1, f"{line}\n".encode())  # one write, so never half of it


def _send(_topic: str, data: bytes, _qos: Qos, done: Done) -> None:
    _say(f"arrived {int(data)}")
    done(Ending.ACKNOWLEDGED, "")


def main(folder: Path, first: int) -> None:
    """Go on until something ends the program."""
    backlog = Backlog(lambda: MessageStore(folder, LIMIT), exists=True, monotonic=time.monotonic)
    outbox = Outbox(_send, backlog)
    outbox.start()
    for number in itertools.count(first):
        outbox.publish(TOPIC, b"%d" % number, qos=1, store=True)
        _say(f"taken {number}")
        outbox.connection(there=number % 50 > 25)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
