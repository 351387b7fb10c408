"""A short site file says what is special to the site; the rest comes from the catalogues, and can be overridden."""

import json

import pytest

from askfirst.known_services import all_services, find
from askfirst.site_file import SiteFile, read_site_file
from askfirst.texts import default_purpose, default_texts, languages
from askfirst.usecases.check_file import check_file
from core.examples import draft, small, whole
from site_file.examples import SHORT, changed, with_lines


def read(data: bytes | str) -> SiteFile:
    found = read_site_file(data.encode() if isinstance(data, str) else data)
    assert found.draft is not None, found.faults
    return found


def test_the_short_form_becomes_the_whole_policy():
    """Texts, purposes and tables in both languages."""
    written = read(SHORT).draft

    assert {"en": default_texts("en"), "de": default_texts("de")} == written.texts
    assert dict.fromkeys(("en", "de"), "https://www.example.org/privacy") == written.privacy_policy
    both = ("en", "de")
    assert [default_purpose(one, both) for one in ("necessary", "measurement", "embeds")] == list(written.purposes)
    assert [("matomo", "measurement"), ("youtube", "embeds")] == [(one.id, one.purpose) for one in written.services]


def test_a_known_service_comes_with_all_that_it_keeps():
    """Name, provider, descriptions and durations of the catalogue, and the file's own facts in their place."""
    matomo, youtube = read(SHORT).draft.services
    known = find("youtube")

    assert ("Example Ltd", "IE", None) == (
        matomo.provider.name,
        matomo.provider.country,
        matomo.provider.privacy_policy,
    )
    assert (known.name, known.provider.name) == (youtube.name, youtube.provider.name)
    assert [item.name for item in known.items] == [cookie.name for cookie in youtube.cookies]
    assert "P8M" == next(cookie for cookie in youtube.cookies if cookie.name == "PREF").duration
    assert [("US", "adequacy")] == [(one.country, one.basis) for one in youtube.transfers]
    item = find("matomo").items[0]
    assert {"en": item.description, "de": "Erkennt den Browser bei späteren Besuchen wieder."} == (
        matomo.cookies[0].description
    )


def test_every_member_can_be_overridden():
    """What a file says comes before what the catalogue knows, member by member and language by language."""
    entry = """\
  - id: matomo
    name: Our counter
    purpose: embeds
    provider: {name: Other Ltd, country: FR, privacy_policy: "https://other.example/privacy"}
    description: {de: Zählt Besuche auf unserem eigenen Server.}
    cookies:
      _pk_ref.*: null
      _pk_id.*: {duration: P6M, description: {en: Tells browsers apart.}}
      own_id: {duration: session, description: {en: Our own mark., de: Unsere eigene Marke.}}
"""
    matomo = read(SHORT.replace("  - id: matomo\n    provider: controller\n", entry)).draft.services[0]
    kept = {cookie.name: cookie for cookie in matomo.cookies}

    assert ("Our counter", "embeds", "Other Ltd") == (matomo.name, matomo.purpose, matomo.provider.name)
    assert "Zählt Besuche auf unserem eigenen Server." == matomo.description["de"]
    assert find("matomo").description == matomo.description["en"]
    assert "_pk_ref.*" not in kept
    assert ("P6M", "Tells browsers apart.") == (kept["_pk_id.*"].duration, kept["_pk_id.*"].description["en"])
    assert ("session", "cookie", "Unsere eigene Marke.") == (
        kept["own_id"].duration,
        kept["own_id"].kind,
        kept["own_id"].description["de"],
    )


def test_a_list_of_cookies_replaces_that_of_the_catalogue():
    """Whoever lists all of them means all of them."""
    listed = "  - id: matomo\n    cookies:\n      - {name: mt, duration: P1Y, description: {en: A mark., de: Marke.}}\n"
    matomo = read(SHORT.replace("  - id: matomo\n    provider: controller\n", listed)).draft.services[0]

    assert ["mt"] == [cookie.name for cookie in matomo.cookies]


def test_texts_are_overridden_one_by_one():
    """In one language, and in parts of parts."""
    written = read(
        with_lines("texts:", "  de:", "    accept: Zustimmen", "    durations: {session: solange offen}")
    ).draft

    assert default_texts("en") == written.texts["en"]
    assert ("Zustimmen", default_texts("de").reject) == (written.texts["de"].accept, written.texts["de"].reject)
    assert ("solange offen", default_texts("de").durations.day) == (
        written.texts["de"].durations.session,
        written.texts["de"].durations.day,
    )


def test_without_purposes_they_are_those_of_the_services():
    """And measurement, where there are no services either."""
    without = SHORT.replace("purposes: [measurement, embeds]\n", "")
    nothing = without[: without.index("services:")]

    assert ("measurement", "embeds") == read(without).draft.optional_purposes
    assert ("measurement",) == read(nothing).draft.optional_purposes


