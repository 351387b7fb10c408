"""The directory that says which database an organisation is in leaves no doubt about where a log is."""

from pathlib import Path

import pytest

from askfirst.core.errors import ConfigurationFault
from askfirst.databases import database_of, read_databases
from support.places import settings_of

NORTH = '[north]\norganisations = ["north"]\n'
SERVER = 'database_url = "postgresql+psycopg://db.example.org/one"\n'


def test_without_a_directory_there_is_one_database(tmp_path: Path) -> None:
    """It is the one of the settings, and may hold any organisation."""
    settings = settings_of(tmp_path)

    (only,) = read_databases(settings)

    assert (settings, None) == (only.settings, only.organisations)


def test_each_database_has_a_home_and_settings_of_its_own(tmp_path: Path) -> None:
    """Keys and anchors of one are nothing of another's; what is not said is as in the service's own settings."""
    file = tmp_path / "directory.toml"
    file.write_text(f'{NORTH}\n[south]\norganisations = ["south", "west"]\nhome = "elsewhere"\n{SERVER}')
    settings = settings_of(tmp_path / "home", directory=file, retention_days=30)

    north, south = read_databases(settings)

    assert tmp_path / "home" / "north" == north.settings.home
    assert f"sqlite:///{tmp_path}/home/north/data/askfirst.sqlite" == north.settings.database
    assert tmp_path / "home" / "elsewhere" == south.settings.home
    assert "postgresql+psycopg://db.example.org/one" == south.settings.database
    assert (30, 30) == (north.settings.retention_days, south.settings.retention_days)
    assert south == database_of(settings, "west")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "names no database"),
        ("north = 1\n", "must be a table like"),
        ("[north]\n", "[north] organisations must be a list"),
        ("[north]\norganisations = []\n", "[north] organisations must be a list"),
        ('[north]\norganisations = ["No Name"]\n', "[north] organisations must be a list"),
        ('["no name"]\norganisations = ["north"]\n', "must be a name of a-z"),
        (f'{NORTH}url = "x"\n', "[north] url is not known here"),
        (f"{NORTH}database_url = 7\n", "[north] database_url must be a text"),
        (f'{NORTH}database_url = "mysql://x/y"\n', "[north] database_url must be like sqlite:"),
        (f"{NORTH}{NORTH}", "is no TOML"),
        (f'{NORTH}[south]\norganisations = ["north"]\n', "north is in two databases of the directory"),
        (f'{NORTH}{SERVER}[south]\norganisations = ["south"]\n{SERVER}', "[south] names the same database as [north]"),
        (
            f'{NORTH}{SERVER}[south]\norganisations = ["south"]\n'
            + SERVER.replace("db.example.org", "u:p@DB.example.org:5432"),
            "[south] names the same database as [north]",
        ),
        (f'{NORTH}[south]\norganisations = ["south"]\nhome = "north"\n{SERVER}', "names the same home as [north]"),
        (b"\xff", "is no TOML"),
    ],
)
def test_doubt_is_refused(tmp_path: Path, written: str | bytes, said: str) -> None:
    """Bad files, an organisation in two databases, two names for one database or one home."""
    file = tmp_path / "directory.toml"
    file.write_bytes(written if isinstance(written, bytes) else written.encode())

    with pytest.raises(ConfigurationFault) as refused:
        read_databases(settings_of(tmp_path / "home", directory=file))

    assert said in str(refused.value)


def test_all_that_is_wrong_is_named_at_once(tmp_path: Path) -> None:
    """In the file as in the settings."""
    file = tmp_path / "directory.toml"
    file.write_text('[a]\norganisations = []\n[b]\nsomething = ""\norganisations = ["b"]\n')

    with pytest.raises(ConfigurationFault) as refused:
        read_databases(settings_of(tmp_path / "home", directory=file, database_url="sqlite:////x/y"))

    wrong = ("name a directory and a database", "[a] organisations must", "[b] something is not known")
    assert [] == [one for one in wrong if one not in str(refused.value)]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"workers": 2}, "[north] is an SQLite file, which one process serves"),
        ({"directory": Path("/nowhere/at/all")}, "/nowhere/at/all can not be read: No such file or directory"),
        (
            {
                "openid_issuer": "https://login.example.org",
                "openid_client_id": "x",
                "openid_secret_file": "/x",
                "openid_roles": "staff=auditor",
            },
            "must name one of the directory's organisations",
        ),
    ],
)
def test_settings_that_do_not_go_with_it_are_refused(tmp_path: Path, changes: dict[str, object], said: str) -> None:
    """Several processes on an SQLite file; a file that is not there; a provider whose staff are nobody's."""
    file = tmp_path / "directory.toml"
    file.write_text(NORTH + f'[south]\norganisations = ["south"]\n{SERVER}')

    with pytest.raises(ConfigurationFault) as refused:
        read_databases(settings_of(tmp_path / "home", **{"directory": file, **changes}))

    assert said in str(refused.value)


@pytest.mark.parametrize("slug", [None, "nobody"])
def test_which_organisation_is_asked_for_where_there_are_several(tmp_path: Path, slug: str | None) -> None:
    """With the names to choose from."""
    file = tmp_path / "directory.toml"
    file.write_text(NORTH + f'[south]\norganisations = ["south"]\n{SERVER}')

    with pytest.raises(ConfigurationFault) as refused:
        database_of(settings_of(tmp_path / "home", directory=file), slug)

    assert "must name one of the directory's: north, south" in str(refused.value)
