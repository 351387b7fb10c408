"""Staff: who may be what, that somebody is always left who may change it, and an entry for each change."""

from uuid import UUID

import pytest

from askfirst.core.errors import InvalidAccount, NotFound, Unauthorized
from askfirst.core.kinds import EntryKind
from askfirst.usecases.ports import StaffRoom
from askfirst.usecases.sessions import begin_session, read_session, secret_hash
from askfirst.usecases.staff import (
    LINK_LIFETIME_MS,
    add_member,
    change_member,
    disable_member,
    enable_member,
    invite_again,
)
from support.places import Home
from support.staff import entries, fields, member
from support.table_rows import more_rows, row_counts, whole_content

pytestmark = pytest.mark.each_database


def room(home: Home) -> StaffRoom:
    return home.place.staff


def test_a_new_member_has_a_link_that_the_database_can_not_give_away(home: Home) -> None:
    """The secret is shown once; the database keeps its hash, and the ledger neither."""
    invitation = add_member(
        room(home), 1, login=" Ann@Example.ORG ", name=" Ann ", role="auditor", sites=("demo0001",), by=home.place.by
    )
    found = room(home).link(secret_hash(invitation.secret))
    raw = whole_content(home.place.engine)

    assert found is not None
    link, who = found
    assert ("ann@example.org", "Ann", "auditor", ("demo0001",), None) == (
        who.login,
        who.name,
        who.role,
        who.sites,
        who.password_hash,
    )
    assert home.clock() + LINK_LIFETIME_MS == link.expires_at == invitation.expires_at
    assert f"https://x.example/console/link/{invitation.secret}" == invitation.address("https://x.example")
    assert "ann@example.org" in raw
    assert invitation.secret not in raw
    last = entries(home, EntryKind.STAFF_CREATED)[-1]
    assert (str(UUID(bytes=who.staff_id)), "auditor", ["demo0001"]) == (last["account"], last["role"], last["sites"])
    assert "ann" not in str(last).lower().replace(last["by"], "")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"login": "a"}, ["login"]),
        ({"login": "ann smith@example.org"}, ["login"]),
        ({"login": "ünn@example.org"}, ["login"]),
        ({"login": "a" * 255}, ["login"]),
        ({"login": "TAKEN@example.org"}, ["login"]),
        ({"name": "  "}, ["name"]),
        ({"name": "a\nb"}, ["name"]),
        ({"name": "a" * 201}, ["name"]),
        ({"role": "admin"}, ["role"]),
        ({"sites": ()}, ["sites"]),
        ({"sites": ("demo0001", "demo0001")}, ["sites"]),
        ({"sites": ("other0001",)}, ["sites"]),
        ({"sites": ("nobody01",), "role": "", "login": "", "name": ""}, ["role", "sites", "login", "name"]),
    ],
)
def test_an_account_that_can_not_be_is_refused_with_everything_that_is_wrong(
    home: Home, changes: dict[str, object], expected: list[str]
) -> None:
    """Nothing is stored, and every fault is named at once."""
    member(home, "taken@example.org", slug="other")
    before = row_counts(home.place.engine)
    given = {"login": "ann@example.org", "name": "Ann", "role": "auditor", "sites": None, **changes}
    with pytest.raises(InvalidAccount) as refused:
        add_member(room(home), 1, by=home.place.by, **given)  # type: ignore[arg-type]

    assert expected == [name for name, _said in refused.value.errors]
    assert {} == more_rows(before, row_counts(home.place.engine))


def test_the_sites_of_another_organisation_are_refused_like_those_that_do_not_exist(home: Home) -> None:
    """Nobody learns from a refusal which sites others have."""
    said = []
    for key in ("other0001", "nobody001"):
        with pytest.raises(InvalidAccount) as refused:
            add_member(room(home), 1, login="ann", name="Ann", role="auditor", sites=(key,), by=home.place.by)
        said.append(str(refused.value).replace(key, "KEY"))

    assert said[0] == said[1]


