"""What `ledger verify` notices of those who let themselves in by hand: with passwords, tokens, sessions and links."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Table, delete, insert, select, update

from askfirst.core.canonical import canonical_json
from askfirst.core.kinds import EntryKind
from askfirst.core.record import entry_who
from askfirst.core.roles import Role
from askfirst.storage import tables as t
from askfirst.storage.staff_passwords import Argon2Passwords
from askfirst.usecases.credentials import credential_digest
from askfirst.usecases.entries import seal
from askfirst.usecases.openid import GroupRule, IdentityDesk, Vouching
from askfirst.usecases.passwords import choose_password
from askfirst.usecases.sessions import SignedIn, begin_session, secret_hash
from askfirst.usecases.sign_in import SignInDesk, sign_out_everywhere
from askfirst.usecases.staff import Invitation, add_member, disable_member, enable_member, invite_again
from askfirst.usecases.tokens import issue_token
from support.altered_log import change, said, verified
from support.running_service import RunningService
from support.staff import PASSWORD, entries
from support.time_and_ids import HOUR

pytestmark = pytest.mark.each_database

CHEAP = Argon2Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
DEARER = Argon2Passwords(PasswordHasher(time_cost=2, memory_cost=64, parallelism=1))


def desk(log: RunningService, passwords: Argon2Passwords = CHEAP) -> SignInDesk:
    home = log.home
    rule = home.settings.session_rule
    return SignInDesk(home.place.staff, passwords, rule, clock=home.clock, random=home.random)


def identities(log: RunningService) -> IdentityDesk:
    home = log.home
    vouching = Vouching("groups", (GroupRule("consent", Role.AUDITOR, None),))
    rule = home.settings.session_rule
    return IdentityDesk(home.place.staff, "https://id.example.org", vouching, 1, rule, home.place.by)


def invited(log: RunningService, login: str) -> Invitation:
    return add_member(log.home.place.staff, 1, login=login, name="Ann", role="owner", sites=None, by=log.home.place.by)


def through(log: RunningService, invitation: Invitation) -> SignedIn:
    signed_in = desk(log).with_link(invitation.secret)
    assert signed_in is not None
    return signed_in


def choose(log: RunningService, signed_in: SignedIn, new: str = PASSWORD, current: str = "") -> None:
    choose_password(
        log.home.place.staff,
        CHEAP,
        log.home.place.staff.named(signed_in.member.login) or signed_in.member,
        current=current,
        new=new,
        again=new,
        session=signed_in.session.secret_hash,
        by=log.home.place.by,
    )


@dataclass(frozen=True)
class Staff:
    """Who is there: Ann with a password and a session, Ben with an open link, Cem from an identity provider."""

    ann: SignedIn
    ben: Invitation
    cem: SignedIn
    token: str


@pytest.fixture
def staff(log: RunningService) -> Staff:
    ann = through(log, invited(log, "ann"))
    choose(log, ann)
    ben = invited(log, "ben")
    cem = identities(log).sign_in({"sub": "cem", "groups": ["consent"]})
    token = issue_token(log.home.place.staff, 1, name="one", role="owner", sites=None, days=30, by=log.home.place.by)
    log.settle()
    return Staff(ann, ben, cem, token)


def rows(log: RunningService, table: Table) -> list[dict[str, Any]]:
    with log.home.place.engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]


def test_whoever_was_let_in_and_out_in_order_is_no_fault(log: RunningService, staff: Staff) -> None:
    """Every way in and out, twice, with passwords that are hashed anew and entries that still wait."""
    home = log.home
    room, by = home.place.staff, home.place.by
    assert [] == said(verified(home))
    again = desk(log, DEARER).with_password("ann", PASSWORD)
    assert again is not None
    other = desk(log, DEARER).with_password("ann", PASSWORD)
    assert other is not None
    assert [] == said(verified(home))
    desk(log).sign_out(other.member, other.session.secret_hash, everywhere=False)
    choose(log, again, "quite another passphrase", PASSWORD)
    invite_again(room, 1, staff.ben.member.staff_id, by=by)
    ben = through(log, invite_again(room, 1, staff.ben.member.staff_id, by=by))
    home.clock.forward(HOUR)
    assert desk(log).with_link(staff.ben.secret) is None
    identities(log).sign_in({"sub": "cem", "groups": ["consent"]})
    log.settle()
    assert [] == said(verified(home))
    desk(log).sign_out(ben.member, ben.session.secret_hash, everywhere=True)
    sign_out_everywhere(room, 1, staff.cem.member.staff_id, by=by)
    disable_member(room, 1, staff.ben.member.staff_id, reason=None, by=by)
    enable_member(room, 1, staff.ben.member.staff_id, by=by)
    log.settle()

    assert [] == said(verified(home))
    assert 1 == len(rows(log, t.session))


def test_a_clock_that_goes_on_changes_nothing(log: RunningService) -> None:
    """A row and its entry have one time, also where each look at the clock gives another."""
    log.home.clock.go_on()
    choose(log, through(log, invited(log, "ann")))
    desk(log, DEARER).with_password("ann", PASSWORD)
    identities(log).sign_in({"sub": "cem", "groups": ["consent"]})
    log.settle()

    assert [] == said(verified(log.home))


ANN, BEN = t.staff.c.login == "ann", t.staff.c.login == "ben"
FORGED = secret_hash("forged")


def _session(staff: Staff, **values: Any) -> Any:
    one = staff.ann.session
    row = {"log_id": 1, "staff_id": one.staff_id, "created_at": one.created_at, "seen_at": one.seen_at}
    return insert(t.session).values({**row, "expires_at": one.expires_at, "secret_hash": FORGED, **values})


def _link(staff: Staff, **values: Any) -> Any:
    row = {"log_id": 1, "staff_id": staff.ann.member.staff_id, "created_at": 1, "expires_at": 9_999_999_999_999}
    return insert(t.sign_in_link).values({**row, "secret_hash": FORGED, **values})


OPEN = "of the staff member {ann} is open that no entry began, or that was ended."
HANDS: dict[str, tuple[Callable[[Staff], Any], str]] = {
    "a password of their own": (
        lambda _: update(t.staff).where(ANN).values(password_hash=CHEAP.hashed("known to somebody else")),
        "the staff member {ann} has another password than was said last",
    ),
    "a password where there is none": (
        lambda _: update(t.staff).where(BEN).values(password_hash=CHEAP.hashed("known to somebody else")),
        "the staff member {ben} has another password than was said last",
    ),
    "another member's password": (
        lambda _: (
            update(t.staff)
            .where(BEN)
            .values(password_hash=select(t.staff.c.password_hash).where(ANN).scalar_subquery())
        ),
        "the staff member {ben} has another password than was said last",
    ),
    "a password that was taken away": (
        lambda _: update(t.staff).where(ANN).values(password_hash=None),
        "the staff member {ann} has another password than was said last",
    ),
    "somebody else at the identity provider": (
        lambda staff: (
            update(t.staff)
            .where(t.staff.c.staff_id == staff.cem.member.staff_id)
            .values(identity="https://id.example.org eve")
        ),
        "the staff member {cem} has another identity than was said last",
    ),
    "an identity for whoever had none": (
        lambda _: update(t.staff).where(ANN).values(identity="https://id.example.org eve"),
        "the staff member {ann} has another identity than was said last",
    ),
    "a member for longer than they are": (
        lambda _: update(t.staff).where(ANN).values(created_at=1),
        "the staff member {ann} has another time of making than was said last",
    ),
    "another token's secret": (
        lambda _: update(t.token).values(secret_hash=FORGED),
        "the token {token} has another secret than was said last",
    ),
    "a session of their own": (_session, f"A session {OPEN}"),
    "an older session of their own": (lambda staff: _session(staff, created_at=1), f"A session {OPEN}"),
    "a session of somebody else": (
        lambda staff: (
            update(t.session)
            .where(t.session.c.secret_hash == staff.cem.session.secret_hash)
            .values(staff_id=staff.ann.member.staff_id)
        ),
        f"A session {OPEN}",
    ),
    "a session that began later": (
        lambda staff: (
            update(t.session)
            .where(t.session.c.secret_hash == staff.ann.session.secret_hash)
            .values(created_at=staff.ann.session.created_at + HOUR)
        ),
        "a session of the staff member {ann} has another time than was said last",
    ),
    "a link of their own": (_link, f"A sign-in link {OPEN}"),
    "a link that works twice": (
        lambda staff: (
            update(t.sign_in_link).where(t.sign_in_link.c.staff_id == staff.ann.member.staff_id).values(used_at=None)
        ),
        "a sign-in link of the staff member {ann} has another time than was said last",
    ),
}


@pytest.mark.parametrize("hand", sorted(HANDS))
def test_whoever_lets_themselves_in_by_hand_is_noticed(log: RunningService, staff: Staff, hand: str) -> None:
    """With what they would need to sign in afterwards, and with nothing else altered."""
    alter, expected = HANDS[hand]
    if hand == "a link that works twice":
        # Used-up links are kept until they would have ended; choosing a password ends open ones only.
        assert any(row["used_at"] for row in rows(log, t.sign_in_link))
    change(log.home, alter(staff))
    members = {"ann": staff.ann.member, "ben": staff.ben.member, "cem": staff.cem.member}
    ids = {name: str(UUID(bytes=one.staff_id)) for name, one in members.items()}
    ids["token"] = str(UUID(bytes=rows(log, t.token)[0]["token_id"]))
    found = said(verified(log.home))

    assert [expected.format(**ids)] == [one.partition(": ")[2] or one for one in found]


@pytest.mark.parametrize("ended", ["signed out", "signed out everywhere", "ended", "disabled", "another password"])
def test_a_session_that_ended_does_not_come_back(log: RunningService, staff: Staff, ended: str) -> None:
    """A row that was deleted in order is stored again."""
    home = log.home
    room, by, member = home.place.staff, home.place.by, staff.ann.member
    owner = through(log, staff.ben)
    row = next(one for one in rows(log, t.session) if one["secret_hash"] == staff.ann.session.secret_hash)
    if ended == "ended":
        sign_out_everywhere(room, 1, member.staff_id, by=by)
    elif ended == "disabled":
        disable_member(room, 1, member.staff_id, reason=None, by=by)
    elif ended == "another password":
        other = desk(log).with_password("ann", PASSWORD)
        assert other is not None
        choose(log, other, "quite another passphrase", PASSWORD)
    else:
        desk(log).sign_out(member, staff.ann.session.secret_hash, everywhere=ended == "signed out everywhere")
    log.settle()
    assert [] == said(verified(home))
    assert owner.session.secret_hash in [one["secret_hash"] for one in rows(log, t.session)]
    change(home, insert(t.session).values(row))

    assert [f"A session {OPEN}".format(ann=UUID(bytes=member.staff_id))] == said(verified(home))


def test_a_link_that_was_replaced_does_not_come_back(log: RunningService, staff: Staff) -> None:
    """Only the last one made for somebody lets them in."""
    home = log.home
    row = next(one for one in rows(log, t.sign_in_link) if one["used_at"] is None)
    invite_again(home.place.staff, 1, staff.ben.member.staff_id, by=home.place.by)
    log.settle()
    change(home, insert(t.sign_in_link).values(row))

    expected = f"A sign-in link {OPEN}".format(ann=UUID(bytes=staff.ben.member.staff_id))
    assert [expected] == said(verified(home))


def test_entries_hold_digests_and_nothing_that_lets_anybody_in(log: RunningService, staff: Staff) -> None:
    """Each is bound to whose it is, and is none of what is kept."""
    made = entries(log.home)
    ann = staff.ann.member.staff_id
    kept = {row["staff_id"]: row["password_hash"] for row in rows(log, t.staff)}
    chosen = next(one for one in made if one.get("changes") == {"password": "chosen"})
    secrets = [staff.token, staff.ben.secret, staff.ann.secret, staff.cem.secret, kept[ann], "id.example.org"]
    secrets += [secret_hash(one).hex() for one in secrets]

    assert credential_digest(ann, kept[ann]) == chosen["credentials"]["password"]
    assert credential_digest(staff.ben.member.staff_id, kept[ann]) != chosen["credentials"]["password"]
    assert [] == [one for one in secrets if one in str(made)]


class Earlier:
    """Entries as earlier releases wrote them, without digests."""

    def __init__(self, log: RunningService) -> None:
        self.home = log.home

    def entry(self, kind: EntryKind, staff: str | None, **members: object) -> None:
        """Leave an entry, some milliseconds after its row."""
        self.home.clock.forward(3)
        now = self.home.clock()
        entry_id = self.home.random.entry_id(now)
        name = str(UUID(bytes=entry_id))
        what = canonical_json({"v": 1, "kind": kind, "entry": name, "time": now, **members})
        with self.home.place.staff.transaction() as transaction:
            transaction.append(seal(1, entry_id, kind, what, entry_who(name, staff), self.home.random))

    def member(self, login: str, identity: str | None = None) -> bytes:
        """Make a member, who comes from an identity provider or was made by somebody else."""
        now = self.home.clock()
        staff_id = self.home.random.entry_id(now)
        row = {"log_id": 1, "staff_id": staff_id, "login": login, "name": "Ann", "role": "owner", "created_at": now}
        change(self.home, insert(t.staff).values({**row, "identity": identity}))
        account = str(UUID(bytes=staff_id))
        self.entry(EntryKind.STAFF_CREATED, account if identity else None, account=account, role="owner", sites=None)
        return staff_id

    def signed_in(self, login: str) -> SignedIn:
        """Let a member in."""
        room = self.home.place.staff
        who = room.named(login)
        assert who is not None
        with room.transaction() as transaction:
            rule, now = self.home.settings.session_rule, self.home.clock()
            signed_in = begin_session(transaction, who, rule, now=now, random=self.home.random)
        self.entry(EntryKind.STAFF_SIGNED_IN, str(UUID(bytes=who.staff_id)), method="password")
        return signed_in


def test_what_earlier_releases_let_in_is_no_fault(log: RunningService) -> None:
    """They named no digests; what they say is held to, and from the next change on there are digests."""
    earlier, home = Earlier(log), log.home
    ann = earlier.member("ann")
    cem = earlier.member("cem", "https://id.example.org cem")
    change(home, update(t.staff).where(ANN).values(password_hash=CHEAP.hashed(PASSWORD)))
    named = str(UUID(bytes=ann))
    earlier.entry(EntryKind.STAFF_CHANGED, named, account=named, changes={"password": "chosen"})
    now = home.clock()
    row = {"log_id": 1, "secret_hash": secret_hash("sent"), "staff_id": cem, "created_at": now}
    change(home, insert(t.sign_in_link).values({**row, "expires_at": now + HOUR}))
    named = str(UUID(bytes=cem))
    earlier.entry(EntryKind.STAFF_CHANGED, None, account=named, changes={"sign_in_link": "made"})
    signed_in = earlier.signed_in("ann")
    log.settle()
    assert [] == said(verified(home))
    # An account that somebody else made had no identity.
    change(home, update(t.staff).where(ANN).values(identity="https://id.example.org eve"))
    assert [f"the staff member {UUID(bytes=ann)} has another identity than was said last"] == [
        one.partition(": ")[2] for one in said(verified(home))
    ]
    change(home, update(t.staff).where(ANN).values(identity=None))
    # From the next password on it is held.
    choose(log, signed_in, "quite another passphrase", PASSWORD)
    log.settle()
    assert [] == said(verified(home))
    change(home, update(t.staff).where(ANN).values(password_hash=CHEAP.hashed(PASSWORD)))
    assert [f"the staff member {UUID(bytes=ann)} has another password than was said last"] == [
        one.partition(": ")[2] for one in said(verified(home))
    ]


def test_an_old_sign_in_makes_no_room_for_another_session(log: RunningService) -> None:
    """What an entry without a digest vouches for is only what began then, and belongs to the same member."""
    earlier, home = Earlier(log), log.home
    ann = earlier.member("ann")
    signed_in = earlier.signed_in("ann")
    log.settle()
    row = {"log_id": 1, "staff_id": ann, "seen_at": 1, "expires_at": 9_999_999_999_999, "secret_hash": FORGED}
    change(home, insert(t.session).values({**row, "created_at": signed_in.session.created_at - 2 * HOUR}))

    assert [f"A session {OPEN}".format(ann=UUID(bytes=ann))] == said(verified(home))
    change(home, delete(t.session).where(t.session.c.secret_hash == FORGED))
    assert [] == said(verified(home))
