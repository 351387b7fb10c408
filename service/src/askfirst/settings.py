"""All settings of the service, read once, from the environment or a file, in one frozen class."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from askfirst.core.errors import ConfigurationFault

PREFIX = "ASKFIRST_"


class Settings(BaseSettings):
    """Every setting. In the environment a name has the prefix `ASKFIRST_`; a file `askfirst.env` may hold them too."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file="askfirst.env", frozen=True, extra="forbid")

    home: Path = Field(Path("askfirst-home"), description="Folder of the database, the keys and the anchors.")
    database_url: str = Field(
        "", description="SQLAlchemy URL of the database; empty: an SQLite file in the home folder."
    )
    public_url: str = Field(
        "http://127.0.0.1:8601",
        description="Address under which browsers and servers reach the service, without a path.",
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: Annotated[int, Field(ge=0, le=65535)] = Field(8601, description="Port to listen on.")
    queue_limit: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        4096, description="How many answers may wait to be stored before new ones are refused with 503."
    )
    sequence_ms: Annotated[int, Field(ge=10, le=60_000)] = Field(
        200, description="Pause between two steps of the sequencer, in milliseconds."
    )
    publish_ms: Annotated[int, Field(ge=100, le=60_000)] = Field(
        1000, description="Pause between two checkpoints, in milliseconds."
    )
    rate_per_minute: Annotated[int, Field(ge=0, le=1_000_000)] = Field(
        120, description="Decisions that one address may send in a minute; 0: no limit."
    )

    @field_validator("public_url")
    @classmethod
    def _plain_url(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
            raise ValueError("must be like https://consent.example.org, without a path")
        return value.rstrip("/")

    @property
    def database(self) -> str:
        """The database's SQLAlchemy URL."""
        return self.database_url or f"sqlite:///{self.home / 'data' / 'askfirst.sqlite'}"

    @property
    def keys_folder(self) -> Path:
        """Where private keys lie."""
        return self.home / "keys"

    @property
    def anchors_folder(self) -> Path:
        """Where the last signed checkpoints lie."""
        return self.home / "anchors"


def read_settings(**given: object) -> Settings:
    """Return the settings; `given` ones come before the environment. Raises ConfigurationFault naming all faults."""
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        faults = [(f"{PREFIX}{fault['loc'][0]}".upper(), fault["msg"]) for fault in error.errors()]
        raise ConfigurationFault(faults) from None
