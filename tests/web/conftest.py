"""The real app over a real workspace, and one signed-in program."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, FastAPI, UploadFile
from pydantic import BaseModel, Field
from starlette.responses import StreamingResponse
from starlette.testclient import TestClient

from strongroom.errors import StorageFullError
from strongroom.markings import Scheme
from strongroom.people import VaultDep, enrol, public, tokens
from strongroom.vault import Vault
from strongroom.web import Settings, create_app

router = APIRouter(tags=["test"], prefix="/test")


class Note(BaseModel):
    text: Annotated[str, Field(max_length=10)]
    count: int = 0


@router.post("/notes", dependencies=[public])
def take_note(note: Note) -> Note:
    return note


@router.post("/uploads", dependencies=[public])
def take_upload(file: UploadFile) -> dict[str, int]:
    return {"size": len(file.file.read())}


@router.get("/faults/{kind}", dependencies=[public])
def fail(kind: str, vault: VaultDep) -> dict[str, str]:
    if kind == "full":
        raise StorageFullError("No room.", kept="The draft.", remedy="Free some space.")
    if kind == "enospc":
        raise OSError(28, "No space left on device")
    if kind == "marking":
        vault.scheme.parse("INTERNAL//NONSENSE")
    raise RuntimeError("the text of a secret report")


@router.get("/streams", dependencies=[public], response_class=StreamingResponse)
def break_off() -> StreamingResponse:
    def parts() -> Iterator[bytes]:
        yield b"begun"
        raise RuntimeError("the text of a secret report")

    return StreamingResponse(parts())


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory, scheme: Scheme) -> Iterator[Vault]:
    """One workspace a module: these tests leave nothing in it."""
    with Vault.create(tmp_path_factory.mktemp("web") / "workspace", scheme) as opened:
        yield opened


@pytest.fixture
def visit(vault: Vault) -> Iterator[Callable[..., TestClient]]:
    """Opens the app with settings, for somebody who is not signed in."""
    with ExitStack() as stack:

        def opened(address: str = "http://127.0.0.1:8710", **settings: Any) -> TestClient:
            app = create_app(vault, Settings(**settings), routers=[router])
            return stack.enter_context(TestClient(app, base_url=address))

        yield opened


@pytest.fixture(scope="module")
def app(vault: Vault) -> FastAPI:
    return create_app(vault, Settings(), routers=[router])


@pytest.fixture
def visitor(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, base_url="http://127.0.0.1:8710") as client:
        yield client


@pytest.fixture(scope="module")
def secret(vault: Vault) -> str:
    """An API token that has every scope."""
    with vault.registry(write=True) as session:
        person = enrol.add_person(session, "ada", "Ada", ["administrator"])
        _, secret = tokens.issue(
            session, person.id, "test", ["read", "label", "manage", "admin"], days=1, longest_days=1
        )
    return secret


@pytest.fixture
def program(visitor: TestClient, secret: str) -> TestClient:
    visitor.headers["Authorization"] = f"Bearer {secret}"
    return visitor
