"""What an operator may set about accounts and sign-in. Read from the environment (`STRONGROOM_*`)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class AccessSettings(BaseSettings):
    """Settings of `strongroom.people`; docs/people.md holds the same table and a test compares them."""

    model_config = SettingsConfigDict(env_prefix="STRONGROOM_", extra="ignore")

    https: bool = Field(
        default=False,
        description="Set when a TLS proxy stands in front: cookies are marked Secure and HSTS is sent",
    )
    session_idle_minutes: Annotated[int, Field(ge=1, le=7 * 24 * 60)] = Field(
        default=120, description="A sign-in ends after so many minutes without a request"
    )
    session_hours: Annotated[int, Field(ge=1, le=30 * 24)] = Field(
        default=12, description="A sign-in ends after so many hours, used or not"
    )
    link_minutes: Annotated[int, Field(ge=1, le=7 * 24 * 60)] = Field(
        default=60, description="A one-time sign-in link is good for so many minutes"
    )
    token_days: Annotated[int, Field(ge=1, le=3650)] = Field(
        default=365, description="The longest life that an API token may be given, in days"
    )
    argon2_memory_mib: Annotated[int, Field(ge=19, le=46)] = Field(
        default=19, description="Memory of one password hash (argon2id), in MiB"
    )
