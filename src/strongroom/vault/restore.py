"""A workspace from a backup: checked before, made aside, brought up to date, purged again, and only then there."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from strongroom.errors import ConflictError
from strongroom.vault import ids, keys, manifest, refusals
from strongroom.vault.backup import BLOBS
from strongroom.vault.durable import sync_folder
from strongroom.vault.manifest import Manifest, UnusableBackupError
from strongroom.vault.vault import Vault


def restore(
    backup: Path,
    folder: Path,
    *,
    keys_from: Path | None = None,
    settle: Callable[[Vault], None] = lambda _: None,
) -> Manifest:
    """Makes a workspace in `folder`, which must be empty or absent, from a backup that is whole. Its rows lie in SQLite,
    wherever they came from.

    `settle` is called with the restored workspace before anybody can use it: what was purged since the backup is purged
    again there. `keys_from` names the secret of a backup that was made without it. UnusableBackupError for a backup
    with a fault, ConflictError for a folder that holds something. Whatever fails leaves nothing behind.
    """
    whole = manifest.load(backup)
    for fault in manifest.faults(backup, whole):
        raise UnusableBackupError(
            f"{backup}: {fault}.", kept="Nothing was restored.", remedy="Take another one."
        )
    secret = _secret(backup, whole, keys_from)
    folder = folder.absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConflictError(f"There is something in {folder} already.", remedy="Name an empty folder.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = folder.with_name(f"{folder.name}.{ids.new_id()[:8]}.part")
    try:
        with refusals.of_files():
            _lay_out(backup, whole, secret, aside)
            with Vault.open(aside, database="") as vault:
                settle(vault)
            _sync(aside)
            aside.rename(folder)
            sync_folder(folder.parent)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    return whole


def _secret(backup: Path, whole: Manifest, keys_from: Path | None) -> Path:
    secret = backup / keys.FILE if whole.keys == "included" else keys_from
    if secret is None:
        raise UnusableBackupError(
            "The keys of this workspace were kept apart from the backup.",
            remedy="Name their file with --keys.",
        )
    if not secret.is_file() or manifest.digest(secret)[0] != whole.keys_sha256:
        raise UnusableBackupError(f"The keys in {secret} are not those of this workspace.")
    return secret


def _lay_out(backup: Path, whole: Manifest, secret: Path, aside: Path) -> None:
    aside.mkdir(mode=0o700)
    (aside / BLOBS).mkdir(mode=0o700)
    for entry in whole.files:
        target = aside / entry.path
        if not target.resolve().is_relative_to(aside.resolve()):
            raise UnusableBackupError(f"{entry.path} leads out of the backup.")
        target.parent.mkdir(mode=0o700, exist_ok=True)
        if manifest.copy(backup / entry.path, target) != (entry.sha256, entry.size):
            raise UnusableBackupError(f"{entry.path} changed while it was read.")
    if not (aside / keys.FILE).exists():
        manifest.copy(secret, aside / keys.FILE)


def _sync(aside: Path) -> None:
    for path in aside.rglob("*"):
        if path.is_dir():
            sync_folder(path)
    sync_folder(aside)
