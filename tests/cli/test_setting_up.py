"""`askfirst init`, `site`, `policy`, `key` and `token`: the way to a site, and a sentence for each wrong turn."""

import json
import re
import stat
from pathlib import Path
from typing import Any

import pytest

from askfirst.usecases.directory import index
from askfirst.usecases.sessions import secret_hash
from support.command_line import CommandLine
from support.places import Home, members
from support.table_rows import row_counts


@pytest.fixture
def site_file(tmp_path: Path) -> Path:
    """Give a site file that can be published."""
    path = tmp_path / "site.json"
    path.write_text(json.dumps(members()))
    return path


def test_an_operator_comes_from_nothing_to_an_embed_line(askfirst: CommandLine, site_file: Path) -> None:
    """init, site add, policy publish, site embed; each says what comes next, and the lists show it."""
    lines = [
        askfirst.does("init", "--name", "Example Ltd", "--slug", "example", PUBLIC_URL="https://consent.example.net"),
        askfirst.does("site", "add", "demo0001", "--name", "Demo", "--origin", "https://www.example.org"),
        askfirst.does("policy", "publish", "demo0001", str(site_file), "--reason", "The first one."),
        askfirst.does("site", "embed", "demo0001", PUBLIC_URL="https://consent.example.net"),
    ]

    assert "Example Ltd has its log consent.example.net/log/example. Next: askfirst site add" in lines[0]
    assert "Demo is site demo0001. Next: askfirst policy publish demo0001\n" == lines[1]
    published, pictures = lines[2].splitlines()
    assert re.fullmatch(r"Policy 1 of demo0001 is published, revision 1, digest [0-9a-f]{64}\.", published)
    assert pictures.endswith("Take them later with: askfirst policy render demo0001")
    assert '<script async src="https://consent.example.net/s/demo0001.js"></script>\n' == lines[3]
    listed = [line.split("\t") for line in askfirst.does("site", "list").splitlines()]
    assert ["site", "name", "origins", "policy", "since"] == listed[0]
    assert ["demo0001", "Demo", "https://www.example.org", "1"] == listed[1][:4]


def test_a_server_without_a_way_out_is_given_a_descriptor(furnished_askfirst: CommandLine) -> None:
    """One line, signed, for as long as the operator says; the SDK reads receipts by it."""
    from askfirst_sdk import Askfirst

    printed = furnished_askfirst.does("site", "descriptor", "demo0001", "--days", "100")
    askfirst = Askfirst(site="demo0001", descriptor=printed)

    assert askfirst.descriptor is not None
    assert 100 * 86_400 == askfirst.descriptor.expires_at - askfirst.descriptor.issued_at
    assert "no_receipt" == askfirst.read("").reason
    assert "No site has the key" in furnished_askfirst.refuses("site", "descriptor", "nobody01")


def test_the_home_is_its_owners_alone(askfirst: CommandLine) -> None:
    """Database and keys are in folders that nobody else can enter."""
    askfirst.does("init", "--name", "Example", "--slug", "example")
    modes = {name: stat.S_IMODE((askfirst.home / name).stat().st_mode) for name in ("data", "keys")}

    assert {"data": 0o700, "keys": 0o700} == modes


def test_a_policy_is_published_once_and_shown(furnished_askfirst: CommandLine, tmp_path: Path) -> None:
    """The same again changes nothing; another one is number 2; a new revision is asked for."""
    askfirst = furnished_askfirst
    path = tmp_path / "site.json"

    def publish(*more: str, **changes: Any) -> str:
        path.write_text(json.dumps(members(**changes)))
        return askfirst.does("policy", "publish", "demo0001", str(path), "--reason", "A reason.", *more)

    again = publish()
    other = publish(lifetime_days=90)
    asked = publish("--ask-again", lifetime_days=90)

    assert "Policy 1 says the same already; nothing was published.\n" == again
    assert other.startswith("Policy 2 of demo0001 is published, revision 1, digest ")
    assert asked.startswith("Policy 3 of demo0001 is published, revision 2, digest ")
    rows = [line.split("\t") for line in askfirst.does("policy", "list", "demo0001").splitlines()]
    assert [["number", "revision"], ["1", "1"], ["2", "1"], ["3", "2"]] == [row[:2] for row in rows]
    shown = [json.loads(askfirst.does("policy", "show", "demo0001", *number)) for number in ((), ("1",))]
    assert [(3, 90), (1, 182)] == [(one["number"], one["lifetime_days"]) for one in shown]


