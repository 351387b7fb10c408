"""The schema: every table that grows begins its keys with `log_id`, so that organisations can live apart."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    true,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# Ids are bytes and not the databases' own UUID types: they sort by time alike, and reach both drivers unchanged.
_ID = LargeBinary(16)
_HASH = LargeBinary(32)

organisation = Table(
    "organisation",
    metadata,
    Column("log_id", Integer, primary_key=True, autoincrement=False),
    Column("slug", String(64), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("origin", String(255), nullable=False, unique=True),
    Column("created_at", BigInteger, nullable=False),
)

# One row. It rises with every change of what nodes keep in memory, so that they know when to read again.
catalogue_version = Table(
    "catalogue_version",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("version", BigInteger, nullable=False),
)

site = Table(
    "site",
    metadata,
    Column("log_id", Integer, primary_key=True, autoincrement=False),
    Column("site_key", String(32), primary_key=True),
    Column("name", Text, nullable=False),
    Column("origins", Text, nullable=False),  # JSON list
    Column("created_at", BigInteger, nullable=False),
    Column("disabled_at", BigInteger),
    Column("retention_days", Integer),  # null: as the policy says; 0: for ever
    Column("alerts", Boolean, nullable=False, server_default=true()),  # whether staff are alerted of it
    UniqueConstraint("site_key"),
    ForeignKeyConstraint(["log_id"], ["organisation.log_id"]),
)

policy = Table(
    "policy",
    metadata,
    Column("log_id", Integer, primary_key=True, autoincrement=False),
    Column("site_key", String(32), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("digest", _HASH, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("canonical", LargeBinary, nullable=False),
    Column("published_at", BigInteger, nullable=False),
    Column("superseded_at", BigInteger),
    Column("reason", Text, nullable=False),
    Column("staff", Text),
    UniqueConstraint("log_id", "site_key", "digest"),
    ForeignKeyConstraint(["log_id", "site_key"], ["site.log_id", "site.site_key"]),
)

# What editors write until it is published: one a site, with a number that tells two editors apart.
policy_draft = Table(
    "policy_draft",
    metadata,
    Column("log_id", Integer, primary_key=True, autoincrement=False),
    Column("site_key", String(32), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("based_on", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("staff", Text),
    ForeignKeyConstraint(["log_id", "site_key"], ["site.log_id", "site.site_key"]),
)

# The script text of every snippet build that was ever served, so that a record can be shown as it was asked.
build = Table(
    "build",
    metadata,
    Column("log_id", Integer, primary_key=True, autoincrement=False),
    Column("digest", _HASH, primary_key=True),
    Column("script", LargeBinary, nullable=False),
    Column("first_served_at", BigInteger, nullable=False),
    ForeignKeyConstraint(["log_id"], ["organisation.log_id"]),
)

# What visitors saw of a policy: a manifest that names its pictures, and the pictures by their digest.
rendering = Table(
    "rendering",
    metadata,
    Column("log_id", Integer, primary_key=True, autoincrement=False),
    Column("digest", _HASH, primary_key=True),
    Column("site_key", String(32), nullable=False),
    Column("policy", _HASH, nullable=False),
    Column("manifest", LargeBinary, nullable=False),
    Column("rendered_at", BigInteger, nullable=False),
    ForeignKeyConstraint(["log_id", "site_key"], ["site.log_id", "site.site_key"]),
)
Index("ix_rendering_policy", rendering.c.log_id, rendering.c.site_key, rendering.c.policy)

picture = Table(
    "picture",
    metadata,
    Column("log_id", Integer, primary_key=True, autoincrement=False),
    Column("digest", _HASH, primary_key=True),
    Column("image", LargeBinary, nullable=False),
    ForeignKeyConstraint(["log_id"], ["organisation.log_id"]),
)

key = Table(
    "key",
    metadata,
    Column("log_id", Integer, primary_key=True, autoincrement=False),
    Column("key_id", LargeBinary(4), primary_key=True),
    Column("use", String(16), nullable=False),  # receipt | checkpoint
    Column("verifier", Text, nullable=False),
    Column("state", String(16), nullable=False),  # announced | active | retired | revoked
    Column("created_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    ForeignKeyConstraint(["log_id"], ["organisation.log_id"]),
)

# The opening of a leaf: parts and salts are null once they were erased; the leaf stays for ever.
entry = Table(
    "entry",
    metadata,
    Column("log_id", Integer, primary_key=True, autoincrement=False),
    Column("entry_id", _ID, primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("leaf", LargeBinary, nullable=False),
    Column("what", LargeBinary),
    Column("what_salt", _HASH),
    Column("who", LargeBinary),
    Column("who_salt", _HASH),
)

# What searches over entries that are no decisions run over: a projection of both parts, as `record` is for decisions.
deed = Table(
    "deed",
    metadata,
    Column("log_id", Integer, primary_key=True, autoincrement=False),
    Column("entry_id", _ID, primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("site_key", String(32)),
    Column("staff", Text),  # who did it; null: the service itself
    Column("record_id", _ID),  # the record that it is about
)
Index("ix_deed_kind", deed.c.log_id, deed.c.kind, deed.c.entry_id)
for _name in ("site_key", "staff", "record_id"):
    _given = deed.c[_name].is_not(None)
    Index(
        f"ix_deed_{_name.removesuffix('_key').removesuffix('_id')}",
        deed.c.log_id,
        deed.c[_name],
        deed.c.entry_id,
        sqlite_where=_given,
        postgresql_where=_given,
    )

# What searches run over: a projection of the parts, which `ledger verify` compares with them.
record = Table(
    "record",
    metadata,
    Column("log_id", Integer, primary_key=True, autoincrement=False),
    Column("record_id", _ID, primary_key=True),
    Column("site_key", String(32), nullable=False),
    Column("subject", String(21)),
    Column("server_time", BigInteger, nullable=False),
    Column("method", String(16), nullable=False),
    Column("policy_number", Integer, nullable=False),
    Column("language", String(35), nullable=False),
    Column("origin", String(255), nullable=False),  # of the page
    Column("granted", Text, nullable=False),  # ",measurement,embeds," so that one purpose is found with LIKE
    Column("refused", Text, nullable=False),
    Column("rule", String(64), nullable=False),
    Column("late", Boolean, nullable=False),
    Column("receipt", Text),  # the token, null after an erasure
    Column("account", String(43)),  # keyed pseudonym of who was signed in, where the site ties choices to accounts
)
Index("ix_record_site", record.c.log_id, record.c.site_key, record.c.record_id)
Index(
    "ix_record_subject",
    record.c.log_id,
    record.c.subject,
    record.c.record_id,
    sqlite_where=record.c.subject.is_not(None),
    postgresql_where=record.c.subject.is_not(None),
)
Index(
    "ix_record_account",
    record.c.log_id,
    record.c.account,
    record.c.record_id,
    sqlite_where=record.c.account.is_not(None),
    postgresql_where=record.c.account.is_not(None),
)

# The browser's decision ids: the only random key that grows, so it is small and pruned after 30 days.
decision_seen = Table(
    "decision_seen",
    metadata,
    Column("log_id", Integer, primary_key=True, autoincrement=False),
    Column("site_key", String(32), primary_key=True),
    Column("decision_id", _ID, primary_key=True),
    Column("mac", _HASH),  # null after an erasure
    Column("record_id", _ID, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
)
# Record ids sort by time, so this also finds the old ones.
Index("ix_decision_seen_record", decision_seen.c.log_id, decision_seen.c.record_id)

# What is left of a decision that was forgotten: that there was one, and which entry says that it went.
tombstone = Table(
    "tombstone",
    metadata,
    Column("log_id", Integer, primary_key=True, autoincrement=False),
    Column("record_id", _ID, primary_key=True),
    Column("entry_id", _ID, nullable=False),
    Column("site_key", String(32), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("forgotten_at", BigInteger, nullable=False),
)
Index("ix_tombstone_entry", tombstone.c.log_id, tombstone.c.entry_id)

# What a legal hold keeps from being forgotten: one subject or account, or a range of records.
hold = Table(
    "hold",
    metadata,
    Column("log_id", Integer, primary_key=True, autoincrement=False),
    Column("hold_id", _ID, primary_key=True),
    Column("subject", String(21)),  # null: everybody in the range; gone when the hold is lifted
    Column("site_key", String(32)),  # null: every site
    Column("first_record", _ID, nullable=False),  # record ids sort by time: a range of time is a range of them
    Column("before_record", _ID, nullable=False),
    Column("reason", Text, nullable=False),
    Column("staff", Text),
    Column("placed_at", BigInteger, nullable=False),
    Column("until", BigInteger),  # null: until it is lifted
    Column("lifted_at", BigInteger),
    Column("account", String(43)),  # as the subject, where the person is named by a record that has none
    ForeignKeyConstraint(["log_id"], ["organisation.log_id"]),
)

# Who is told of new entries. The ledger itself is the queue: each webhook has a place in it, and nothing piles up.
webhook = Table(
    "webhook",
    metadata,
    Column("log_id", Integer, primary_key=True, autoincrement=False),
    Column("webhook_id", _ID, primary_key=True),
    Column("url", Text, nullable=False),
    Column("events", Text, nullable=False),  # JSON list
    Column("sites", Text),  # JSON list of site keys; null: the whole organisation
    Column("created_at", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),  # of the entry that comes next
    Column("failures", Integer, nullable=False),  # since the last success
    Column("next_at", BigInteger, nullable=False),  # not before this time
    Column("leased_until", BigInteger, nullable=False),  # some node delivers until then
    Column("said", Text, nullable=False),  # what came of the last attempt
    Column("paused_at", BigInteger),  # it is told of nothing until somebody lets it go on
    ForeignKeyConstraint(["log_id"], ["organisation.log_id"]),
)

# How far the daily export of each organisation is; a row for each that was ever exported.
daily_export = Table(
    "daily_export",
    metadata,
    Column("log_id", Integer, primary_key=True, autoincrement=False),
    Column("next_day", BigInteger, nullable=False),  # days since 1970: the oldest that was not written yet
    Column("failures", Integer, nullable=False),  # since the last success
    Column("next_at", BigInteger, nullable=False),  # not before this time
    Column("leased_until", BigInteger, nullable=False),  # some node writes until then
    Column("said", Text, nullable=False),  # what went wrong at last; empty: nothing
    ForeignKeyConstraint(["log_id"], ["organisation.log_id"]),
)

# What staff should look at, open until it is over. Of one rule and site one is open, whichever node raised it.
alert = Table(
    "alert",
    metadata,
    Column("log_id", Integer, primary_key=True, autoincrement=False),
    Column("alert_id", _ID, primary_key=True),  # of the entry that raised it
    Column("rule", String(40), nullable=False),
    Column("site_key", String(32), nullable=False),  # empty: the whole organisation
    Column("facts", Text, nullable=False),  # JSON object
    Column("raised_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("acknowledged_at", BigInteger),
    Column("acknowledged_by", Text),
    ForeignKeyConstraint(["log_id"], ["organisation.log_id"]),
)
Index(
    "ix_alert_open",
    alert.c.log_id,
    alert.c.rule,
    alert.c.site_key,
    unique=True,
    sqlite_where=alert.c.ended_at.is_(None),
    postgresql_where=alert.c.ended_at.is_(None),
)

# Committed, but without a place in the tree yet. Consumed with DELETE, never with a cursor (DESIGN 3.3).
pending = Table(
    "pending",
    metadata,
    Column("log_id", Integer, primary_key=True, autoincrement=False),
    Column("entry_id", _ID, primary_key=True),
    Column("leaf_hash", _HASH, nullable=False),
)

leaf = Table(
    "leaf",
    metadata,
    Column("log_id", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("entry_id", _ID, nullable=False),
    Column("leaf_hash", _HASH, nullable=False),
    UniqueConstraint("log_id", "entry_id"),
)

# tlog-tiles: the hashes of one tile, 32 bytes each; the rightmost tile of a level grows in place.
tile = Table(
    "tile",
    metadata,
    Column("log_id", Integer, primary_key=True, autoincrement=False),
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("hashes", LargeBinary, nullable=False),
)

head = Table(
    "head",
    metadata,
    Column("log_id", Integer, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    Column("root", _HASH, nullable=False),
    Column("sequenced_at", BigInteger, nullable=False),
    ForeignKeyConstraint(["log_id"], ["organisation.log_id"]),
)

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("log_id", Integer, primary_key=True, autoincrement=False),
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("root", _HASH, nullable=False),
    Column("note", Text, nullable=False),
    Column("signed_at", BigInteger, nullable=False),
)

# Decisions counted by day (UTC), kept by the sequencer: never in a request's transaction.
rollup = Table(
    "rollup",
    metadata,
    Column("log_id", Integer, primary_key=True, autoincrement=False),
    Column("site_key", String(32), primary_key=True),
    Column(
        "hour", BigInteger, primary_key=True, autoincrement=False
    ),  # hours since 1970, so that any time zone can sum
    Column("dimension", String(16), primary_key=True),  # method | answer | granted | refused | language | …
    Column("value", String(64), primary_key=True),
    Column("count", BigInteger, nullable=False),
)
# Statistics read one dimension over many hours, and from this alone.
Index(
    "ix_rollup_dimension",
    rollup.c.log_id,
    rollup.c.dimension,
    rollup.c.hour,
    rollup.c.site_key,
    rollup.c.value,
    rollup.c.count,
)

# What nodes tell each other of addresses that are busy: a hash under a key that changes every hour, for two minutes.
limit_count = Table(
    "limit_count",
    metadata,
    Column("log_id", Integer, primary_key=True, autoincrement=False),
    Column("minute", BigInteger, primary_key=True, autoincrement=False),  # since 1970
    Column("bucket", _ID, primary_key=True),
    Column("count", Integer, nullable=False),
)

token = Table(
    "token",
    metadata,
    Column("log_id", Integer, primary_key=True, autoincrement=False),
    Column("token_id", _ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("secret_hash", _HASH, nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("sites", Text),  # JSON list of site keys; null: the whole organisation
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
    ForeignKeyConstraint(["log_id"], ["organisation.log_id"]),
)

# People who work with the console. The name to sign in with is unique in the whole service.
staff = Table(
    "staff",
    metadata,
    Column("log_id", Integer, primary_key=True, autoincrement=False),
    Column("staff_id", _ID, primary_key=True),
    Column("login", String(254), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("role", String(16), nullable=False),
    Column("sites", Text),  # JSON list of site keys; null: the whole organisation
    Column("password_hash", Text),  # argon2; null until a password is chosen
    Column("created_at", BigInteger, nullable=False),
    Column("disabled_at", BigInteger),
    Column("language", String(35)),  # of the console; null: as the browser prefers
    Column("identity", String(512), unique=True),  # issuer and subject at the identity provider; null: none
    ForeignKeyConstraint(["log_id"], ["organisation.log_id"]),
)

# Who is signed in. The secret itself is only in the browser's cookie.
session = Table(
    "session",
    metadata,
    Column("log_id", Integer, primary_key=True, autoincrement=False),
    Column("secret_hash", _HASH, primary_key=True),
    Column("staff_id", _ID, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    UniqueConstraint("secret_hash"),
    ForeignKeyConstraint(["log_id", "staff_id"], ["staff.log_id", "staff.staff_id"]),
)
Index("ix_session_staff", session.c.log_id, session.c.staff_id)

# Links that let one person in once: the first owner, a new member, somebody who lost a password.
sign_in_link = Table(
    "sign_in_link",
    metadata,
    Column("log_id", Integer, primary_key=True, autoincrement=False),
    Column("secret_hash", _HASH, primary_key=True),
    Column("staff_id", _ID, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    UniqueConstraint("secret_hash"),
    ForeignKeyConstraint(["log_id", "staff_id"], ["staff.log_id", "staff.staff_id"]),
)
