"""Settings: from the environment or a file, all faults named at once, and nothing half-right taken."""

from pathlib import Path

import pytest

from askfirst.bucket_settings import bucket_access
from askfirst.core.errors import ConfigurationFault
from askfirst.settings import Settings, read_settings
from askfirst.vouching import open_id
from support.command_line import CommandLine

WRONG = {
    "PUBLIC_URL": "consent.example.org",
    "PORT": "99999",
    "QUEUE_LIMIT": "0",
    "SEQUENCE_MS": "1",
    "PUBLISH_MS": "often",
    "RATE_PER_MINUTE": "-1",
    "DATABASE_URL": "mysql://x/y",
}


def test_every_wrong_setting_is_named_at_once(askfirst: CommandLine) -> None:
    """One run shows all that is to be mended, each under its name in the environment, without a pydantic word."""
    said = askfirst.refuses("serve", **WRONG)

    assert said.startswith("The configuration can not be used: ")
    assert [True] * len(WRONG) == [f"ASKFIRST_{name} " in said for name in WRONG]
    assert "Value error" not in said
    assert "pydantic" not in said
    assert "ASKFIRST_PUBLIC_URL must be like https://consent.example.org, without a path" in said


@pytest.mark.parametrize(
    "url",
    [
        "",
        "consent.example.org",
        "ftp://consent.example.org",
        "https://",
        "https:///x",
        "https://consent.example.org/path",
        "https://consent.example.org?x",
        "https://consent.example.org#x",
        "https://user:pass@consent.example.org",
        'https://x"><script>',
        "https://a b",
        "http://[::1",
        "http://x:port",
        "https://x\n",
        "https://x:99999",
    ],
)
def test_a_public_address_is_a_host_and_nothing_else(url: str) -> None:
    """It is written into every site's script, so that nothing but an address may be in it."""
    with pytest.raises(ConfigurationFault, match="ASKFIRST_PUBLIC_URL must be like"):
        read_settings(file=None, public_url=url)


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("https://consent.example.org/", "https://consent.example.org"),
        ("http://127.0.0.1:8601", "http://127.0.0.1:8601"),
        ("http://[::1]:8601", "http://[::1]:8601"),
        ("http://service_1:80", "http://service_1:80"),
    ],
)
def test_a_public_address_loses_its_final_slash(url: str, read: str) -> None:
    """Whatever is joined to it begins with one."""
    assert read == read_settings(file=None, public_url=url).public_url


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "sqlite://",
        "sqlite:///:memory:",
        "mysql://x/y",
        "postgresql://x/y",
        "postgresql+psycopg://x:secret@y:port/z",
        "sqlite:///file:x?mode=memory&uri=true",
        "postgresql+asyncpg://x/y",
        "sqlite+aiosqlite:///x",
        "://",
    ],
)
def test_another_database_is_told_which_there_are(url: str) -> None:
    """The sentence shows the two forms."""
    with pytest.raises(ConfigurationFault, match=r"ASKFIRST_DATABASE_URL must be like sqlite:////"):
        read_settings(file=None, database_url=url)


def test_the_environment_comes_before_the_file(askfirst: CommandLine, tmp_path: Path) -> None:
    """A file holds what is always so, the environment what is so now."""
    (tmp_path / "askfirst.env").write_text("ASKFIRST_PORT=8700\nASKFIRST_HOST=127.0.0.2\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASKFIRST_PORT", "8701")
        settings = read_settings()

    assert (8701, "127.0.0.2", askfirst.home) == (settings.port, settings.host, settings.home)


def test_a_file_is_told_its_faults_under_its_own_names(askfirst: CommandLine, tmp_path: Path) -> None:
    """A mistyped name is no setting, and is not passed over in silence."""
    (tmp_path / "askfirst.env").write_text("ASKFIRST_PORTT=1\nOTHER=3\nASKFIRST_PORT=x\n")
    said = askfirst.refuses("site", "list")

    assert "ASKFIRST_PORTT is no setting" in said
    assert "OTHER is no setting" in said
    assert "ASKFIRST_PORT input should be a valid integer" in said