def test_keys_are_listed_and_rotated(furnished_askfirst: CommandLine, home: Home) -> None:
    """A rotation at once says the new public key, retires the old one, and keeps both private halves."""
    said = furnished_askfirst.does("key", "rotate", "receipt", "--at-once", "--organisation", "example")
    new = said.removeprefix("New receipt key: ").strip()
    rows = [line.split("\t") for line in furnished_askfirst.does("key", "list").splitlines()]
    ours = [(row[0], row[1]) for row in rows if "log/example" in row[3]]

    assert [("checkpoint", "active"), ("receipt", "active"), ("receipt", "retired")] == sorted(ours)
    assert new in [row[3] for row in rows]
    assert "PRIVATE" not in said
    assert 5 == len(list(home.settings.keys_folder.glob("*.key")))


def test_a_key_is_announced_before_it_signs(furnished_askfirst: CommandLine) -> None:
    """Both are published, and the command says when the new one takes over."""
    said = furnished_askfirst.does("key", "rotate", "receipt", "--organisation", "example", KEY_WAIT_MINUTES="90")
    rows = [line.split("\t") for line in furnished_askfirst.does("key", "list").splitlines()]
    ours = [(row[0], row[1]) for row in rows if "log/example" in row[3]]

    assert [("checkpoint", "active"), ("receipt", "active"), ("receipt", "announced")] == sorted(ours)
    assert "It signs in 90 minutes by itself" in said


def test_a_key_is_revoked_by_its_id(furnished_askfirst: CommandLine) -> None:
    """One that signs has its successor at once; an id that is none, or a second time, is refused in a sentence."""
    rows = [line.split("\t") for line in furnished_askfirst.does("key", "list").splitlines()]
    ours = next(row[3] for row in rows if row[0] == "receipt" and "log/example/" in row[3])
    words = ("key", "revoke", ours.split("+")[1], "--organisation", "example", "--reason")
    said = furnished_askfirst.does(*words, "A laptop with a copy was stolen.")
    after = {line.split("\t")[3]: line.split("\t")[1] for line in furnished_askfirst.does("key", "list").splitlines()}
    again = furnished_askfirst.refuses(*words, "Again.")

    assert "New receipt key: " in said
    assert "revoked" == after[ours]
    assert "that is not revoked yet" in again
    assert "can not be the reason" in furnished_askfirst.refuses(*words[:2], "00000000", *words[3:], " ")


def test_a_token_is_printed_once(furnished_askfirst: CommandLine, home: Home) -> None:
    """Only the token is printed, and it opens the door for as long as was said."""
    words = ("token", "issue", "a program", "--organisation", "example", "--site", "demo0001", "--days", "1")
    secret = furnished_askfirst.does(*words).strip()

    assert re.fullmatch(r"askfirst_[0-9a-f]{64}", secret)
    token = home.place.staff.token(secret_hash(secret))
    assert token is not None
    assert (("demo0001",), "auditor", 86_400_000) == (token.sites, token.role, token.expires_at - token.created_at)


