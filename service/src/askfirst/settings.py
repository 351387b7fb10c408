"""All settings of the service, read once, from the environment or a file, in one frozen class."""

import ipaddress
import os
import re
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from askfirst.core.errors import ConfigurationFault
from askfirst.logs import LogFormat
from askfirst.secret_files import read_secret
from askfirst.setting_faults import invalid, mistyped, unread_lines
from askfirst.usecases.openid import read_rules
from askfirst.usecases.sessions import SessionRule

PREFIX = "ASKFIRST_"
FILE = "askfirst.env"

_REPLICA = "must be like postgresql+psycopg://user:password@replica/database"

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")  # RFC 9110, 5.1
_PLAIN_URL = re.compile(r"https?://([A-Za-z0-9._-]{1,253}|\[[0-9a-fA-F:.]{2,45}\])(:[0-9]{1,5})?/?")

# Names of buckets as S3 has them; a prefix of plain characters.
_BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._-]{1,64}){0,8}/?")

_ISSUER = re.compile(
    r"https://[A-Za-z0-9._-]{1,253}(:[0-9]{1,5})?(/[!-~]*)?|http://(localhost|127\.0\.0\.1)(:[0-9]{1,5})?(/[!-~]*)?"
)


_COLLECTOR = re.compile(r"https?://([A-Za-z0-9._-]{1,253}|\[[0-9a-fA-F:.]{2,45}\])(:[0-9]{1,5})?(/[!-~]*)?")