def test_the_last_owner_of_an_organisation_stays(home: Home) -> None:
    """Neither disabling nor another role nor fewer sites may leave nobody who can change anything."""
    owner = member(home)
    member(home, "bob@example.org", "owner", ("demo0001",))
    member(home, "eve@example.org", "owner", slug="other")
    before = row_counts(home.place.engine)
    for attempt in (
        lambda: disable_member(room(home), 1, owner.staff_id, reason=None, by=home.place.by),
        lambda: change_member(room(home), 1, owner.staff_id, role="auditor", sites=None, by=home.place.by),
        lambda: change_member(room(home), 1, owner.staff_id, role="owner", sites=("demo0001",), by=home.place.by),
    ):
        with pytest.raises(InvalidAccount, match="last owner of the whole organisation"):
            attempt()

    assert {} == more_rows(before, row_counts(home.place.engine))
    assert [owner] == [one for one in room(home).members(1) if one.staff_id == owner.staff_id]


def test_with_a_second_owner_the_first_may_go(home: Home) -> None:
    """The rule protects the organisation, not a person."""
    owner = member(home)
    second = member(home, "bob@example.org")
    disable_member(room(home), 1, owner.staff_id, reason="Left us.", by=home.place.by)
    with pytest.raises(InvalidAccount):
        disable_member(room(home), 1, second.staff_id, reason=None, by=home.place.by)

    assert [True, False] == [one.disabled_at is not None for one in room(home).members(1)]
    assert "Left us." == entries(home, EntryKind.STAFF_DISABLED)[-1]["reason"]


def test_who_is_disabled_is_out_at_once(home: Home) -> None:
    """Sessions and links end with the account, and enabling it again brings none of them back."""
    member(home)
    out = member(home, "bob@example.org", "auditor")
    link = invite_again(room(home), 1, out.staff_id, by=home.place.by)
    rule = home.settings.session_rule
    with room(home).transaction() as transaction:
        session = begin_session(transaction, out, rule, now=home.clock(), random=home.random)
    disable_member(room(home), 1, out.staff_id, reason=None, by=home.place.by)
    with pytest.raises(InvalidAccount, match="is disabled"):
        invite_again(room(home), 1, out.staff_id, by=home.place.by)
    enable_member(room(home), 1, out.staff_id, by=home.place.by)

    assert room(home).link(secret_hash(link.secret)) is None
    with pytest.raises(Unauthorized):
        read_session(room(home), session.secret, rule, clock=home.clock)


def test_a_change_names_what_changed_and_nothing_changed_is_no_entry(home: Home) -> None:
    """The ledger says the new values; the same again is no news."""
    member(home)
    bob = member(home, "bob@example.org", "auditor")
    changed = change_member(room(home), 1, bob.staff_id, role="editor", sites=("shop0001",), by=home.place.by)
    before = row_counts(home.place.engine)
    again = change_member(room(home), 1, bob.staff_id, role="editor", sites=("shop0001",), by=home.place.by)

    assert {**fields(bob), "role": "editor", "sites": ("shop0001",)} == fields(changed) == fields(again)
    assert {"role": "editor", "sites": ["shop0001"]} == entries(home, EntryKind.STAFF_CHANGED)[-1]["changes"]
    assert {} == more_rows(before, row_counts(home.place.engine))


def test_a_member_of_another_organisation_is_nobody(home: Home) -> None:
    """Every change answers alike for a foreign member and for none."""
    foreign = member(home, slug="other")
    for staff_id in (foreign.staff_id, bytes(16)):
        for attempt in (
            lambda one: change_member(room(home), 1, one, role="auditor", sites=None, by=home.place.by),
            lambda one: disable_member(room(home), 1, one, reason=None, by=home.place.by),
            lambda one: enable_member(room(home), 1, one, by=home.place.by),
            lambda one: invite_again(room(home), 1, one, by=home.place.by),
        ):
            with pytest.raises(NotFound, match="has no staff member with this id"):
                attempt(staff_id)

    assert [foreign] == list(room(home).members(2))


def test_a_new_link_ends_the_one_before(home: Home) -> None:
    """Of several links that were handed over, only the last works."""
    bob = member(home)
    first = invite_again(room(home), 1, bob.staff_id, by=home.place.by)
    second = invite_again(room(home), 1, bob.staff_id, by=home.place.by)

    assert room(home).link(secret_hash(first.secret)) is None
    assert room(home).link(secret_hash(second.secret)) is not None
    assert {"sign_in_link": "made"} == entries(home, EntryKind.STAFF_CHANGED)[-1]["changes"]
