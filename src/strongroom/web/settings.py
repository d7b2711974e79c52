"""What an operator may set about the server. Read from the environment (`STRONGROOM_*`)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from strongroom.people.settings import AccessSettings


class Settings(AccessSettings):
    """Every setting of the program; docs/people.md holds the same table and a test compares them."""

    workspace: Path = Field(default=Path("workspace"), description="The folder that holds everything")
    scheme: str = Field(
        default="corporate",
        description="Marking scheme of a new workspace: a shipped name or the path of a YAML file",
    )
    host: str = Field(default="127.0.0.1", description="The address to listen on")
    port: Annotated[int, Field(ge=0, le=65535)] = Field(
        default=8710, description="The port to listen on; 0 takes a free one"
    )
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Names beside the loopback ones under which the server may be called, with commas",
    )
    trusted_proxies: str = Field(
        default="127.0.0.1",
        description="Addresses whose X-Forwarded-For is believed, with commas",
    )
    upload_mib: Annotated[int, Field(ge=1)] = Field(default=64, description="The largest file upload, in MiB")
    body_kib: Annotated[int, Field(ge=16)] = Field(
        default=1024, description="The largest body of any other request, in KiB"
    )
    checkpoints: Path | None = Field(
        default=None,
        description="A folder that gets the audit log's signed checkpoints, out of reach of who can write to the database",
    )
    threads: Annotated[int, Field(ge=2, le=256)] = Field(
        default=4, description="How many requests are worked on at once"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="How much is written to the log (standard error)"
    )
    log_format: Literal["console", "json"] = Field(
        default="console", description="How log lines look: for people, or one JSON object each"
    )

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip().lower() for part in value.split(",") if part.strip())
        return value
