"""Organisations, sites, policies, builds and keys (the `Catalogue` of usecases.ports)."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, func, insert, select, update

from askfirst.core.tree import EMPTY_ROOT
from askfirst.storage import tables as t
from askfirst.storage.engine import one_moment
from askfirst.storage.entries import insert_entry
from askfirst.usecases.altered_values import as_bytes, as_number, as_text
from askfirst.usecases.rows import (
    Build,
    Entry,
    Organisation,
    PictureRow,
    PublicKey,
    PublishedPolicy,
    RenderingRow,
    Site,
    Snapshot,
)


class SqlCatalogue:
    """The catalogue in SQL."""

    def __init__(self, engine: Engine) -> None:
        """Take the engine; nothing is opened yet."""
        self._engine = engine

    @contextmanager
    def transaction(self) -> Iterator["SqlCatalogueTransaction"]:
        """Begin a change. Leaving the block commits it and raises the catalogue's version."""
        with self._engine.execution_options(sqlite_begin="IMMEDIATE").begin() as connection:
            # The first statement takes the row lock that makes changes follow each other on PostgreSQL too.
            connection.execute(update(t.catalogue_version).values(version=t.catalogue_version.c.version + 1))
            yield SqlCatalogueTransaction(connection)

    def append(self, entry: Entry) -> None:
        """Store a ledger entry that goes with no change, a look say: the catalogue's version stays."""
        with self._engine.execution_options(sqlite_begin="IMMEDIATE").begin() as connection:
            insert_entry(connection, entry)

    def version(self) -> int:
        """Return the catalogue's version."""
        with self._engine.connect() as connection:
            return _version(connection)

    def snapshot(self) -> Snapshot:
        """Return all that a node keeps in memory."""
        with one_moment(self._engine) as connection:
            return read_snapshot(connection)


class SqlCatalogueTransaction:
    """One change (the `CatalogueTransaction` of usecases.ports)."""

    def __init__(self, connection: Connection) -> None:
        """Take a connection inside a transaction."""
        self._connection = connection

    def organisations(self) -> tuple[Organisation, ...]:
        """Return every organisation."""
        return _organisations(self._connection)

    def add_organisation(self, organisation: Organisation) -> None:
        """Store a new organisation and its empty tree."""
        self._connection.execute(insert(t.organisation).values(asdict(organisation)))
        self._connection.execute(
            insert(t.head).values(
                log_id=organisation.log_id, size=0, root=EMPTY_ROOT, sequenced_at=organisation.created_at
            )
        )

    def rename_log(self, organisation: Organisation, origin: str) -> Organisation:
        """Give the organisation's log another name, and return the organisation as it is now."""
        self._connection.execute(
            update(t.organisation).where(t.organisation.c.log_id == organisation.log_id).values(origin=origin)
        )
        return replace(organisation, origin=origin)

    def site(self, site_key: str) -> Site | None:
        """Return the site with this key."""
        row = self._connection.execute(select(t.site).where(t.site.c.site_key == site_key)).mappings().first()
        return None if row is None else _site(row)

    def add_site(self, site: Site) -> None:
        """Store a new site."""
        self._connection.execute(insert(t.site).values(_site_values(site)))

    def change_site(self, site: Site) -> None:
        """Store a site's changed name, origins or state."""
        self._connection.execute(
            update(t.site)
            .where(t.site.c.log_id == site.log_id, t.site.c.site_key == site.site_key)
            .values(_site_values(site))
        )

    def latest_policy(self, log_id: int, site_key: str) -> PublishedPolicy | None:
        """Return the site's newest policy."""
        row = (
            self._connection.execute(
                select(t.policy)
                .where(t.policy.c.log_id == log_id, t.policy.c.site_key == site_key)
                .order_by(t.policy.c.number.desc())
                .limit(1)
            )
            .mappings()
            .first()
        )
        return None if row is None else PublishedPolicy(**row)

    def add_policy(self, policy: PublishedPolicy) -> None:
        """Store a new policy and mark the one before it as superseded from its `published_at`."""
        self._connection.execute(
            update(t.policy)
            .where(
                t.policy.c.log_id == policy.log_id,
                t.policy.c.site_key == policy.site_key,
                t.policy.c.superseded_at.is_(None),
            )
            .values(superseded_at=policy.published_at)
        )
        self._connection.execute(insert(t.policy).values(asdict(policy)))

    def has_build(self, log_id: int, digest: bytes) -> bool:
        """Tell whether this build's script is kept."""
        found = select(func.count()).where(t.build.c.log_id == log_id, t.build.c.digest == digest)
        return self._connection.execute(found).scalar_one() > 0

    def add_build(self, build: Build) -> None:
        """Keep a build's script."""
        self._connection.execute(insert(t.build).values(asdict(build)))

    def add_rendering(self, rendering: RenderingRow, pictures: Sequence[PictureRow]) -> None:
        """Keep the pictures of a policy; those that are kept already are left as they are."""
        for picture in {one.digest: one for one in pictures}.values():
            kept = select(func.count()).where(
                t.picture.c.log_id == picture.log_id, t.picture.c.digest == picture.digest
            )
            if not self._connection.execute(kept).scalar_one():
                self._connection.execute(insert(t.picture).values(asdict(picture)))
        same = select(func.count()).where(
            t.rendering.c.log_id == rendering.log_id, t.rendering.c.digest == rendering.digest
        )
        if not self._connection.execute(same).scalar_one():
            self._connection.execute(insert(t.rendering).values(asdict(rendering)))

    def keys(self, log_id: int) -> tuple[PublicKey, ...]:
        """Return the organisation's keys."""
        rows = self._connection.execute(select(t.key).where(t.key.c.log_id == log_id)).mappings()
        return tuple(PublicKey(**row) for row in rows)

    def add_key(self, key: PublicKey) -> None:
        """Store a new key."""
        self._connection.execute(insert(t.key).values(asdict(key)))

    def change_key(self, key: PublicKey) -> None:
        """Store a key's changed state."""
        self._connection.execute(
            update(t.key)
            .where(t.key.c.log_id == key.log_id, t.key.c.key_id == key.key_id)
            .values(state=key.state, changed_at=key.changed_at)
        )

    def append(self, entry: Entry) -> None:
        """Store a ledger entry."""
        insert_entry(self._connection, entry)