_NEW_SITE = ("site", "add", "new00001", "--name", "X", "--organisation", "other")
REFUSED: dict[str, tuple[tuple[str, ...], str]] = {
    "slug with spaces": (("init", "--name", "X", "--slug", "a b"), "“a b” can not be the slug: it must be 1 to 64 of"),
    "slug in upper case": (("init", "--name", "X", "--slug", "Ab"), "“Ab” can not be the slug"),
    "slug taken": (("init", "--name", "X", "--slug", "other"), "The organisation “other” is in use already."),
    "log origin taken": (
        ("init", "--name", "X", "--slug", "x", "--origin", "consent.example.net/log/other"),
        "The log origin “consent.example.net/log/other” is in use already.",
    ),
    "log origin with a space": (("init", "--name", "X", "--slug", "x", "--origin", "a b"), "can not be the origin"),
    "log origin with a plus": (("init", "--name", "X", "--slug", "x", "--origin", "a+b"), "can not be the origin"),
    "no name": (("init", "--name", "", "--slug", "x"), "“” can not be the name: it must be 1 to 200 printable"),
    "name of spaces": (("init", "--name", "  ", "--slug", "x"), "can not be the name"),
    "name of two lines": (("init", "--name", "a\nb", "--slug", "x"), "“a\\nb” can not be the name"),
    "name without end": (("init", "--name", "x" * 201, "--slug", "x"), "can not be the name"),
    "name that is no text": (("init", "--name", "\udcff", "--slug", "x"), "An argument is not text in UTF-8."),
    "site key too short": (
        ("site", "add", "abc", "--name", "X", "--origin", "https://x.example", "--organisation", "other"),
        "“abc” can not be the site key: it must be 4 to 32 of a-z and 0-9.",
    ),
    "site key taken": (
        ("site", "add", "demo0001", "--name", "X", "--origin", "https://x.example", "--organisation", "other"),
        "The site key “demo0001” is in use already.",
    ),
    "origin with a path": (
        ("site", "add", "new00001", "--name", "X", "--origin", "https://x.example/", "--organisation", "other"),
        "“https://x.example/” can not be the origin: it must be like https://www.example.org",
    ),
    "origin with its default port": (
        ("site", "add", "new00001", "--name", "X", "--origin", "https://x.example:443", "--organisation", "other"),
        "can not be the origin",
    ),
    "origin in upper case": (
        ("site", "add", "new00001", "--name", "X", "--origin", "https://X.example", "--organisation", "other"),
        "can not be the origin",
    ),
    "origin with a user": (
        ("site", "add", "new00001", "--name", "X", "--origin", "https://u@x.example", "--organisation", "other"),
        "can not be the origin",
    ),
    "origin over plain http": (
        ("site", "add", "new00001", "--name", "X", "--origin", "http://x.example", "--organisation", "other"),
        "https, since a page over plain http can be changed on its way",
    ),
    "origin twice": (
        (*_NEW_SITE, "--origin", "https://x.example", "--origin", "https://x.example"),
        "can not be the origins: it must be at least one, each named once.",
    ),
    "which organisation": (
        ("site", "add", "new00001", "--name", "X", "--origin", "https://x.example"),
        "--organisation must name one of: example, other.",
    ),
    "no such organisation": (
        ("key", "rotate", "receipt", "--organisation", "nobody"),
        "--organisation must name one of: example, other.",
    ),
    "policy of no site": (
        ("policy", "publish", "nobody01", "{file}", "--reason", "r"),
        "No site has the key “nobody01”.",
    ),
    "no reason": (("policy", "publish", "demo0001", "{file}", "--reason", " "), "“ ” can not be the reason"),
    "no site file": (
        ("policy", "publish", "demo0001", "/nothing/here.json", "--reason", "r"),
        "/nothing/here.json can not be read: No such file or directory.",
    ),
    "a folder as site file": (("policy", "publish", "demo0001", "/", "--reason", "r"), "/ can not be read: Is a dir"),
    "list of no site": (("policy", "list", "nobody01"), "No site has the key “nobody01”."),
    "show of no site": (("policy", "show", "nobody01"), "No site has the key “nobody01”."),
    "no such policy": (("policy", "show", "demo0001", "9"), "This site has no such policy."),
    "embed of no site": (("site", "embed", "nobody01"), "No site has the key “nobody01”."),
    "token for no site": (
        ("token", "issue", "x", "--organisation", "example", "--site", "nobody01"),
        "sites has a key that is none of this organisation's sites: nobody01.",
    ),
    "token for another's site": (
        ("token", "issue", "x", "--organisation", "example", "--site", "other0001"),
        "sites has a key that is none of this organisation's sites: other0001.",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_wrong_turn_is_one_sentence_and_changes_nothing(
    furnished_askfirst: CommandLine, home: Home, site_file: Path, case: str
) -> None:
    """Exit code 1, one line that names the thing and its form, and not a row more."""
    words, expected = REFUSED[case]
    before = row_counts(home.place.engine)
    keys = sorted(home.settings.keys_folder.iterdir())
    said = furnished_askfirst.refuses(*(word.replace("{file}", str(site_file)) for word in words))

    assert expected in said
    assert before == row_counts(home.place.engine)
    assert keys == sorted(home.settings.keys_folder.iterdir())


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "site.json:1:1 it has no members"),
        (b"\xff", "site.json:1:1 byte 1 is not UTF-8"),
        (b'{"layout":{},"layout":{}}', "site.json:1:14 the member “layout” is there twice"),
        (b"[]", "site.json:1:1 it has no members"),
        (b"{}", "site.json:1:1 controller is missing"),
        (b" " * (2 * 1024 * 1024 + 1), "is longer than 2097152 bytes"),
    ],
)
def test_a_site_file_that_is_none_is_told(
    furnished_askfirst: CommandLine, site_file: Path, content: bytes, expected: str
) -> None:
    """A broken file is named with what is wrong in it."""
    site_file.write_bytes(content)
    said = furnished_askfirst.refuses("policy", "publish", "demo0001", str(site_file), "--reason", "r")

    assert said.startswith("The policy is not of the form that is asked for: ")
    assert expected in said


