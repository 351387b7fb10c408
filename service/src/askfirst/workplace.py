"""What a command works on: the settings, the database, the keys, and whose name its entries bear."""

import getpass
import os
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from askfirst.core.errors import ConfigurationFault, UnknownSite
from askfirst.core.kinds import EntryKind
from askfirst.databases import database_of, read_databases
from askfirst.randomness import SystemRandomness, system_clock
from askfirst.settings import Settings, read_settings
from askfirst.storage.catalogue import SqlCatalogue
from askfirst.storage.engine import open_engine
from askfirst.storage.exports import SqlExports
from askfirst.storage.forgetting import SqlForgetting
from askfirst.storage.key_files import KeyFiles
from askfirst.storage.ledger import SqlLedger
from askfirst.storage.records import SqlRecords
from askfirst.storage.schema import require_schema
from askfirst.storage.staff import SqlStaffRoom
from askfirst.usecases.directory import Directory, index
from askfirst.usecases.entries import staff_entry
from askfirst.usecases.ports import Acting
from askfirst.usecases.rows import Organisation


@dataclass(frozen=True, slots=True)
class Workplace:
    """An opened database with its keys."""

    settings: Settings
    engine: Engine
    catalogue: SqlCatalogue
    ledger: SqlLedger
    records: SqlRecords
    exports: SqlExports
    staff: SqlStaffRoom
    forgetting: SqlForgetting
    keys: KeyFiles
    by: Acting

    def directory(self) -> Directory:
        """Return the catalogue, indexed; a policy that was altered by hand is left out."""
        return index(self.catalogue.snapshot(), skip_altered=True)

    def leave(self, log_id: int, kind: EntryKind, members: Mapping[str, object]) -> None:
        """Leave an entry about what was done here and changed nothing."""
        self.catalogue.append(staff_entry(log_id, kind, members, now=self.by.clock(), by=self.by))

    def organisation(self, slug: str | None) -> Organisation:
        """Return the organisation of this name; without a name, the only one."""
        slug = slug or self.settings.organisation or None
        organisations = self.catalogue.snapshot().organisations
        if slug is None and len(organisations) == 1:
            return organisations[0]
        found = next((one for one in organisations if one.slug == slug), None)
        if found is None:
            names = ", ".join(one.slug for one in organisations) or "none yet; make one with: askfirst init"
            raise ConfigurationFault([("--organisation", f"must name one of: {names}")])
        return found


def choose_workplace(organisation: str | None = None, *, site: str | None = None) -> Workplace:
    """Open the database of an organisation, or of a site; without a directory there is one database.

    Raises ConfigurationFault where several databases are named and none of these tells which is meant.
    """
    settings = read_settings()
    slug = organisation or settings.organisation or None
    if slug is None and site is not None and settings.directory is not None:
        for one in read_databases(settings):
            place = open_workplace(one.settings)
            if site in place.directory().sites:
                return place
            place.engine.dispose()
        raise UnknownSite(site)
    return open_workplace(database_of(settings, slug).settings)


def require_free(mine: Settings, site_key: str) -> None:
    """Raise ConfigurationFault where another database of the directory has this site already, or can not say."""
    settings = read_settings()
    if settings.directory is None:
        return
    for one in read_databases(settings):
        if one.settings.home == mine.home:
            continue
        try:
            place = open_workplace(one.settings)
            taken = site_key in place.directory().sites
            place.engine.dispose()
        except SQLAlchemyError:
            said = f"can not be asked whether it has the site {site_key} already; try again when it answers"
            raise ConfigurationFault([(f"the database {one.name}", said)]) from None
        if taken:
            raise ConfigurationFault([(f"the site {site_key}", f"is in the database {one.name} already")])


def open_workplace(settings: Settings | None = None) -> Workplace:
    """Open the database and keys that the settings name. Raises ConfigurationFault or SchemaMismatch."""
    settings = settings or read_settings()
    if settings.on_sqlite:
        settings.require_home()
    engine = open_engine(settings.database)
    require_schema(engine)
    return Workplace(
        settings=settings,
        engine=engine,
        catalogue=SqlCatalogue(engine),
        ledger=SqlLedger(engine),
        records=SqlRecords(engine),
        exports=SqlExports(engine),
        staff=SqlStaffRoom(engine),
        forgetting=SqlForgetting(engine),
        keys=KeyFiles(settings.keys_folder),
        by=Acting(f"operator:{_user()}", system_clock, SystemRandomness()),
    )


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run as a number that has no name
        return f"uid-{os.getuid()}"
