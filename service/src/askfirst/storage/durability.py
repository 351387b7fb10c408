"""Find settings of the database under which a commit that returned could still be lost."""

from sqlalchemy import Connection, Engine

# What each has to be, and what happens otherwise. `local` waits for no standby, which is right where there is none.
_POSTGRES = {
    "fsync": (("on",), "a power cut loses answers that visitors were told are kept, and can break the database"),
    "full_page_writes": (("on",), "a power cut in the middle of a write can break the database"),
    "synchronous_commit": (
        ("on", "local", "remote_write", "remote_apply"),
        "a crash loses the newest answers that visitors were told are kept",
    ),
}
_SQLITE_FULL = (2, 3)


def durability_faults(engine: Engine) -> list[str]:
    """Return what would let the database lose what it confirmed, a sentence with its remedy each; empty: nothing."""
    with engine.connect() as connection:
        return _sqlite(connection) if engine.dialect.name == "sqlite" else _postgres(connection)


def _postgres(connection: Connection) -> list[str]:
    faults = []
    for name, (durable, otherwise) in _POSTGRES.items():
        found = connection.exec_driver_sql(f"SHOW {name}").scalar_one()
        if found not in durable:
            remedy = f"set {name} = on in postgresql.conf, for the role and for the database, then restart Askfirst"
            faults.append(f"PostgreSQL runs with {name} = {found}: {otherwise}; {remedy}.")
    standbys = connection.exec_driver_sql("SHOW synchronous_standby_names").scalar_one()
    waits = connection.exec_driver_sql("SHOW synchronous_commit").scalar_one()
    if standbys and waits == "local":
        faults.append(
            "PostgreSQL has synchronous standbys, but synchronous_commit = local does not wait for them: a failover"
            " loses the newest answers; set synchronous_commit = on, then restart Askfirst."
        )
    return faults


def _sqlite(connection: Connection) -> list[str]:
    faults = []
    mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
    if mode != "wal":
        faults.append(
            f"SQLite could not switch to its write-ahead log (journal_mode = {mode}): one reader stops every answer;"
            " put the home folder on a local file system."
        )
    level = connection.exec_driver_sql("PRAGMA synchronous").scalar_one()
    if level not in _SQLITE_FULL:
        faults.append(
            f"SQLite runs with synchronous = {level}: a power cut loses answers that visitors were told are kept;"
            " use an SQLite that is not built to ignore PRAGMA synchronous=FULL."
        )
    return faults
