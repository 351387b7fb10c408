"""Open what tells the places of visitors, as the settings name it."""

from importlib import import_module

from askfirst.core.errors import ConfigurationFault
from askfirst.settings import Settings
from askfirst.web.whereabouts import PlaceDatabase, Whereabouts

_SETTING = "ASKFIRST_PLACE_DATABASE"


def open_whereabouts(settings: Settings) -> Whereabouts:
    """Return what tells places; with neither headers nor a database, every place is unknown.

    Raises ConfigurationFault for a database that can not be read, or that nothing is installed to read.
    """
    return Whereabouts(
        proxies=settings.proxies,
        country_header=settings.country_header,
        part_header=settings.state_header,
        database=_database(settings),
    )


def _database(settings: Settings) -> PlaceDatabase | None:
    if settings.place_database is None:
        return None
    try:
        reader = import_module("maxminddb")
    except ModuleNotFoundError:
        raise ConfigurationFault(
            [(_SETTING, "needs the reader of its format; install it with: pip install 'askfirst[places]'")]
        ) from None
    try:
        # Into memory as a whole: a file that is replaced while it is mapped would take the process down.
        database: PlaceDatabase = reader.open_database(settings.place_database, reader.MODE_MEMORY)
    except (OSError, reader.InvalidDatabaseError) as error:
        raise ConfigurationFault([(_SETTING, f"can not be read as a place database: {error}")]) from None
    return database
