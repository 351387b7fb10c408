"""`askfirst staff` and `askfirst token`: accounts and keys to doors, from the service's own machine."""

import re

import pytest

from askfirst.core.kinds import EntryKind
from askfirst.usecases.sign_in import SignInDesk
from support.command_line import CommandLine
from support.places import Home
from support.staff import entries, member
from support.table_rows import row_counts

EXAMPLE = ("--organisation", "example")


def add(askfirst: CommandLine, login: str = "ann@example.org", *more: str) -> str:
    return askfirst.does("staff", "add", login, "--name", "Ann Example", *EXAMPLE, *more)


def test_a_printed_link_lets_the_new_member_in(furnished_askfirst: CommandLine, home: Home) -> None:
    """The address is whole, and its secret works."""
    said = add(furnished_askfirst, "ann@example.org", "--role", "owner")
    link = re.search(r"(https?://\S+)/console/link/([0-9a-f]{64})\n", said)
    desk = SignInDesk(
        home.place.staff,
        None,
        home.settings.session_rule,
        clock=home.place.by.clock,
        random=home.random,  # type: ignore[arg-type]
    )

    assert link is not None
    assert "Ann Example is let in once by this link, until 2026-" in said
    invited = desk.invited(link[2])
    assert invited is not None
    assert ("ann@example.org", "owner", None) == (invited.login, invited.role, invited.sites)


def test_the_list_says_who_may_do_what(furnished_askfirst: CommandLine, home: Home) -> None:
    """Role, sites and state of everybody in the organisation, and of nobody else."""
    add(furnished_askfirst, "ann@example.org", "--role", "owner")
    add(furnished_askfirst, "bob@example.org", "--site", "demo0001", "--site", "shop0001")
    member(home, "eve@example.org", slug="other")
    furnished_askfirst.does("staff", "disable", "BOB@example.org", "--reason", "Left us.", *EXAMPLE)
    rows = [line.split("\t") for line in furnished_askfirst.does("staff", "list", *EXAMPLE).splitlines()]

    assert [
        ["ann@example.org", "Ann Example", "owner", "all sites", "may sign in"],
        ["bob@example.org", "Ann Example", "auditor", "demo0001, shop0001", "disabled"],
    ] == [row[:5] for row in rows[1:]]
    assert "Left us." == entries(home, EntryKind.STAFF_DISABLED)[-1]["reason"]


def test_an_account_is_changed_disabled_and_enabled(furnished_askfirst: CommandLine, home: Home) -> None:
    """Each command says what holds now."""
    add(furnished_askfirst, "ann@example.org", "--role", "owner")
    add(furnished_askfirst, "bob@example.org")
    said = [
        furnished_askfirst.does("staff", *words, *EXAMPLE)
        for words in (
            ("change", "bob@example.org", "--role", "editor", "--site", "demo0001"),
            ("change", "bob@example.org", "--role", "editor"),
            ("disable", "bob@example.org"),
            ("enable", "bob@example.org"),
        )
    ]

    assert [
        "Ann Example is editor for demo0001.\n",
        "Ann Example is editor for all sites.\n",
        "Ann Example can not sign in any more.\n",
        "Ann Example may sign in again.\n",
    ] == said
    assert "/console/link/" in furnished_askfirst.does("staff", "link", "bob@example.org", *EXAMPLE)


REFUSED: dict[str, tuple[tuple[str, ...], str]] = {
    "a name that is taken": (("add", "ann@example.org", "--name", "x"), "login is taken"),
    "no name": (("add", "bob@example.org", "--name", " "), "name must have 1 to 200 printable characters"),
    "another's site": (
        ("add", "bob@example.org", "--name", "x", "--site", "other0001"),
        "sites has a key that is none of this organisation's sites: other0001",
    ),
    "the last owner": (("disable", "ann@example.org"), "account is the last owner of the whole organisation"),
    "the last owner's role": (("change", "ann@example.org", "--role", "editor"), "account is the last owner"),
    "nobody": (("link", "zoe@example.org"), "login is nobody's; see: askfirst staff list"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_can_not_be_is_one_sentence_and_changes_nothing(
    furnished_askfirst: CommandLine, home: Home, name: str
) -> None:
    """Exit code 1, the reason, and the database as it was."""
    words, expected = REFUSED[name]
    add(furnished_askfirst, "ann@example.org", "--role", "owner")
    before = row_counts(home.place.engine)
    ended = furnished_askfirst("staff", *words, *EXAMPLE)

    assert (1, "") == (ended.code, ended.out)
    assert expected in ended.err
    assert "Traceback" not in ended.err
    assert before == row_counts(home.place.engine)


def test_tokens_are_listed_without_their_texts_and_revoked_by_id(furnished_askfirst: CommandLine, home: Home) -> None:
    """What is lost can be ended."""
    secret = furnished_askfirst.does("token", "issue", "a program", *EXAMPLE).strip()
    listed = furnished_askfirst.does("token", "list", *EXAMPLE)
    token_id = listed.splitlines()[1].split("\t")[0]
    ended = furnished_askfirst.does("token", "revoke", token_id, "--reason", "Lost.", *EXAMPLE)
    again = furnished_askfirst("token", "revoke", "01a20aef-e208-7929-b951-6e85f1df37f6", *EXAMPLE)

    assert secret not in listed
    assert "a program\tauditor\tall sites" in listed
    assert "The token opens nothing any more.\n" == ended
    assert "revoked 2026-" in furnished_askfirst.does("token", "list", *EXAMPLE)
    assert "Lost." == entries(home, EntryKind.TOKEN_REVOKED)[-1]["reason"]
    assert (1, "This organisation has no token with this id.\n") == (again.code, again.err)