def test_a_service_stands_under_the_first_usual_purpose_that_is_asked():
    """Criteo and the like are for one thing only; others are for several."""
    known = next(one for one in all_services() if one.purposes == ("embeds", "marketing") and not _unsure(one))
    entry = f"services: [{known.id}]\n"
    head = SHORT[: SHORT.index("services:")]

    assert "embeds" == read(head + entry).draft.services[0].purpose
    marketing = head.replace("[measurement, embeds]", "[marketing]")
    assert "marketing" == read(marketing + entry).draft.services[0].purpose


def _unsure(known):
    return any(item.duration is None for item in known.items)


@pytest.mark.parametrize("members", [small(), whole(theme={"accent": "#0050b3"})], ids=["least", "whole"])
def test_a_whole_file_means_what_it_always_meant(members):
    """Every draft of the policy format is a site file, and nothing is added to it."""
    assert draft(members) == read(json.dumps(members)).draft


def test_a_whole_service_is_taken_as_it_stands():
    """An entry with name, provider, purpose and description keeps nothing, if it lists nothing."""
    members = whole()
    members["services"][0] |= {"id": "matomo"}
    del members["services"][0]["cookies"]

    assert () == read(json.dumps(members)).draft.services[0].cookies


@pytest.mark.parametrize("language", languages())
def test_every_known_service_speaks_every_language(language):
    """The table of any of them is whole; no English stands in for another language."""
    entries = [
        {"id": one.id, "cookies": {item.name: {"duration": item.duration or "P1Y"} for item in one.items}}
        for one in all_services()
    ]
    head = SHORT[: SHORT.index("purposes:")].replace("[en, de]", f"[{language}]")
    services = read(f"{head}services: {json.dumps(entries)}\n").draft.services

    assert len(all_services()) == len(services)
    if language != "en":
        items = [item for one in all_services() for item in one.items]
        english = {one.description for one in (*all_services(), *items)}
        cookies = [cookie for one in services for cookie in one.cookies]
        assert set() == english & {one.description[language] for one in (*services, *cookies)}


def test_a_language_with_a_region_has_the_words_of_the_language():
    """`de-AT` is German; a language without words at all has to bring its own."""
    austrian = read(changed("[en, de]", "[de-AT, en-GB]")).draft

    assert default_texts("de") == austrian.texts["de-AT"]
    assert find("youtube").description == austrian.services[1].description["en-GB"]


def test_presets_are_copied_into_the_policy():
    """Rules with dates and sources, the purposes' own modes only, what an opt-out needs, and own rules behind."""
    own = "  rules: [{id: own, places: [JP], modes: {embeds: opt_out}, since: 2020-01-01, source: Our reading}]"
    written = read(with_lines("regions:", "  presets: [fr-measurement, eea, us-ca]", own)).draft
    france, eea, california, japan = written.regions.rules

    assert ("fr-measurement", ("FR",), {"measurement": "exempt", "embeds": "opt_in"}) == (
        france.id,
        france.places,
        france.modes,
    )
    assert ("eea", False, 29) == (eea.id, "FR" in eea.places, len(eea.places))
    assert ("us-ca", 365, {"measurement": "opt_out", "embeds": "opt_out"}) == (
        california.id,
        california.lifetime_days,
        california.modes,
    )
    assert ("own", ("JP",)) == (japan.id, japan.places)
    assert ("measurement", "embeds") == written.gpc
    assert "Do Not Sell or Share My Personal Information" == written.opt_out_link["en"]
    assert "default" == written.regions.default


def test_what_an_opt_out_needs_can_be_overridden():
    """Own words for the control, an own list for the signal."""
    more = ["opt_out_link: {en: Your Privacy Choices, de: Ihre Wahl}", "gpc: [measurement, embeds]"]
    written = read(with_lines("regions: {presets: [us]}", *more)).draft

    assert {"en": "Your Privacy Choices", "de": "Ihre Wahl"} == written.opt_out_link
    assert 12 == len(written.regions.rules)


def test_a_file_of_presets_passes_the_check():
    """Europe, the United Kingdom, Switzerland and the United States: nothing that stops, and nothing to warn of."""
    told = check_file(with_lines("regions: {presets: [eea, uk, ch, ca-qc, br, us, in]}"))

    assert [] == [(one.rule, one.said) for one in told if one.severity != "note"]


def test_a_radius_of_nothing_is_a_length():
    """In YAML it is a number."""
    assert {"radius": "0", "accent": "#0050b3"} == read(with_lines("theme: {radius: 0, accent: '#0050b3'}")).draft.theme
