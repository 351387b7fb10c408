"""What comes before the first use, and after an update: the home folder and the database's schema."""

from askfirst.settings import Settings
from askfirst.storage.engine import open_engine
from askfirst.storage.migrating import migrate


def prepare(settings: Settings) -> None:
    """Make the home folder and bring the database to this version's schema."""
    settings.home.mkdir(parents=True, exist_ok=True)
    if settings.on_sqlite:
        settings.home.joinpath("data").mkdir(exist_ok=True, mode=0o700)
    engine = open_engine(settings.database)
    try:
        migrate(engine)
    finally:
        engine.dispose()
