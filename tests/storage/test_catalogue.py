"""The catalogue: a change is whole or was never made, and nodes learn that there was one."""

from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from askfirst.core.errors import NameTaken, UnknownSite
from askfirst.core.roles import Role
from askfirst.usecases.directory import index
from askfirst.usecases.keys import CHECKPOINT, RECEIPT, rotate_key
from askfirst.usecases.rows import Site
from askfirst.usecases.sessions import secret_hash
from askfirst.usecases.set_up import add_site, change_origins
from askfirst.usecases.tokens import issue_token
from support.places import OTHER_PAGE, PAGE, Home, found, publish
from support.table_rows import more_rows, row_counts, whole_content
from support.time_and_ids import DAY
from support.writing import looked


def site(home: Home, key: str = "demo0001") -> Site:
    return add_site(
        home.place.catalogue, home.organisation(), site_key=key, name="A site", origins=(PAGE,), by=home.place.by
    )


def test_a_change_that_fails_leaves_nothing(store: Home) -> None:
    """Neither a row, nor an entry, nor a new version is left of a change that fails half-way."""
    before, version = row_counts(store.place.engine), store.place.catalogue.version()

    def change() -> None:
        with store.place.catalogue.transaction() as transaction:
            transaction.add_site(Site(1, "demo0001", "A site", (PAGE,), store.clock()))
            transaction.append(looked(store))
            raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        change()

    assert before == row_counts(store.place.engine)
    assert version == store.place.catalogue.version()


def test_every_change_raises_the_version_and_leaves_its_entry(store: Home) -> None:
    """A site, its origins, two policies, a key and a token: one version and at least one waiting entry each."""
    catalogue, by, organisation = store.place.catalogue, store.place.by, store.organisation()
    seen = []

    def note() -> None:
        seen.append((catalogue.version(), store.place.ledger.waiting(1)))

    note()
    made = site(store)
    note()
    change_origins(catalogue, made, (PAGE, OTHER_PAGE), by=by)
    note()
    publish(store.place, "demo0001")
    note()
    publish(store.place, "demo0001", lifetime_days=90)
    note()
    rotate_key(catalogue, store.place.keys, organisation, RECEIPT, by=by)
    note()

    version, waiting = seen[0]
    assert [version + step for step in range(6)] == [one[0] for one in seen]
    assert [waiting, waiting + 1, waiting + 2, waiting + 3, waiting + 4, waiting + 6] == [one[1] for one in seen]


def test_a_snapshot_says_what_was_stored(store: Home) -> None:
    """What is read back is what was written, value for value."""
    made = site(store)
    changed = change_origins(store.place.catalogue, made, (PAGE, OTHER_PAGE), by=store.place.by)
    first = publish(store.place, "demo0001")
    store.clock.forward(1000)
    second = publish(store.place, "demo0001", ask_again=True)
    snapshot = store.place.catalogue.snapshot()
    directory = index(snapshot)
    live = directory.sites["demo0001"]

    assert (changed,) == snapshot.sites
    assert (PAGE, OTHER_PAGE) == live.site.origins
    assert second.digest == live.current.digest if live.current else None
    assert {first.digest, second.digest} == live.policies.keys()
    assert store.clock() == live.policies[first.digest].published.superseded_at
    assert (1, 1) == (first.policy.number, first.policy.revision)
    assert (2, 2) == (second.policy.number, second.policy.revision)
    assert {(RECEIPT, "active"), (CHECKPOINT, "active")} == {(key.use, key.state) for key in snapshot.keys}


def test_publishing_the_same_again_changes_nothing(store: Home) -> None:
    """The very same content is no new policy; and words alone do not ask again."""
    site(store)
    first = publish(store.place, "demo0001")
    before = row_counts(store.place.engine)
    again = publish(store.place, "demo0001")
    unchanged = more_rows(before, row_counts(store.place.engine))
    reworded = publish(store.place, "demo0001", privacy_policy=dict.fromkeys(("en", "de"), "https://x.example/p"))

    assert ({}, first.digest, False) == (unchanged, again.digest, again.changed)
    assert (2, 1) == (reworded.policy.number, reworded.policy.revision)


def test_a_policy_needs_its_site(store: Home) -> None:
    """Publishing for a site that nobody added is refused, and nothing is stored."""
    before = row_counts(store.place.engine)
    with pytest.raises(UnknownSite, match="“nobody01”"):
        publish(store.place, "nobody01")

    assert before == row_counts(store.place.engine)


def test_names_are_taken_once(store: Home) -> None:
    """A site key is one site's in the whole database, also across organisations; so are slug and log origin."""
    site(store)
    other = found(store.place, "other")
    before = row_counts(store.place.engine)
    keys = sorted(path.name for path in store.settings.keys_folder.iterdir())

    with pytest.raises(NameTaken, match="The site key “demo0001” is in use already"):
        add_site(store.place.catalogue, other, site_key="demo0001", name="Mine", origins=(PAGE,), by=store.place.by)
    with pytest.raises(NameTaken, match="The organisation “other” is in use already"):
        found(store.place, "other")
    assert before == row_counts(store.place.engine)
    assert keys == sorted(path.name for path in store.settings.keys_folder.iterdir())


def test_the_database_holds_one_policy_a_number(store: Home) -> None:
    """Two nodes that publish at once can not both get the same number: the second fails as a whole."""
    site(store)
    publish(store.place, "demo0001")
    row = store.place.catalogue.snapshot().policies[0]

    with pytest.raises(IntegrityError), store.place.catalogue.transaction() as transaction:
        transaction.add_policy(replace(row, digest=bytes(32)))
    assert (row,) == store.place.catalogue.snapshot().policies


def test_rotating_keeps_the_old_key_for_reading(store: Home) -> None:
    """One active key of a use, the ones before it retired; both private halves stay."""
    catalogue, organisation = store.place.catalogue, store.organisation()
    old = next(key for key in catalogue.snapshot().keys if key.use == RECEIPT)
    store.clock.forward(1000)
    new = rotate_key(catalogue, store.place.keys, organisation, RECEIPT, by=store.place.by)
    states = {key.key_id: key.state for key in catalogue.snapshot().keys if key.use == RECEIPT}

    assert {old.key_id: "retired", new.key_id: "active"} == states
    assert 2 == len(index(catalogue.snapshot()).receipt_ring(1))


def test_a_token_is_kept_as_a_hash(store: Home) -> None:
    """The database holds nothing that opens a door."""
    site(store)
    secret = issue_token(
        store.place.staff,
        1,
        name="a program",
        role=Role.AUDITOR,
        sites=("demo0001",),
        days=1,
        by=store.place.by,
    )
    token = store.place.staff.token(secret_hash(secret))

    assert token is not None
    assert (("demo0001",), "auditor", store.clock() + DAY) == (token.sites, token.role, token.expires_at)
    assert store.place.staff.token(secret_hash(secret + "x")) is None
    raw = whole_content(store.place.engine)
    assert "a program" in raw
    assert secret not in raw
    assert secret.removeprefix("askfirst_") not in raw
