"""Which database each organisation is in: the one that the settings name, or several by a directory in a file.

Each database of a directory has a home of its own, with its keys and anchors: what one organisation's operator copies,
restores or loses is nothing of another's.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from sqlalchemy import make_url

from askfirst.core.errors import ConfigurationFault
from askfirst.folder_lock import folder_lock
from askfirst.settings import Settings

_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?")
_TEXTS: Final = ("database_url", "replica_url", "database_password_file", "home")
_MEMBERS: Final = ("organisations", *_TEXTS)
_FORM: Final = 'must be a table like [north] with organisations = ["north"] and database_url = "…"'

Fault = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Database:
    """One database of the service: its name, the only organisations that may be in it (None: any), its settings."""

    name: str
    organisations: frozenset[str] | None
    settings: Settings


def read_databases(settings: Settings) -> tuple[Database, ...]:
    """Return every database that the settings name. Without a directory that is one, under the name `main`.

    Raises ConfigurationFault naming all faults: a directory must leave no doubt about where a log is.
    """
    if settings.directory is None:
        return (Database("main", None, settings),)
    file = settings.directory
    try:
        read = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationFault([(str(file), f"can not be read: {error.strerror}")]) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationFault([(str(file), f"is no TOML: {error}")]) from None
    faults: list[Fault] = []
    if settings.database_url or settings.replica_url:
        faults.append(("the settings", "name a directory and a database; the directory names every database"))
    if not read:
        faults.append((str(file), f"names no database; it {_FORM}"))
    found = [one for name, members in read.items() if (one := _database(settings, name, members, faults)) is not None]
    if not faults:
        faults = [*_twice(found), *_openid_faults(settings, found), *_workers_faults(settings, found)]
    if faults:
        raise ConfigurationFault(faults)
    return tuple(found)


def database_of(settings: Settings, slug: str | None) -> Database:
    """Return the database of an organisation; without a name, the only database.

    Raises ConfigurationFault where the directory does not name it, or there are several.
    """
    databases = read_databases(settings)
    if len(databases) == 1 and (slug is None or databases[0].organisations is None):
        return databases[0]
    for one in databases:
        if one.organisations is not None and slug in one.organisations:
            return one
    names = ", ".join(sorted(slug for one in databases for slug in one.organisations or ()))
    raise ConfigurationFault([("--organisation", f"must name one of the directory's: {names}")])


def lock_folders(databases: Iterable[Database]) -> AbstractContextManager[object]:
    """Hold the home folder of each database that is an SQLite file (folder_lock) while the block runs."""
    with ExitStack() as stack:
        for one in databases:
            stack.enter_context(folder_lock(one.settings))
        return stack.pop_all()


def _database(settings: Settings, name: str, members: object, faults: list[Fault]) -> Database | None:
    """Return one database of the directory; what is wrong with it is added to the faults."""
    own: list[Fault] = []
    if not _NAME.fullmatch(name):
        own.append((f"[{name}]", "must be a name of a-z, 0-9 and hyphens"))
    if not isinstance(members, dict):
        faults.append((name, _FORM))
        return None
    own += [(f"[{name}] {one}", "is not known here") for one in sorted(set(members) - set(_MEMBERS))]
    own += [(f"[{name}] {one}", "must be a text") for one in _TEXTS if not isinstance(members.get(one, ""), str)]
    organisations = members.get("organisations")
    if (
        not isinstance(organisations, list)
        or not organisations
        or not all(isinstance(slug, str) and _NAME.fullmatch(slug) for slug in organisations)
    ):
        own.append((f"[{name}] organisations", "must be a list of short names of organisations"))
    if own:
        faults += own
        return None
    try:
        changed = Settings(_env_file=None, **_values(settings, name, members))
    except ValidationError as error:
        faults += [
            (f"[{name}] {fault['loc'][0]}", fault["msg"].removeprefix("Value error, ")) for fault in error.errors()
        ]
        return None
    return Database(name, frozenset(organisations or ()), changed)


def _values(settings: Settings, name: str, members: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of one database: the service's own, but for where it lies, and whose staff a provider has."""
    elsewhere = settings.openid_organisation not in members["organisations"]
    return {
        **settings.model_dump(),
        "directory": None,
        # Each database numbers its logs by itself.
        "anchors": f"{settings.anchors}/{name}" if settings.anchors else "",
        "workers": 1,  # a process count is the service's, and checked there
        "home": settings.home / members.get("home", name),
        "database_url": members.get("database_url", ""),
        "replica_url": members.get("replica_url", ""),
        "database_password_file": members.get("database_password_file") or settings.database_password_file,
        **({"openid_issuer": "", "local_sign_in": True} if settings.openid_issuer and elsewhere else {}),
    }


def _twice(found: list[Database]) -> Iterator[Fault]:
    """Yield what two of them share, and must not."""
    slugs = Counter(slug for one in found for slug in one.organisations or ())
    for slug, count in slugs.items():
        if count > 1:
            yield slug, "is in two databases of the directory; a log is in one"
    for said, of in (("the same database", _where), ("the same home", lambda one: str(one.settings.home.resolve()))):
        places: dict[str, str] = {}
        for one in found:
            other = places.setdefault(of(one), one.name)
            if other != one.name:
                yield f"[{one.name}]", f"names {said} as [{other}]; list its organisations under one name"


def _where(one: Database) -> str:
    url = make_url(one.settings.database)
    if url.get_backend_name() == "sqlite":
        return str(Path(url.database or "").resolve())
    host = url.host or url.query.get("host") or ""
    return f"{str(host).lower()}:{url.port or 5432}/{url.database}"


def _openid_faults(settings: Settings, found: list[Database]) -> Iterator[Fault]:
    named = {slug for one in found for slug in one.organisations or ()}
    if settings.openid_issuer and settings.openid_organisation not in named:
        yield "ASKFIRST_OPENID_ORGANISATION", "must name one of the directory's organisations"


def _workers_faults(settings: Settings, found: list[Database]) -> Iterator[Fault]:
    for one in found:
        if settings.workers > 1 and one.settings.on_sqlite:
            yield f"[{one.name}]", "is an SQLite file, which one process serves, and ASKFIRST_WORKERS says several"