class Settings(BaseSettings):
    """Every setting. In the environment a name has the prefix `ASKFIRST_`; a file `askfirst.env` may hold them too."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=FILE, frozen=True, extra="forbid")

    home: Path = Field(Path("askfirst-home"), description="Folder of the database, the keys and the anchors.")
    database_url: str = Field(
        "", description="SQLAlchemy URL of the database; empty: an SQLite file in the home folder."
    )
    replica_url: str = Field(
        "", description="URL of a read replica, for what staff search, read and export; empty: the database itself."
    )
    directory: Path | None = Field(
        None, description="File that says which database each organisation is in, where there are several databases."
    )
    organisation: str = Field(
        "",
        description="Short name of the organisation that commands work for, where none is named and there are several.",
    )
    database_password_file: Path | None = Field(
        None, description="File that holds the database's password, so that the URL need not."
    )
    public_url: str = Field(
        "http://127.0.0.1:8601",
        description="Address under which browsers and servers reach the service, without a path.",
    )
    host: Annotated[str, Field(min_length=1)] = Field("127.0.0.1", description="Address to listen on.")
    port: Annotated[int, Field(ge=0, le=65535)] = Field(8601, description="Port to listen on.")
    workers: Annotated[int, Field(ge=1, le=64)] = Field(
        1, description="Processes that answer, each a node of its own. More than one needs PostgreSQL."
    )
    connections: Annotated[int, Field(ge=10, le=1_000_000)] = Field(
        1000, description="Connections that one process holds open; who comes beyond that is answered with 503."
    )
    log_format: LogFormat = Field("text", description="How the process logs: `text` for people, or `json`.")
    queue_limit: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        4096, description="How many answers may wait to be stored before new ones are refused with 503."
    )
    sequence_ms: Annotated[int, Field(ge=10, le=60_000)] = Field(
        200, description="Pause between two steps of the sequencer, in milliseconds."
    )
    publish_ms: Annotated[int, Field(ge=100, le=60_000)] = Field(
        1000, description="Pause between two checkpoints, in milliseconds."
    )
    publisher: bool = Field(
        True, description="Whether this node signs checkpoints. One that does not needs no checkpoint keys."
    )
    rate_per_minute: Annotated[int, Field(ge=0, le=1_000_000)] = Field(
        120, description="Decisions that one address may send in a minute; 0: no limit."
    )
    alerts: bool = Field(
        True,
        description="Whether staff are alerted of unusual answers, floods, and checkpoints that are late or refused.",
    )
    shared_limits: bool = Field(
        False, description="Whether nodes on one PostgreSQL count busy addresses together, as hashes that last minutes."
    )
    traces_url: str = Field(
        "",
        description="Address of an OpenTelemetry collector that takes traces over OTLP and HTTP, such as "
        "`http://127.0.0.1:4318/v1/traces`; needs the extra `tracing`. Empty: none are made.",
    )
    traces_share: Annotated[float, Field(gt=0, le=1)] = Field(
        0.1, description="Share of requests that are traced, of 1."
    )
    retention_days: Annotated[int, Field(ge=0, le=36_500)] = Field(
        0, description="Days after which decisions are forgotten, on every site; 0: they are kept."
    )
    daily_export: str = Field(
        "",
        description="Where each day's records are written to, once the day is over: a folder, or a bucket that speaks "
        "S3 as `s3://bucket/prefix`, which needs the extra `s3`. Empty: nowhere.",
    )
    daily_export_format: Literal["ndjson", "csv", "parquet"] = Field(
        "ndjson", description="Format of these files: `ndjson`, `csv`, or `parquet`, which needs the extra `parquet`."
    )
    s3_endpoint: str = Field(
        "", description="Address of the service that has the bucket, such as `https://s3.example.org`; empty: AWS."
    )
    s3_region: str = Field("us-east-1", description="Region of the bucket.")
    s3_key_id: str = Field(
        "", description="Id of the access key to the bucket; empty: as AWS's own settings and roles say."
    )
    s3_secret_file: Path | None = Field(None, description="File with the secret of the access key.")
    anchors: str = Field(
        "",
        description="Bucket that speaks S3, as `s3://bucket/prefix`, in which all publishers keep the last checkpoints "
        "together; it has to keep to `If-Match`. Needs the extra `s3`. Empty: the folder `anchors` in the home folder.",
    )
    metrics_networks: str = Field(
        "127.0.0.0/8, ::1",
        description="Networks whose programs may read `/metrics`, separated by commas. Behind a web server that tells "
        "visitors' addresses, these are the readers' own.",
    )
    trusted_proxies: str = Field(
        "",
        description="Networks of the web servers before the service, separated by commas, such as `10.0.0.0/8, ::1`. "
        "Only their word is taken about where a visitor is.",
    )
    country_header: str = Field(
        "",
        description="Header in which they say a visitor's country in two letters, such as `CF-IPCountry`. They have to "
        "overwrite what a visitor sends under this name. Empty: none.",
    )
    state_header: str = Field(
        "", description="Header in which they say the part of the country, as `CA` or `US-CA`. Empty: none."
    )
    place_database: Path | None = Field(
        None,
        description="File in the MaxMind format that tells countries and states of addresses; needs the extra "
        "`places`. Asked where no header tells.",
    )
    key_wait_minutes: Annotated[int, Field(ge=0, le=10_080)] = Field(
        60, description="Minutes for which a new key is only published, before it signs; longer than caches keep keys."
    )
    time_zone: str = Field("UTC", description="Time zone whose days statistics count by, like Europe/Berlin.")
    webhooks_inside: bool = Field(False, description="Whether webhooks may lead into the own network, and without TLS.")
    session_idle_minutes: Annotated[int, Field(ge=5, le=1440)] = Field(
        30, description="Minutes without use after which somebody in the console has to sign in again."
    )
    session_hours: Annotated[int, Field(ge=1, le=168)] = Field(
        12, description="Hours after which somebody in the console has to sign in again in any case."
    )

    pictures: bool = Field(
        True, description="Whether a publication takes pictures of the banner, where there is a browser."
    )
    chromium: str = Field(
        "", description="Chromium that takes the pictures; empty: the one on the PATH, or Playwright's own."
    )
    picture_seconds: Annotated[int, Field(ge=1, le=3600)] = Field(
        60, description="Seconds that all pictures of one policy may take; then it is published without."
    )
    local_sign_in: bool = Field(
        True, description="Whether staff may sign in with a password of their own; one-time links work all the same."
    )
    openid_issuer: str = Field(
        "",
        description="Address of the OpenID Connect provider that staff sign in with, as it calls itself; empty: none.",
    )
    openid_client_id: str = Field("", description="What the provider knows this service by.")
    openid_secret_file: Path | None = Field(None, description="File with the secret that the provider gave.")
    openid_name: str = Field("your organisation's account", description="What people call the provider.")
    openid_organisation: str = Field(
        "", description="Name of the organisation whose staff come in with it, where there are several."
    )
    openid_scope: str = Field("openid email profile", description="What the provider is asked for.")
    openid_claim: str = Field("groups", description="The claim that says which groups somebody is in.")
    openid_roles: str = Field(
        "",
        description="Who has which role: `GROUP=ROLE` or `GROUP=ROLE:site+site`, with commas between. The first that"
        " fits counts; whoever has none of the groups stays out.",
    )

    @field_validator("public_url")
    @classmethod
    def _plain_url(cls, value: str) -> str:
        if not _PLAIN_URL.fullmatch(value) or not _has_real_port(value):
            raise ValueError("must be like https://consent.example.org, without a path")
        return value.rstrip("/")

    @field_validator("traces_url")
    @classmethod
    def _collector(cls, value: str) -> str:
        if value and not (_COLLECTOR.fullmatch(value) and _has_real_port(value)):
            raise ValueError("must be like http://127.0.0.1:4318/v1/traces")
        return value

    @field_validator("daily_export")
    @classmethod
    def _folder_or_bucket(cls, value: str) -> str:
        if value and not _BUCKET.fullmatch(value) and not Path(value).is_absolute():
            raise ValueError("must be a folder by its whole path, or a bucket like s3://bucket/prefix")
        return value

    @field_validator("anchors")
    @classmethod
    def _bucket(cls, value: str) -> str:
        if value and not _BUCKET.fullmatch(value):
            raise ValueError("must be a bucket like s3://bucket/prefix")
        return value.rstrip("/")

    @field_validator("s3_endpoint")
    @classmethod
    def _plain_endpoint(cls, value: str) -> str:
        if value and not (_PLAIN_URL.fullmatch(value) and _has_real_port(value)):
            raise ValueError("must be like https://s3.example.org, without a path")
        return value.rstrip("/")

    @field_validator("trusted_proxies", "metrics_networks")
    @classmethod
    def _known_networks(cls, value: str) -> str:
        _networks(value)
        return value

    @field_validator("country_header", "state_header")
    @classmethod
    def _header_name(cls, value: str) -> str:
        if value and not _HEADER.fullmatch(value):
            raise ValueError("must be the name of a header, such as CF-IPCountry")
        return value

    @field_validator("replica_url")
    @classmethod
    def _known_replica(cls, value: str) -> str:
        try:
            if value and make_url(value).drivername != "postgresql+psycopg":
                raise ValueError(_REPLICA)
        except (ArgumentError, ValueError):
            raise ValueError(_REPLICA) from None
        return value

    @field_validator("openid_issuer")
    @classmethod
    def _issuer(cls, value: str) -> str:
        if value and not (_ISSUER.fullmatch(value) and _has_real_port(value)):
            raise ValueError("must be like https://login.example.org/realm; http is for loopback hosts only")
        return value

    @field_validator("openid_roles")
    @classmethod
    def _roles(cls, value: str) -> str:
        read_rules(value)
        return value

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        if faults := self._at_odds():
            raise ValueError("; the settings ".join(faults))
        return self

    def _at_odds(self) -> list[str]:
        """Return what does not go together, each as what `the settings` do."""
        faults = []
        if bool(self.s3_key_id) != bool(self.s3_secret_file):
            faults.append("need both of ASKFIRST_S3_KEY_ID and ASKFIRST_S3_SECRET_FILE, or neither")
        if (
            self.workers > 1
            and self.directory is None
            and make_url(self.database_url or "sqlite://").get_backend_name() == "sqlite"
        ):
            faults.append("name several workers, and SQLite has one; name a PostgreSQL in ASKFIRST_DATABASE_URL")
        if self.country_header and not self.trusted_proxies:
            faults.append("name a country_header, and no trusted_proxies that it is believed of")
        if self.state_header and not self.country_header:
            faults.append("name a state_header, which says nothing without a country_header")
        lacking = [
            f"{PREFIX}{name.upper()}"
            for name in ("openid_client_id", "openid_secret_file", "openid_roles")
            if self.openid_issuer and not getattr(self, name)
        ]
        if lacking:
            faults.append(f"name an identity provider, which also needs {', '.join(lacking)}")
        if not self.local_sign_in and not self.openid_issuer:
            faults.append("allow no passwords and name no identity provider: nobody could sign in")
        return faults

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ValueError, OSError, ZoneInfoNotFoundError):
            raise ValueError("must be a time zone like Europe/Berlin") from None
        return value

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of statistics."""
        return ZoneInfo(self.time_zone)

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        wanted = "must be like sqlite:////folder/askfirst.sqlite or postgresql+psycopg://user:password@host/database"
        try:
            url = make_url(value) if value else None
        except (ArgumentError, ValueError):  # a port that is no number
            raise ValueError(wanted) from None
        # A database in memory would be another one for each connection, and so may be what a URI within names.
        no_file = url is None or url.database in {None, "", ":memory:"} or "uri" in url.query
        file = url is not None and url.drivername == "sqlite" and not no_file
        if url is not None and not file and url.drivername != "postgresql+psycopg":
            raise ValueError(wanted)
        return value

    @property
    def proxies(self) -> tuple[Network, ...]:
        """The networks that are believed about where visitors are."""
        return _networks(self.trusted_proxies)

    @property
    def metric_readers(self) -> tuple[Network, ...]:
        """The networks that may read metrics."""
        return _networks(self.metrics_networks)

    @property
    def database(self) -> str:
        """The database's SQLAlchemy URL, with the password where a file has it."""
        return self._with_password(self.database_url or f"sqlite:///{self.home / 'data' / 'askfirst.sqlite'}")

    @property
    def replica(self) -> str | None:
        """The read replica's SQLAlchemy URL, with the same password, or None where there is none."""
        return self._with_password(self.replica_url) if self.replica_url else None

    def _with_password(self, url: str) -> str:
        if self.database_password_file is None or make_url(url).get_backend_name() == "sqlite":
            return url
        password = read_secret(self.database_password_file, f"{PREFIX}DATABASE_PASSWORD_FILE")
        return make_url(url).set(password=password).render_as_string(hide_password=False)

    @property
    def on_sqlite(self) -> bool:
        """Whether the database is an SQLite file, which one process at a time may serve."""
        return make_url(self.database).get_backend_name() == "sqlite"

    def require_home(self) -> None:
        """Raise ConfigurationFault where the home folder was never made."""
        if not self.home.exists():
            raise ConfigurationFault([(str(self.home), "does not exist; make it with: askfirst init")])

    @property
    def session_rule(self) -> SessionRule:
        """How long sessions of the console last."""
        return SessionRule(idle_ms=self.session_idle_minutes * 60_000, absolute_ms=self.session_hours * 3_600_000)

    @property
    def keys_folder(self) -> Path:
        """Where private keys lie."""
        return self.home / "keys"

    @property
    def anchors_folder(self) -> Path:
        """Where the last signed checkpoints lie."""
        return self.home / "anchors"


def _has_real_port(url: str) -> bool:
    """Say whether a URL of the right form has a port that there is, or none."""
    try:
        urlsplit(url).port  # noqa: B018
    except ValueError:
        return False
    return True


def _networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(one.strip()) for one in text.split(",") if one.strip())
    except ValueError:
        raise ValueError("must be networks such as 10.0.0.0/8 or 192.0.2.7, separated by commas") from None


def read_settings(*, file: str | None = FILE, **given: object) -> Settings:
    """Return the settings; `given` ones come before the environment, and that before `file`.

    Raises ConfigurationFault naming all faults.
    """
    faults = mistyped(os.environ, _NAMES) + (unread_lines(file) if file else [])
    try:
        settings = Settings(_env_file=file, **given)  # type: ignore[arg-type]
    except ValidationError as error:
        raise ConfigurationFault(faults + invalid(error, _NAMES)) from None
    if faults:
        raise ConfigurationFault(faults)
    return settings


_NAMES = {name: f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
