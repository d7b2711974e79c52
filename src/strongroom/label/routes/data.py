"""Data in and data out."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Form, UploadFile
from fastapi.responses import StreamingResponse
from pydantic import ValidationError

from strongroom.errors import InvalidError
from strongroom.label import dataset, export, imports, project, uploads
from strongroom.label.routes.projects import Cursor, Limit
from strongroom.label.schemas import DatasetOut, ExportIn, ImportOptions, ImportOut, Page, RejectionOut
from strongroom.people import IdempotencyDep, Principal, VaultDep, once, signed_in
from strongroom.people import project as in_project

router = APIRouter(tags=["data"])


@router.post("/projects/{project_id}/imports", status_code=202)
def begin_import(
    project_id: str,
    file: UploadFile,
    who: Annotated[Principal, in_project(*imports.MANAGING)],
    vault: VaultDep,
    idempotency: IdempotencyDep,
    format: Annotated[Literal["auto", "csv", "jsonl", "text", "conll", "zip"], Form()] = "auto",  # noqa: A002
    options: Annotated[str, Form(max_length=20_000, description="ImportOptions as JSON.")] = "{}",
) -> ImportOut:
    """Takes a file and starts the job that reads it, at the working level. Rows carry the working level or higher."""
    name = (file.filename or "upload")[:300]
    wanted = _options(options)
    upload = uploads.stage(vault, file.file)
    try:
        examined = imports.examine(upload, name, format, wanted)
        request = idempotency.with_content(f"{name} {format} {options} {upload.sha256}")
        with project.from_above(vault, who.reader, project_id) as (session, found):
            return once(
                session,
                who.person.id,
                request,
                ImportOut,
                lambda: imports.out(session, [imports.begin(session, vault, found, examined)])[0],
            )
    finally:
        upload.path.unlink(missing_ok=True)


@router.get("/projects/{project_id}/imports")
def list_imports(
    project_id: str,
    who: Annotated[Principal, in_project(*imports.MANAGING)],
    vault: VaultDep,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[ImportOut]:
    """Latest first."""
    with vault.reading(who.reader) as session:
        listed = imports.of_project(session, project_id, cursor, limit)
        return Page(items=listed.items, next=listed.next)


@router.get("/imports/{import_id}")
def get_import(import_id: str, who: Annotated[Principal, signed_in], vault: VaultDep) -> ImportOut:
    with vault.reading(who.reader) as session:
        return imports.one(session, import_id)


@router.get("/imports/{import_id}/rejections")
def list_rejections(
    import_id: str,
    who: Annotated[Principal, signed_in],
    vault: VaultDep,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[RejectionOut]:
    """The rows that were not taken, one by one."""
    with vault.reading(who.reader) as session:
        listed = imports.rejections(session, import_id, cursor, limit)
        return Page(items=listed.items, next=listed.next)


@router.post("/projects/{project_id}/exports", status_code=202)
def begin_export(
    project_id: str,
    body: ExportIn,
    who: Annotated[Principal, in_project(*export.EXPORTING)],
    vault: VaultDep,
    idempotency: IdempotencyDep,
) -> DatasetOut:
    """Starts the job that freezes what is no higher than the working level into a dataset."""
    with project.from_above(vault, who.reader, project_id) as (session, found):
        return once(
            session,
            who.person.id,
            idempotency,
            DatasetOut,
            lambda: dataset.out(session, [export.begin(session, found, body)])[0],
        )


@router.get("/projects/{project_id}/datasets")
def list_datasets(
    project_id: str,
    who: Annotated[Principal, in_project(*export.EXPORTING)],
    vault: VaultDep,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[DatasetOut]:
    """Latest first."""
    with vault.reading(who.reader) as session:
        listed = dataset.of_project(session, project_id, cursor, limit)
        return Page(items=listed.items, next=listed.next)


@router.get("/datasets/{dataset_id}")
def get_dataset(dataset_id: str, who: Annotated[Principal, signed_in], vault: VaultDep) -> DatasetOut:
    with vault.reading(who.reader) as session:
        return dataset.one(session, dataset_id)


@router.get(
    "/datasets/{dataset_id}/download",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/jsonl": {}, "text/plain": {}}}},
)
def download_dataset(
    dataset_id: str,
    who: Annotated[Principal, signed_in],
    vault: VaultDep,
    format: dataset.Format = "jsonl",  # noqa: A002 - the word of the API
) -> StreamingResponse:
    """The file. The clearance must permit export; the download goes on record before the first byte leaves."""
    with vault.reading(who.reader) as session:
        file = dataset.download(session, dataset_id, format)
    return StreamingResponse(
        file.content,
        media_type=file.media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{file.file_name}"',
            "Content-Length": str(file.size),
            "Digest": f"sha-256={file.sha256}",
        },
    )


def _options(text: str) -> ImportOptions:
    try:
        return ImportOptions.model_validate_json(text)
    except ValidationError as error:
        mistakes = [
            {"where": ".".join(["options", *map(str, each["loc"])]), "why": each["msg"]}
            for each in error.errors()
        ]
        raise InvalidError("The options can't be read.", errors=mistakes) from None
