"""``file``: keeps what messages carry in files of the flow's own folder, and reads it again."""

import json
from pathlib import Path

from pydantic import JsonValue

from edge_agent.flows.builtin.folder import FlowFolder, FolderError
from edge_agent.flows.builtin.nodes.base import Emit, Node, NodeEnvironment, NodeError, Schedule
from edge_agent.flows.language.messages import Message
from edgeflow.contract.nodes.file import FileKind, FileSettings
from edgeflow.contract.nodes.file_paths import parse_file_path
from edgeflow.contract.nodes.paths import PathError


def files_root(environment: NodeEnvironment) -> Path:
    """Return the folder of the flow's files. Raises NodeError: the agent offers none."""
    offered = environment.context.files
    if offered is None:
        message = "This agent offers flows no folder for files."
        raise NodeError(message)
    return offered


class FileNode(FileKind, Node[FileSettings]):
    """Does its action with each message. What was read goes on in the message; else the message goes on unchanged."""

    def __init__(self, settings: FileSettings, environment: NodeEnvironment) -> None:
        super().__init__(settings, environment)
        self._emit: Emit | None = None
        self._folder: FlowFolder | None = None
        self._levels = parse_file_path(settings.path)

    def start(self, emit: Emit, schedule: Schedule) -> None:  # noqa: ARG002  it has no timer
        """Find the flow's folder.

        Raises:
            NodeError: the agent offers none.
        """
        self._folder = FlowFolder(files_root(self.environment))
        self._emit = emit

    def receive(self, message: Message) -> None:
        """Do the action and send the message on; while the flow only stands by, nothing is written or removed.

        Raises:
            NodeError: the file cannot be used so, or the message has nothing to write.
        """
        if self._emit is None or self._folder is None:
            return
        try:
            if self.settings.action == "read":
                content = _decode(self._folder.read(self._levels), self.settings.format)
                payload = self.settings.property_.put(message.payload, content)
                message = message.carrying(payload, self.environment.node_id)
            else:
                self._change(message, self._folder)
        except (FolderError, PathError) as error:
            raise NodeError(str(error)) from None
        except ValueError as error:
            reason = f"The content of {self.settings.path!r} is not {self.settings.format}: {error}."
            raise NodeError(reason) from None
        self._emit(message)

    def _change(self, message: Message, folder: FlowFolder) -> None:
        settings = self.settings
        # Read before looking whether the flow stands by: a message with nothing to write is a fault there, too.
        content = b"" if settings.action == "delete" else self._content(message)
        if self.environment.context.muted():
            return
        if settings.action == "delete":
            folder.delete(self._levels)
        elif settings.action == "append":
            folder.append(self._levels, content)
        else:
            folder.write(self._levels, content)

    def _content(self, message: Message) -> bytes:
        value = self.settings.property_.find(message.payload)
        if self.settings.format == "lines":
            if not isinstance(value, list):
                reason = "A message's value is no list, which format lines writes one line for each of."
                raise NodeError(reason)
            texts = [_one_line(item) for item in value]
        else:
            texts = [value if isinstance(value, str) and self.settings.format == "text" else _to_json(value)]
        text = "\n".join(texts)
        if self.settings.newline and texts:
            text += "\n"
        return text.encode(errors="replace")  # JSON can hold halves of characters, which no file can


def _one_line(value: JsonValue) -> str:
    if not isinstance(value, str):
        return _to_json(value)
    if "\n" in value or "\r" in value:
        message = "A message's list has a text of several lines, which format lines cannot tell apart."
        raise NodeError(message)
    return value


def _to_json(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _decode(content: bytes, form: str) -> JsonValue:
    """Read a file's content; raises ValueError."""
    text = content.decode()
    if form == "json":
        value: JsonValue = json.loads(text)
        return value
    if form == "lines":
        lines: list[JsonValue] = list(text.removesuffix("\n").split("\n")) if text else []
        return lines
    return text