def test_a_site_file_is_told_every_fault_at_once(furnished_askfirst: CommandLine, site_file: Path) -> None:
    """One run shows all that is to be mended."""
    site_file.write_text(json.dumps(members(lifetime_days=0, layout={"first_layer": "wall"}, surplus=1)))
    said = furnished_askfirst.refuses("policy", "publish", "demo0001", str(site_file), "--reason", "r")

    assert [True] * 3 == [member in said for member in ("lifetime_days", "layout.first_layer", "surplus")]


@pytest.mark.parametrize(
    "words",
    [("nonsense",), ("site", "add"), ("key", "rotate", "other"), ("token", "issue", "x", "--days", "0"), ("init",)],
)
def test_a_wrong_word_is_exit_code_2_with_the_usage(askfirst: CommandLine, words: tuple[str, ...]) -> None:
    """What the parser itself refuses names the command's help, and makes no folder."""
    said = askfirst(*words)

    assert 2 == said.code
    assert "Usage: askfirst" in said.err
    assert not askfirst.home.exists()


@pytest.mark.parametrize(
    "words", [("site", "list"), ("serve",), ("ledger", "verify"), ("audit", "list"), ("key", "list")]
)
def test_without_a_home_each_command_says_how_to_make_one(askfirst: CommandLine, words: tuple[str, ...]) -> None:
    """Nothing is made by a command that only looks."""
    expected = f"The configuration can not be used: {askfirst.home} does not exist; make it with: askfirst init."
    assert expected == askfirst.refuses(*words)
    assert not askfirst.home.exists()


def test_a_home_without_an_organisation_says_how_to_make_one(askfirst: CommandLine) -> None:
    """A migrated database with nothing in it is told from a missing one."""
    askfirst.does("migrate")

    expected = "--organisation must name one of: none yet; make one with: askfirst init."
    assert [True, True] == [expected in askfirst.refuses(*words) for words in (("audit", "list"), ("ledger", "verify"))]


def test_a_database_of_nothing_is_told(askfirst: CommandLine) -> None:
    """An empty file has no schema, and the sentence says which command makes it."""
    (askfirst.home / "data").mkdir(parents=True)
    (askfirst.home / "data" / "askfirst.sqlite").touch()

    assert "has no schema yet, and this version needs" in askfirst.refuses("site", "list")
    assert "run: askfirst migrate" in askfirst.refuses("serve")


def test_garbage_in_the_place_of_the_database_is_told_and_left(askfirst: CommandLine) -> None:
    """A file that is no database is not touched by any command."""
    database = askfirst.home / "data" / "askfirst.sqlite"
    database.parent.mkdir(parents=True)
    database.write_bytes(b"garbage" * 5000)
    for words in (("site", "list"), ("serve",), ("migrate",), ("init", "--name", "X", "--slug", "x")):
        assert "file is not a database. It was left as it is." in askfirst.refuses(*words)
    assert b"garbage" * 5000 == database.read_bytes()


def test_a_database_that_is_away_is_told_with_the_remedy(askfirst: CommandLine, tmp_path: Path) -> None:
    """Every command ends with one sentence."""
    url = f"postgresql+psycopg://postgres@/askfirst?host={tmp_path}"
    for words in (("site", "list"), ("serve",), ("migrate",), ("init", "--name", "X", "--slug", "x")):
        said = askfirst.refuses(*words, DATABASE_URL=url)
        assert said.startswith("The database can not be used: connection is bad")
        assert said.endswith("See whether it runs and whether ASKFIRST_DATABASE_URL names it, and try again.")


