"""`askfirst site init` writes a site file that can be published; `policy check` and `policy schema` help to edit it."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from askfirst import known_services
from askfirst.site_file import read_site_file
from support.command_line import CommandLine

NEEDED = {
    "--controller": 'Example: "Ltd" # & Söhne',
    "--address": "1 Example Street, Example",
    "--contact": "privacy@example.org",
    "--privacy-policy": "https://www.example.org/privacy",
}


def given(**changes: str) -> list[str]:
    options = NEEDED | {f"--{name.replace('_', '-')}": value for name, value in changes.items()}
    return [part for name, value in options.items() if value for part in (name, value)]


def test_the_written_file_is_published_as_it_is(furnished_askfirst: CommandLine, tmp_path: Path) -> None:
    """With services, regions and two languages; what anybody wrote stays a text, whatever is in it."""
    file = tmp_path / "site.yaml"
    more = ["--language", "en", "--language", "nb", "--service", "matomo", "--service", "youtube", "--region", "us"]
    furnished_askfirst.does("site", "init", str(file), *given(country="IE"), *more)
    draft = read_site_file(file.read_bytes()).draft

    assert draft is not None
    assert (NEEDED["--controller"], ("en", "nb")) == (draft.controller.name, draft.languages)
    assert ("measurement", "embeds") == draft.optional_purposes
    assert "is published" in furnished_askfirst.does(
        "policy", "publish", "demo0001", str(file), "--reason", "The first."
    )


@pytest.mark.parametrize("service", [one.id for one in known_services.all_services()])
def test_a_file_with_any_known_service_passes_the_check(askfirst: CommandLine, tmp_path: Path, service: str) -> None:
    """No error and no warning but what only the operator can know."""
    file = tmp_path / "site.yaml"
    askfirst.does("site", "init", str(file), *given(country="DE", language="en", service=service))
    told = json.loads(askfirst.does("policy", "check", str(file), "--format", "json"))

    expected = {"ASK-6.items", "SG-10.certified"}  # nothing is known to last, or advertising that needs certification
    assert set() == {one["rule"] for one in told["findings"] if one["severity"] != "note"} - expected


def test_what_is_missing_is_told_at_once_where_nobody_can_be_asked(askfirst: CommandLine, tmp_path: Path) -> None:
    """A script gets one answer with everything that is needed, and no file."""
    file = tmp_path / "site.yaml"
    said = askfirst.refuses("site", "init", str(file), *given(address="", privacy_policy=""))

    assert "--address is needed where nobody can be asked; --privacy-policy is needed" in said
    assert not file.exists()


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--language", "english", "languages.0 is no language such as"),
        ("--language", "en]\npage_path: true #", "languages.0 is longer than 11 characters"),
        ("--language", "ja", "has no text in ja"),
        ("--service", "matomoo", "--service matomoo is not in the catalogue"),
        ("--region", "eu-omnibus", "--region eu-omnibus is no region preset"),
        ("--transfer", "US=trust", "--transfer US must be like US=adequacy"),
        ("--country", "Ireland", "controller.country must be a country in two capital letters"),
        ("--contact", "a\nb", "controller.contact may not contain the character U+000A"),
        ("--purpose", "video", "“video” is no common purpose"),
    ],
)
def test_a_wrong_answer_writes_nothing(
    askfirst: CommandLine, tmp_path: Path, option: str, value: str, said: str
) -> None:
    """It is told, and there is no half-right file."""
    file = tmp_path / "site.yaml"

    assert said in askfirst.refuses("site", "init", str(file), *given(), option, value)
    assert not file.exists()


def test_a_file_that_is_there_stays(askfirst: CommandLine, tmp_path: Path) -> None:
    """Unless somebody says so."""
    file = tmp_path / "site.yaml"
    file.write_text("mine")

    assert "is there already" in askfirst.refuses("site", "init", str(file), *given())
    assert "mine" == file.read_text()
    askfirst.does("site", "init", str(file), *given(), "--force")
    assert read_site_file(file.read_bytes()).draft is not None


def test_the_check_says_file_line_and_column(askfirst: CommandLine, tmp_path: Path) -> None:
    """In the form that editors and terminals make links of."""
    file = tmp_path / "site.yaml"
    askfirst.does("site", "init", str(file), *given())
    file.write_text(file.read_text().replace("lifetime_days: 182", "lifetime_days: 30\ntheme: {quiet: '#ccc'}"))
    line = 1 + file.read_text().splitlines().index("lifetime_days: 30")
    ended = askfirst("policy", "check", str(file))
    said = ended.out

    assert 2 == ended.code
    assert f"site.yaml:{line + 1}:9: error AC-1.text: theme.quiet: quieter text is #ccc on #ffffff" in said
    assert f"site.yaml:{line}:1: warning ASK-9.short: lifetime_days: after 30 days" in said


def test_the_schema_is_printed_with_the_address_of_the_service(askfirst: CommandLine) -> None:
    """The id under which a running service has it."""
    schema = json.loads(askfirst.does("policy", "schema", PUBLIC_URL="https://consent.example.org"))

    Draft202012Validator.check_schema(schema)
    assert "https://consent.example.org/schema/site-file/1" == schema["$id"]
