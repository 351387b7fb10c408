"""Homes of the service as a test wants them: a migrated database, an organisation with keys, sites and policies."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from askfirst.preparing import prepare
from askfirst.settings import Settings
from askfirst.storage.anchor_files import AnchorFiles
from askfirst.storage.catalogue import SqlCatalogue
from askfirst.storage.engine import open_engine
from askfirst.storage.exports import SqlExports
from askfirst.storage.forgetting import SqlForgetting
from askfirst.storage.key_files import KeyFiles
from askfirst.storage.ledger import SqlLedger
from askfirst.storage.records import SqlRecords
from askfirst.storage.staff import SqlStaffRoom
from askfirst.usecases.directory import index
from askfirst.usecases.ports import Acting
from askfirst.usecases.publish_policy import Publication, publish_policy
from askfirst.usecases.rows import Organisation
from askfirst.usecases.set_up import add_site, begin_organisation
from askfirst.workplace import Workplace
from core.examples import draft, purpose, texts
from support.time_and_ids import CountedRandomness, HandClock

STAFF = "operator:test"
PAGE = "https://www.example.org"
OTHER_PAGE = "https://shop.example.org:8443"
PAGES = {"demo0001": PAGE, "shop0001": OTHER_PAGE, "other0001": PAGE}


@dataclass(frozen=True, slots=True)
class Home:
    """A home folder whose clock and randomness the test holds."""

    place: Workplace
    clock: HandClock
    random: CountedRandomness
    anchors: AnchorFiles

    @property
    def settings(self) -> Settings:
        """Its settings."""
        return self.place.settings

    def organisation(self, slug: str = "example") -> Organisation:
        """Return one of its organisations."""
        return self.place.organisation(slug)

    def close(self) -> None:
        """Let go of its database."""
        self.place.engine.dispose()


def settings_of(folder: Path, **changes: Any) -> Settings:
    """Return settings whose loops rest, so that a test sequences and signs when it says so."""
    given: dict[str, Any] = {
        "home": folder,
        "database_url": "",
        "public_url": "https://consent.example.net",
        "sequence_ms": 60_000,
        "publish_ms": 60_000,
        "rate_per_minute": 0,
        "pictures": False,
        **changes,
    }
    return Settings(_env_file=None, **given)


def open_home(settings: Settings, clock: HandClock, random: CountedRandomness) -> Home:
    """Open a home, migrating its database."""
    prepare(settings)
    engine = open_engine(settings.database)
    place = Workplace(
        settings=settings,
        engine=engine,
        catalogue=SqlCatalogue(engine),
        ledger=SqlLedger(engine),
        records=SqlRecords(engine),
        exports=SqlExports(engine),
        staff=SqlStaffRoom(engine),
        forgetting=SqlForgetting(engine),
        keys=KeyFiles(settings.keys_folder),
        by=Acting(STAFF, clock, random),
    )
    return Home(place, clock, random, AnchorFiles(settings.anchors_folder))


def found(place: Workplace, slug: str = "example") -> Organisation:
    """Begin an organisation with the log `consent.example.net/log/<slug>`."""
    return begin_organisation(
        place.catalogue,
        place.keys,
        slug=slug,
        name=f"The {slug} organisation",
        origin=f"consent.example.net/log/{slug}",
        by=place.by,
    )


def furnish(place: Workplace) -> None:
    """Make two organisations: `example` with the sites demo0001 and shop0001, and `other` with other0001."""
    example, other = found(place), found(place, "other")
    for organisation, key, pages in (
        (example, "demo0001", (PAGE, OTHER_PAGE)),
        (example, "shop0001", (OTHER_PAGE,)),
        (other, "other0001", (PAGE,)),
    ):
        add_site(place.catalogue, organisation, site_key=key, name=f"Site {key}", origins=pages, by=place.by)
        publish(place, key)


def members(**changes: Any) -> dict[str, Any]:
    """Return a draft with two optional purposes in two languages, as an operator writes it."""
    both = ("en", "de")
    return {
        "controller": {"name": "Example Ltd", "address": "1 High Street, Exampleton", "contact": "privacy@example.org"},
        "privacy_policy": dict.fromkeys(both, "https://www.example.org/privacy"),
        "languages": list(both),
        "purposes": [purpose("necessary", *both), purpose("measurement", *both), purpose("embeds", *both)],
        "texts": {language: texts(language) for language in both},
        **changes,
    }


def publish(
    place: Workplace, site: str, *, ask_again: bool = False, override: Sequence[str] = (), **changes: Any
) -> Publication:
    """Publish a policy of a site."""
    return publish_policy(
        place.catalogue,
        site,
        draft(members(**changes)),
        reason="A reason.",
        by=place.by,
        ask_again=ask_again,
        override=override,
    )


def current_digest(place: Workplace, site: str) -> str:
    """Return the digest of a site's current policy."""
    current = index(place.catalogue.snapshot()).sites[site].current
    assert current is not None
    return current.digest