@pytest.mark.parametrize(
    ("pragma", "expected"),
    [
        ("max_page_count=1", "is full. It was left as it is. Make room on its disk and try again."),
        ("query_only=ON", "Let this user write to its folder, or name the primary, and try again."),
    ],
    ids=["the disk is full", "the file system is read-only"],
)
def test_a_database_that_can_not_be_written_is_told_with_the_remedy(
    furnished_askfirst: CommandLine, home: Home, monkeypatch: pytest.MonkeyPatch, pragma: str, expected: str
) -> None:
    """One sentence, and the site is not half made."""
    from askfirst.storage import engine

    before = row_counts(home.place.engine)
    settings = engine.sqlite_settings

    def troubled(connection: Any) -> None:
        settings(connection)
        connection.execute(f"PRAGMA {pragma}").close()

    monkeypatch.setattr(engine, "sqlite_settings", troubled)
    # So many that a page of the database does not hold them.
    origins = (f"--origin=https://{number}.example.org" for number in range(200))
    assert expected in furnished_askfirst.refuses(
        "site", "add", "new00001", "--name", "X", "--organisation", "example", *origins
    )
    assert before == row_counts(home.place.engine)


def test_a_second_service_on_one_home_is_refused(furnished_askfirst: CommandLine, home: Home) -> None:
    """One process at a time works on an SQLite file; looking beside it is allowed."""
    from askfirst.folder_lock import folder_lock

    with folder_lock(home.settings):
        said = furnished_askfirst.refuses("serve")
        furnished_askfirst.does("site", "list")

    assert "is in use by another Askfirst process; stop that one first" in said


def test_a_service_without_its_keys_does_not_start(furnished_askfirst: CommandLine, home: Home) -> None:
    """The sentence names the keys that are missing and both remedies."""
    for path in home.settings.keys_folder.glob("*.key"):
        path.unlink()
    said = furnished_askfirst.refuses("serve", PORT="0")

    assert "No receipt key can sign: the keys folder lacks the private half of consent.example.net/log/" in said
    assert "restore it from a backup, or make a new one with: askfirst key rotate receipt --at-once" in said


def test_a_key_that_others_can_read_stops_everything(furnished_askfirst: CommandLine, home: Home) -> None:
    """Also for commands that would not need it."""
    home.settings.keys_folder.chmod(0o755)

    assert f"run: chmod 700 {home.settings.keys_folder}" in furnished_askfirst.refuses("site", "list")


def test_the_policies_that_are_served_are_those_that_were_published(
    furnished_askfirst: CommandLine, home: Home
) -> None:
    """`policy show` prints what the digest names."""
    from askfirst.core.policy import parse_policy, policy_digest

    current = index(home.place.catalogue.snapshot()).sites["demo0001"].current
    assert current is not None
    shown = furnished_askfirst.does("policy", "show", "demo0001")

    assert json.loads(current.published.canonical) == json.loads(shown)
    assert current.digest == policy_digest(parse_policy(current.published.canonical))


def test_the_embed_line_comes_in_every_form(askfirst: CommandLine, site_file: Path) -> None:
    """In a language, pinned by digests, and after the inline stub; what there is not is named."""
    url = "https://consent.example.net"
    askfirst.does("init", "--name", "Example Ltd", "--slug", "example", PUBLIC_URL=url)
    askfirst.does("site", "add", "demo0001", "--name", "Demo", "--origin", "https://www.example.org")
    nothing = askfirst.refuses("site", "embed", "demo0001", "--pinned")
    askfirst.does("policy", "publish", "demo0001", str(site_file), "--reason", "The first one.")

    spoken = askfirst.does("site", "embed", "demo0001", "--language", "de", PUBLIC_URL=url)
    stub, pinned = askfirst.does("site", "embed", "demo0001", "--pinned", "--stub", PUBLIC_URL=url).splitlines()

    assert "Nothing is published for demo0001 yet" in nothing
    assert f'<script async src="{url}/s/demo0001/de.js"></script>\n' == spoken
    assert "defineProperty" in stub
    code = r'"sha384-[A-Za-z0-9+/]{64}" crossorigin="anonymous"'
    policy = rf'"{url}/c/demo0001/[0-9a-f]{{64}}/\1/en\.json" data-check="sha256-[A-Za-z0-9+/]{{43}}="'
    assert re.fullmatch(
        rf'<script async src="{url}/b/([0-9a-f]{{64}})\.js" integrity={code} data-config={policy}></script>', pinned
    )
    assert "tlh" in askfirst.refuses("site", "embed", "demo0001", "--language", "tlh")
