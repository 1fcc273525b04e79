"""``file``: keeps what messages carry in files of the flow's own folder, and reads it again."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from edgeflow.contract.nodes.base import NodeSettings
from edgeflow.contract.nodes.file_paths import parse_file_path
from edgeflow.contract.nodes.kind import NodeKind
from edgeflow.contract.nodes.paths import WHOLE_PAYLOAD, PathSetting


def _stays_below(path: str) -> str:
    parse_file_path(path)
    return path


class FileSettings(NodeSettings):
    """What is done with which file, and how its content is written."""

    action: Literal["write", "append", "read", "delete"]
    path: Annotated[str, AfterValidator(_stays_below)]
    format: Literal["text", "json", "lines"] = "text"
    newline: bool = True
    property_: PathSetting = Field(default=WHOLE_PAYLOAD, alias="property")

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        if self.action == "append" and self.format == "json" and not self.newline:
            message = "values of JSON that are appended need newline, or nothing could tell them apart"
            raise ValueError(message)
        return self


class FileKind(NodeKind[FileSettings]):
    """``file``, as a flow names and connects it."""

    settings_type: ClassVar[type[NodeSettings]] = FileSettings
