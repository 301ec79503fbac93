"""Images, documents and the like inside content blocks, as TypedDicts for annotations and for building them."""

from __future__ import annotations

from typing import Literal, TypeAlias, TypedDict

from agent_runtime import elsewhere

DocumentFormat: TypeAlias = Literal["pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md"]
ImageFormat: TypeAlias = Literal["png", "jpeg", "gif", "webp"]
VideoFormat: TypeAlias = Literal["flv", "mkv", "mov", "mpeg", "mpg", "mp4", "three_gp", "webm", "wmv"]


class S3Location(TypedDict, total=False):
    """A place in S3, which only a model of your own can make something of."""

    type: str
    uri: str
    bucketOwner: str


class Source(TypedDict, total=False):
    """One of these keys; over litellm it has to be `bytes`."""

    bytes: bytes
    location: S3Location


AudioSource: TypeAlias = Source
DocumentSource: TypeAlias = Source
ImageSource: TypeAlias = Source
VideoSource: TypeAlias = Source


class AudioContent(TypedDict):
    format: str
    source: Source


class DocumentContent(TypedDict, total=False):
    format: DocumentFormat
    name: str
    source: Source
    context: str | None


class ImageContent(TypedDict):
    format: ImageFormat
    source: Source


class VideoContent(TypedDict):
    format: VideoFormat
    source: Source


def __getattr__(name: str) -> object:
    raise elsewhere.absent(__name__, name)