def test_a_file_that_is_no_text_is_named(askfirst: CommandLine, tmp_path: Path) -> None:
    """Also before anything in it could be read."""
    (tmp_path / "askfirst.env").write_bytes(b"\xff\xfe")

    assert "askfirst.env is not a text in UTF-8" in askfirst.refuses("site", "list")


@pytest.mark.parametrize("name", ["TRACES_URL", "S3_ENDPOINT", "OPENID_ISSUER"])
def test_a_port_that_there_is_not_is_told(askfirst: CommandLine, name: str) -> None:
    """And not when somebody is to be reached there."""
    assert f"ASKFIRST_{name} must be like http" in askfirst.refuses("serve", **{name: "https://x.example.org:65536"})


def test_to_listen_on_nothing_is_no_way_to_listen_everywhere(askfirst: CommandLine) -> None:
    """A variable that was left empty opened the service to every network."""
    assert "ASKFIRST_HOST " in askfirst.refuses("serve", HOST="")


@pytest.mark.parametrize("line", ["ASKFIRST_DATABASE_URL", "ASKFIRST_HOST: 0.0.0.0", 'ASKFIRST_HOST="0.0.0.0'])
def test_a_line_that_says_nothing_is_named(askfirst: CommandLine, tmp_path: Path, line: str) -> None:
    """Passed over, a service whose database was named in it would make another one, and go on."""
    (tmp_path / "askfirst.env").write_text(f"# where it is\nexport ASKFIRST_PORT=x\n\n{line}\n")
    said = askfirst.refuses("init", "--name", "Example", "--slug", "example")

    assert "askfirst.env can not be understood in line 4: write NAME=value, and close each quotation mark" in said
    assert "ASKFIRST_PORT input should be a valid integer" in said
    assert not askfirst.home.exists()


def test_settings_do_not_change(tmp_path: Path) -> None:
    """They are read once and frozen."""
    settings = read_settings(file=None, home=tmp_path)
    with pytest.raises(ValueError, match="frozen"):
        settings.port = 1  # type: ignore[misc]


def test_every_setting_says_what_it_is() -> None:
    """Each has a description, which the docs are made of."""
    assert [] == [name for name, field in Settings.model_fields.items() if not field.description]


def test_the_demo_is_told_of_wrong_settings_too(askfirst: CommandLine) -> None:
    """The demo has its own folder and ports, but the same settings for the rest."""
    words = ("demo", "--folder", str(askfirst.home), "--service-port", "0", "--site-port", "0")
    said = askfirst.refuses(*words, RATE_PER_MINUTE="-1")

    assert "ASKFIRST_RATE_PER_MINUTE input should be greater than or equal to 0" in said
    assert not askfirst.home.exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"trusted_proxies": "10.0.0.0/33"}, "ASKFIRST_TRUSTED_PROXIES must be networks such as"),
        ({"trusted_proxies": "10.0.0.1/8"}, "ASKFIRST_TRUSTED_PROXIES must be networks such as"),
        ({"trusted_proxies": "everybody"}, "ASKFIRST_TRUSTED_PROXIES must be networks such as"),
        ({"country_header": "CF IPCountry"}, "ASKFIRST_COUNTRY_HEADER must be the name of a header"),
        ({"country_header": "CF-IPCountry"}, "the settings name a country_header, and no trusted_proxies"),
        ({"state_header": "X-State"}, "the settings name a state_header, which says nothing without"),
    ],
    ids=str,
)
def test_whose_word_is_taken_about_places_is_said_clearly(given: dict[str, str], said: str) -> None:
    """A header that anybody could write, or one that nothing reads, is a mistake and is told."""
    with pytest.raises(ConfigurationFault, match=said):
        read_settings(file=None, **given)


