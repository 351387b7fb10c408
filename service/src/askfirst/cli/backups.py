"""`askfirst backup` and `askfirst restore`: a copy that is verified, and the way back."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy.exc import SQLAlchemyError

from askfirst.anchor_place import open_anchors
from askfirst.core.errors import ConfigurationFault
from askfirst.core.kinds import EntryKind
from askfirst.databases import database_of, read_databases
from askfirst.folder_lock import folder_lock
from askfirst.output import progress, say, working
from askfirst.preparing import prepare
from askfirst.settings import Settings, read_settings
from askfirst.storage.backups import file_digest, restore_backup, write_backup
from askfirst.usecases.rows import Organisation
from askfirst.usecases.verify_ledger import Verification
from askfirst.verifying import verify as verify_log
from askfirst.workplace import Workplace, open_workplace

app = typer.Typer()


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="New file to write the copy to; of several databases, a folder.")],
) -> None:
    """Copy the database while it is in use, and verify every ledger in the copy. Keys and anchors are not in it.

    On PostgreSQL the copy is a dump by `pg_dump`, and what is verified is the database that it was made from. Of
    several databases each has its own file, under its name.
    """
    databases = read_databases(read_settings())
    if len(databases) == 1:
        _end(*_back_up(databases[0].settings, file))
        return
    file.mkdir(parents=True, exist_ok=True, mode=0o700)
    faults: list[tuple[str, str]] = []
    results: dict[tuple[str, int], Verification] = {}
    for one in databases:
        try:
            found, said = _back_up(one.settings, file / one.name)
        except SQLAlchemyError as error:
            faults.append((f"the database {one.name}", f"can not be used, and was not copied: {type(error).__name__}"))
        except ConfigurationFault as fault:
            faults += [(f"[{one.name}] {member}", said) for member, said in fault.errors]
        else:
            say(said)
            results |= {(one.name, log_id): result for log_id, result in found.items()}
    if faults:
        raise ConfigurationFault(faults)
    _end(results, f"{file} holds a copy of each of {len(databases)} databases.")


def _back_up(settings: Settings, file: Path) -> tuple[dict[int, Verification], str]:
    """Copy one database, and return what the verification of each log found, and what to say."""
    place = open_workplace(settings)
    # Read before the copy is made: the service goes on signing, and what it signs later is not in the copy.
    anchors = _anchors(place, settings)
    with progress("Copied bytes") as advance:
        digest = write_backup(settings.database, file, advance)
    on_sqlite = settings.on_sqlite
    copied = (
        open_workplace(settings.model_copy(update={"database_url": f"sqlite:///{file.resolve()}"}))
        if on_sqlite
        else place
    )
    results = {
        one.log_id: _verify(copied, one, anchors[one.log_id]) for one in copied.directory().organisations.values()
    }
    if on_sqlite:
        copied.engine.dispose()
    for log_id, result in results.items():
        members = {"size": result.size, "root": result.root.hex(), "digest": digest, "holds": result.holds}
        place.leave(log_id, EntryKind.BACKUP_MADE, members)
    return results, f"{file} holds a copy of the database (SHA-256 {digest}). Keep keys and anchors apart from it."


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `askfirst backup` wrote.")],
    organisation: Annotated[
        str | None, typer.Option(help="One that is in it, where the directory names several databases.")
    ] = None,
) -> None:
    """Put a backup in place where there is no database yet, bring it to this version's schema, and verify it all."""
    given = read_settings()
    settings = database_of(given, organisation or given.organisation or None).settings
    settings.home.mkdir(parents=True, exist_ok=True)
    if settings.on_sqlite:
        settings.home.joinpath("data").mkdir(exist_ok=True, mode=0o700)
    with folder_lock(settings):
        # A place of last checkpoints that does not answer is better known before anything is changed.
        open_anchors(settings).read(1)
        with progress("Restored bytes") as advance:
            restore_backup(file, settings.database, advance)
        with working("Migrating"):
            prepare(settings)
        place = open_workplace(settings)
        digest = file_digest(file)
        anchors = _anchors(place, settings)
        results = {
            one.log_id: _verify(place, one, anchors[one.log_id]) for one in place.directory().organisations.values()
        }
        for log_id, result in results.items():
            members = {"size": result.size, "root": result.root.hex(), "digest": digest, "holds": result.holds}
            place.leave(log_id, EntryKind.BACKUP_RESTORED, members)
    _end(results, "The database is back in place.")


def _anchors(place: Workplace, settings: Settings) -> dict[int, str | None]:
    kept = open_anchors(settings)
    return {log_id: kept.read(log_id) for log_id in place.directory().organisations}


def _verify(place: Workplace, organisation: Organisation, anchor: str | None) -> Verification:
    with progress(f"Verified of {organisation.slug}") as advance:
        return verify_log(place, organisation.log_id, advance, anchor=anchor)


def _end(results: Mapping[Any, Verification], done: str) -> None:
    findings = [str(found) for result in results.values() for found in result.findings]
    for found in findings:
        say(found)
    entries = sum(result.size for result in results.values())
    say(done)
    if findings:
        say(f"NOT genuine: {len(findings)} finding(s) in {entries:,} entries. What to do is in service/docs/ledger.md.")
        raise typer.Exit(2)
    say(f"All {entries:,} entries hold.")