def read_snapshot(connection: Connection) -> Snapshot:
    """Return all that a node keeps in memory, as a transaction sees it."""
    return Snapshot(
        version=_version(connection),
        organisations=_organisations(connection),
        sites=tuple(_site(row) for row in connection.execute(select(t.site)).mappings()),
        policies=tuple(
            PublishedPolicy(**{**row, "digest": as_bytes(row["digest"]), "canonical": as_bytes(row["canonical"])})
            for row in connection.execute(select(t.policy).order_by(t.policy.c.number)).mappings()
        ),
        builds=tuple(
            Build(**{**row, "digest": as_bytes(row["digest"]), "script": as_bytes(row["script"])})
            for row in connection.execute(select(t.build)).mappings()
        ),
        keys=tuple(PublicKey(**row) for row in connection.execute(select(t.key)).mappings()),
    )


def _version(connection: Connection) -> int:
    """Return the catalogue's version; 0, which none of ours has, where somebody took the row away."""
    return as_number(connection.execute(select(func.max(t.catalogue_version.c.version))).scalar() or 0)


def _organisations(connection: Connection) -> tuple[Organisation, ...]:
    rows = connection.execute(select(t.organisation).order_by(t.organisation.c.log_id)).mappings()
    return tuple(Organisation(**row) for row in rows)


def _site(row: RowMapping) -> Site:
    values = dict(row)
    values["origins"] = _origins(values["origins"])
    return Site(**values)


def _origins(stored: Any) -> tuple[str, ...]:
    try:
        read = json.loads(stored)
    except (ValueError, TypeError, RecursionError):
        read = None
    if isinstance(read, list) and all(isinstance(one, str) for one in read):
        return tuple(read)
    # Altered by hand: no page has such an origin, so that none may ask until it is mended.
    return (as_text(stored),)


def _site_values(site: Site) -> dict[str, Any]:
    return asdict(site) | {"origins": json.dumps(site.origins)}
