"""The site file that somebody begins with: a few answers become commented YAML that passes the check."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from askfirst import known_services
from askfirst.core.known_service import KnownService
from askfirst.core.rules.places import EEA
from askfirst.site_file.schema import ADDRESS

_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class Answers:
    """What `site init` asks. `services` and `presets` are ids of the catalogue and of region presets; `transfers` says
    what data rests on that goes to a country.
    """

    name: str
    address: str
    contact: str
    country: str | None
    privacy_policy: str
    languages: Sequence[str]
    services: Sequence[str] = ()
    purposes: Sequence[str] = ()
    presets: Sequence[str] = ()
    transfers: Mapping[str, str] = field(default_factory=dict)


def countries_abroad(services: Sequence[str], home: str | None) -> tuple[str, ...]:
    """Return the countries outside the controller's own law that the known services send data to, sorted."""
    found = [known_services.find(one) for one in services]
    return tuple(sorted({country for known in found if known is not None for country in _abroad(known, home)}))


def begun_site_file(answers: Answers, *, service_url: str, name: str) -> str:
    """Return a site file in YAML; `name` is what it will be called, and `service_url` where its schema is."""
    return "\n".join(_lines(answers, service_url, name)) + "\n"


def _lines(answers: Answers, service_url: str, name: str) -> Iterator[str]:
    yield f"# yaml-language-server: $schema={service_url}{ADDRESS}"
    yield "# What the banner of this website asks. What is not here comes from Askfirst's default texts and catalogues."
    yield f"# Check it:    askfirst policy check {name}"
    yield f'# Publish it:  askfirst policy publish KEY {name} --reason "The first policy."'
    yield ""
    yield "# Who decides what the data is for. Visitors read it, and write to the contact."
    yield "controller:"
    yield f"  name: {_text(answers.name)}"
    yield f"  address: {_text(answers.address)}"
    yield f"  contact: {_text(answers.contact)}"
    if answers.country:
        yield f"  country: {_text(answers.country)}"
    yield ""
    yield "# One address for all languages, or one for each: {en: https://…, de: https://…}"
    yield f"privacy_policy: {_text(answers.privacy_policy)}"
    yield ""
    yield "# The first language is the default."
    yield f"languages: {_list(answers.languages)}"
    yield ""
    yield "# What is asked: measurement, preferences, marketing, embeds, or your own with id, name and description."
    yield f"purposes: {_list(answers.purposes)}"
    yield ""
    yield from _services(answers)
    yield ""
    yield from _looks_and_more(answers)


def _services(answers: Answers) -> Iterator[str]:
    if not answers.services:
        yield "# Who acts under the purposes, such as matomo, youtube or google-analytics; docs/services.md lists them."
        yield "services: []"
        return
    yield "# Who acts under the purposes. Provider, descriptions and cookies come from the catalogue; compare them with"
    yield "# what your page really sets, and write what differs."
    yield "services:"
    for one in answers.services:
        known = known_services.find(one)
        yield f"  - id: {one}"
        if known is None:
            continue
        if known.purposes[0] == "measurement":
            yield "    # provider: controller   # if you run it on servers of your own"
        abroad = _abroad(known, answers.country)
        if abroad:
            rests = ", ".join(f"{country}: {answers.transfers.get(country, 'standard_clauses')}" for country in abroad)
            yield "    # Confirm in your contract: adequacy, standard_clauses, binding_rules or derogation."
            yield f"    transfers: {{{rests}}}"
        unsure = [item.name for item in known.items if item.duration is None]
        if unsure:
            yield "    # How long these are kept is not known. Where your page sets one, write {duration: P1Y}."
            yield "    cookies:"
            yield from (f"      {_text(item)}: null" for item in unsure)


def _looks_and_more(answers: Answers) -> Iterator[str]:
    if answers.presets:
        yield "# Where other rules hold; the rules of these presets are copied into the policy when it is published."
        yield "regions:"
        yield f"  presets: {_list(answers.presets)}"
    else:
        yield "# Where other rules hold: presets such as eea, uk, ch, us-ca, us. Without any, all are asked before."
        yield "# regions:"
        yield "#   presets: [eea, uk, us]"
    yield ""
    yield "# How it looks. Colours go in quotes; the check computes their contrast."
    yield "layout: {first_layer: bar}   # bar, box or dialog"
    yield "# theme:"
    yield '#   accent: "#1d4fd7"'
    yield '#   dark-accent: "#a5bdff"'
    yield "#   radius: 8px"
    yield ""
    yield "# After how many days somebody is asked again, the same after either answer."
    yield "lifetime_days: 182"
    yield ""
    yield "# Own words in the place of the default ones, by language."
    yield "# texts:"
    yield f"#   {answers.languages[0]}:"
    yield "#     text: …"
    yield ""
    yield "# After how many days records are forgotten; without it, as the service's own setting says."
    yield "# retention_days: 1095"


def _abroad(known: KnownService, home: str | None) -> tuple[str, ...]:
    at_home = EEA if home is None or home in EEA else {home}
    return tuple(sorted({*known.outside, known.provider.country} - at_home))


def _list(words: Sequence[str]) -> str:
    return f"[{', '.join(one if _PLAIN.fullmatch(one) else _text(one) for one in words)}]"


def _text(text: str) -> str:
    # A JSON text is a YAML text, whatever is in it.
    return json.dumps(text, ensure_ascii=False)