def test_networks_of_proxies_may_be_addresses() -> None:
    """Separated by commas, with or without spaces."""
    read = read_settings(file=None, trusted_proxies="10.0.0.0/8,::1, 192.0.2.7", country_header="CF-IPCountry")

    assert ["10.0.0.0/8", "::1/128", "192.0.2.7/32"] == [str(one) for one in read.proxies]


def test_a_mistyped_setting_in_the_environment_is_named(askfirst: CommandLine) -> None:
    """It would do nothing, and nobody would notice."""
    said = askfirst.refuses("serve", PUBLIC_ULR="https://consent.example.org", RATE_PER_MINUTES="1")

    assert "ASKFIRST_PUBLIC_ULR is no setting; ASKFIRST_PUBLIC_URL is" in said
    assert "ASKFIRST_RATE_PER_MINUTES is no setting; ASKFIRST_RATE_PER_MINUTE is" in said


def test_what_is_mistyped_wrong_and_does_not_go_together_is_named_at_once(askfirst: CommandLine) -> None:
    """Each of them hid the next one."""
    both = askfirst.refuses("serve", PROT="1", WORKERS="0")
    odd = askfirst.refuses("serve", PROT="1", WORKERS="2", S3_KEY_ID="x", STATE_HEADER="X-State", LOCAL_SIGN_IN="no")

    assert "ASKFIRST_PROT is no setting; ASKFIRST_PORT is" in both
    assert "ASKFIRST_WORKERS input should be greater than or equal to 1" in both
    assert "ASKFIRST_PROT is no setting" in odd
    assert "the settings need both of ASKFIRST_S3_KEY_ID" in odd
    assert "; the settings name several workers" in odd
    assert "; the settings name a state_header" in odd
    assert "; the settings allow no passwords" in odd


def test_a_password_comes_from_a_file(tmp_path: Path) -> None:
    """The URL need not hold it; a file that is not there is named."""
    file = tmp_path / "password"
    url = "postgresql+psycopg://askfirst@db.example.org/askfirst"
    settings = read_settings(file=None, database_url=url, database_password_file=file)
    with pytest.raises(ConfigurationFault, match="ASKFIRST_DATABASE_PASSWORD_FILE can not be read"):
        _ = settings.database
    file.write_text("p@ss/word\n")

    assert "postgresql+psycopg://askfirst:p%40ss%2Fword@db.example.org/askfirst" == settings.database


@pytest.mark.parametrize(
    ("held", "said"),
    [(b"", "which is empty"), (b" \n", "which is empty"), (b"\xff\x00", "which is not a text in UTF-8")],
)
def test_a_file_that_holds_no_secret_is_named(askfirst: CommandLine, tmp_path: Path, held: bytes, said: str) -> None:
    """Be it the password's, the bucket's or the identity provider's: what is asked with it says something else."""
    file = tmp_path / "secret"
    file.write_bytes(held)
    wanted = f"names {file}, {said}"
    database = {"DATABASE_URL": "postgresql+psycopg://x@127.0.0.1:1/x", "DATABASE_PASSWORD_FILE": str(file)}
    bucket = read_settings(file=None, s3_key_id="AKIA", s3_secret_file=file)
    issuer = read_settings(
        file=None,
        openid_issuer="https://login.example.org",
        openid_client_id="askfirst",
        openid_secret_file=file,
        openid_roles="staff=owner",
    )

    assert f"ASKFIRST_DATABASE_PASSWORD_FILE {wanted}" in askfirst.refuses("site", "list", **database)
    with pytest.raises(ConfigurationFault, match=f"ASKFIRST_S3_SECRET_FILE {wanted}"):
        bucket_access(bucket, "s3://consents/askfirst")
    with pytest.raises(ConfigurationFault, match=f"ASKFIRST_OPENID_SECRET_FILE {wanted}"):
        open_id(issuer)


def test_several_workers_need_postgresql() -> None:
    """SQLite is written by one process."""
    with pytest.raises(ConfigurationFault, match="SQLite has one"):
        read_settings(file=None, workers=2)
