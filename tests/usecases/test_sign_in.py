"""Signing in: one answer for every reason to refuse, links that work once, sessions that end by themselves."""

import threading

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.profiles import RFC_9106_LOW_MEMORY

from askfirst.core.errors import InvalidAccount, Unauthorized
from askfirst.core.kinds import EntryKind
from askfirst.storage.staff_passwords import Argon2Passwords
from askfirst.usecases.passwords import choose_password
from askfirst.usecases.rows import StaffMember
from askfirst.usecases.sessions import SignedIn, read_session, secret_hash
from askfirst.usecases.sign_in import SignInDesk, sign_out_everywhere
from askfirst.usecases.staff import LINK_LIFETIME_MS, disable_member, invite_again
from support.places import Home
from support.staff import PASSWORD, entries, member

pytestmark = pytest.mark.each_database

MINUTE, HOUR = 60_000, 3_600_000


class CountingPasswords(Argon2Passwords):
    """Passwords that count how often something slow is done."""

    def __init__(self) -> None:
        super().__init__(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        self.slow = 0

    def holds(self, kept: str | None, password: str) -> bool:
        self.slow += 1
        return super().holds(kept, password)


def desk(home: Home, passwords: Argon2Passwords | None = None) -> SignInDesk:
    return SignInDesk(
        home.place.staff,
        passwords or CountingPasswords(),
        home.settings.session_rule,
        clock=home.clock,
        random=home.random,
    )


def is_in(home: Home, signed_in: SignedIn, *, touch: bool = False) -> bool:
    try:
        read_session(home.place.staff, signed_in.secret, home.settings.session_rule, clock=home.clock, touch=touch)
    except Unauthorized:
        return False
    return True


def let_in(home: Home) -> SignedIn:
    signed_in = desk(home).with_password("ann@example.org", PASSWORD)
    assert signed_in is not None
    return signed_in


def test_name_and_password_let_in_and_leave_an_entry(home: Home) -> None:
    """The name is read as people type it; the entry names the account, never the name."""
    ann = member(home)
    signed_in = desk(home).with_password(" ANN@example.org", PASSWORD)

    assert signed_in is not None
    assert ann == signed_in.member
    assert is_in(home, signed_in)
    last = entries(home, EntryKind.STAFF_SIGNED_IN)[-1]
    assert ("password", str(signed_in.member.staff_id.hex())) == (last["method"], last["by"].replace("-", ""))


@pytest.mark.parametrize(
    ("login", "password", "reason"),
    [
        ("ann@example.org", "wrong", "the password is wrong"),
        ("ann@example.org", PASSWORD.upper(), "the password is wrong"),
        ("ann@example.org", "x" * 100_000, "the password is wrong"),
        ("ann@example.org", "\ud800", "the password is wrong"),
        ("nobody@example.org", PASSWORD, "nobody has this name"),
        ("", PASSWORD, "nobody has this name"),
        ("new@example.org", "", "no password was chosen yet"),
        ("out@example.org", PASSWORD, "the account is disabled"),
    ],
)
def test_every_refusal_is_an_entry_that_says_why_and_not_what_was_typed(
    home: Home, login: str, password: str, reason: str
) -> None:
    """The caller learns nothing but no; the ledger learns the reason."""
    member(home)
    member(home, "new@example.org", password=None)
    out = member(home, "out@example.org")
    disable_member(home.place.staff, 1, out.staff_id, reason=None, by=home.place.by)

    assert desk(home).with_password(login, password) is None
    last = entries(home)[-1]
    assert (EntryKind.STAFF_SIGN_IN_FAILED, "password", reason) == (last["kind"], last["method"], last["reason"])
    assert (last["account"] is None) == (reason == "nobody has this name")
    assert "example.org" not in str(last)
    assert PASSWORD not in str(last)


def test_an_unknown_name_takes_as_long_as_a_wrong_password(home: Home) -> None:
    """One slow hash either way: the time tells nobody which names exist."""
    member(home)
    passwords = CountingPasswords()
    counted = []
    for login in ("ann@example.org", "nobody@example.org"):
        before = passwords.slow
        desk(home, passwords).with_password(login, "wrong")
        counted.append(passwords.slow - before)

    assert [1, 1] == counted


def test_passwords_are_hashed_as_rfc_9106_recommends() -> None:
    """Argon2id with 64 MiB and three passes, in the service; only tests are faster."""
    kept = PasswordHasher().hash("x")

    assert RFC_9106_LOW_MEMORY == extract_parameters(kept)
    assert kept.startswith("$argon2id$")


def test_a_hash_with_older_parameters_is_made_anew_at_the_next_sign_in(home: Home) -> None:
    """Parameters can rise without anybody choosing a new password."""
    member(home)
    stronger = Argon2Passwords(PasswordHasher(time_cost=2, memory_cost=128, parallelism=1))
    before = home.place.staff.named("ann@example.org")
    assert desk(home, stronger).with_password("ann@example.org", PASSWORD) is not None
    after = home.place.staff.named("ann@example.org")

    assert before is not None
    assert after is not None
    assert before.password_hash != after.password_hash
    assert "m=128,t=2" in (after.password_hash or "")
    assert desk(home, stronger).with_password("ann@example.org", PASSWORD) is not None


def test_a_session_ends_without_use(home: Home) -> None:
    """Half an hour of nothing; what is used stays."""
    member(home)
    used, idle = let_in(home), let_in(home)
    home.clock.forward(29 * MINUTE)
    assert is_in(home, used, touch=True)
    home.clock.forward(MINUTE)

    assert [True, False] == [is_in(home, used), is_in(home, idle)]


def test_a_page_that_asks_by_itself_keeps_no_session_alive(home: Home) -> None:
    """Reading without touching is no use."""
    member(home)
    signed_in = let_in(home)
    for _ in range(29):
        home.clock.forward(MINUTE)
        assert is_in(home, signed_in, touch=False)
    home.clock.forward(MINUTE)

    assert not is_in(home, signed_in)


def test_a_session_ends_after_hours_however_much_it_is_used(home: Home) -> None:
    """The absolute limit."""
    member(home)
    signed_in = let_in(home)
    for _ in range(12 * 4 - 1):
        home.clock.forward(15 * MINUTE)
        assert is_in(home, signed_in, touch=True)
    home.clock.forward(15 * MINUTE)

    assert not is_in(home, signed_in, touch=True)


@pytest.mark.parametrize("secret", ["", "x", "0" * 64, "ü" * 64, "0" * 100_000])
def test_a_secret_that_was_never_given_out_is_nobodys(home: Home, secret: str) -> None:
    """Unauthorized, whatever was sent."""
    with pytest.raises(Unauthorized):
        read_session(home.place.staff, secret, home.settings.session_rule, clock=home.clock)


def test_ended_sessions_are_forgotten(home: Home) -> None:
    """The table holds those that can still be used, and not everybody who ever signed in."""
    member(home)
    for _ in range(3):
        let_in(home)
    home.clock.forward(13 * HOUR)
    latest = let_in(home)

    assert [latest.session] == list(home.place.staff.sessions(1))


def test_a_link_lets_in_once(home: Home) -> None:
    """Looking at it uses nothing up; the second use is refused and told to the ledger."""
    ann = member(home)
    secret = invite_again(home.place.staff, 1, ann.staff_id, by=home.place.by).secret
    door = desk(home)

    assert [ann, ann] == [door.invited(secret), door.invited(secret)]
    assert door.with_link(secret) is not None
    assert [None, None] == [door.invited(secret), door.with_link(secret)]
    last = entries(home)[-1]
    assert (EntryKind.STAFF_SIGN_IN_FAILED, "link", "the link was used or ended") == (
        last["kind"],
        last["method"],
        last["reason"],
    )
    assert last["account"] is not None


def test_of_many_who_use_one_link_at_once_one_gets_in(home: Home) -> None:
    """The link is looked up again inside the change."""
    ann = member(home)
    secret = invite_again(home.place.staff, 1, ann.staff_id, by=home.place.by).secret
    found: list[SignedIn | None] = []
    threads = [threading.Thread(target=lambda: found.append(desk(home).with_link(secret))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [1, 8] == [sum(one is not None for one in found), len(found)]


def test_a_link_ends_after_a_day_and_with_the_account(home: Home) -> None:
    """Nothing is left lying about that opens the console later."""
    ann, bob = member(home), member(home, "bob@example.org")
    old = invite_again(home.place.staff, 1, ann.staff_id, by=home.place.by).secret
    home.clock.forward(LINK_LIFETIME_MS)
    new = invite_again(home.place.staff, 1, bob.staff_id, by=home.place.by).secret
    disable_member(home.place.staff, 1, bob.staff_id, reason=None, by=home.place.by)

    assert [None] * 4 == [act(one) for one in (old, new) for act in (desk(home).invited, desk(home).with_link)]
    assert desk(home).with_link("0" * 64) is None
    assert "there is no such link" == entries(home)[-1]["reason"]


def test_signing_out_ends_this_session_or_all(home: Home) -> None:
    """What is kept in a stolen browser is worth nothing afterwards."""
    ann = member(home)
    first, second, third = let_in(home), let_in(home), let_in(home)
    desk(home).sign_out(ann, first.session.secret_hash, everywhere=False)
    assert [False, True, True] == [is_in(home, one) for one in (first, second, third)]
    desk(home).sign_out(ann, second.session.secret_hash, everywhere=True)

    assert [False, False, False] == [is_in(home, one) for one in (first, second, third)]
    assert [False, True] == [one["everywhere"] for one in entries(home, EntryKind.STAFF_SIGNED_OUT)]


def test_an_owner_ends_all_sessions_of_somebody_else(home: Home) -> None:
    """From outside too, with an entry that names the owner."""
    ann = member(home)
    signed_in = let_in(home)

    assert 1 == sign_out_everywhere(home.place.staff, 1, ann.staff_id, by=home.place.by)
    assert not is_in(home, signed_in)
    assert {"sessions": "ended"} == entries(home, EntryKind.STAFF_CHANGED)[-1]["changes"]


def chosen(home: Home, signed_in: SignedIn, **given: str) -> StaffMember:
    fields = {"current": PASSWORD, "new": "another good passphrase", "again": "another good passphrase", **given}
    return choose_password(
        home.place.staff,
        CountingPasswords(),
        signed_in.member,
        session=signed_in.session.secret_hash,
        by=home.place.by,
        **fields,
    )


def test_a_new_password_ends_all_other_sessions_and_links(home: Home) -> None:
    """Whoever had the old one is out."""
    ann = member(home)
    secret = invite_again(home.place.staff, 1, ann.staff_id, by=home.place.by).secret
    here, elsewhere = let_in(home), let_in(home)
    chosen(home, here)

    assert [True, False] == [is_in(home, here), is_in(home, elsewhere)]
    assert home.place.staff.link(secret_hash(secret)) is None
    assert desk(home).with_password("ann@example.org", PASSWORD) is None
    assert desk(home).with_password("ann@example.org", "another good passphrase") is not None
    assert {"password": "chosen"} == entries(home, EntryKind.STAFF_CHANGED)[-1]["changes"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"current": "wrong"}, ["current"]),
        ({"new": "short", "again": "short"}, ["new"]),
        ({"new": "x" * 257, "again": "x" * 257}, ["new"]),
        ({"new": "ababababababab", "again": "ababababababab"}, ["new"]),
        ({"new": "I am ann@example.org", "again": "I am ann@example.org"}, ["new"]),
        ({"new": "surely ann example!", "again": "surely ann example!"}, ["new"]),
        ({"again": "another"}, ["again"]),
        ({"current": "", "new": "", "again": "x"}, ["current", "new", "again"]),
    ],
)
def test_a_password_that_can_not_be_is_refused_with_every_reason(
    home: Home, given: dict[str, str], expected: list[str]
) -> None:
    """The old one goes on."""
    member(home)
    signed_in = let_in(home)
    with pytest.raises(InvalidAccount) as refused:
        chosen(home, signed_in, **given)

    assert expected == [name for name, _said in refused.value.errors]
    assert desk(home).with_password("ann@example.org", PASSWORD) is not None
