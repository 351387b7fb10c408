"""Rules about when something runs: nothing optional before an answer, wherever the law asks for one."""

from collections.abc import Iterator
from typing import Final

from askfirst.core.policy import PolicyDraft
from askfirst.core.purposes import NECESSARY, Mode
from askfirst.core.regions import DEFAULT_RULE, RegionRule
from askfirst.core.rules.necessary import known_as
from askfirst.core.rules.places import OPT_IN, STRICTNESS, in_us
from askfirst.core.rules.rule import Background, Fault, Path, Rule
from askfirst.core.rules.services import days
from askfirst.core.service import Service

_MONTHS_13: Final = 397  # days
# From this day on the United Kingdom lets statistics and appearance go without consent (REQUIREMENTS RG-4).
_UK_SINCE: Final = "2026-02-05"


def _off_at_start(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    for number, purpose in enumerate(draft.purposes):
        if purpose.mode in ("opt_out", "notice"):
            yield Fault(("purposes", number, "mode"), f"{purpose.mode} switches “{purpose.id}” on before any answer")


def _opt_in_places(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    for path, rule, purpose, mode in _modes(draft):
        places = sorted(OPT_IN & set(rule.places))
        if mode in ("opt_out", "notice") and places:
            yield Fault(path, f"{mode} switches “{purpose}” on before any answer in {', '.join(places)}")


def _united_kingdom(draft: PolicyDraft, known: Background) -> Iterator[Fault]:
    for path, rule, purpose, mode in _modes(draft):
        if mode == "opt_in" or not any(place == "GB" or place.startswith("GB-") for place in rule.places):
            continue
        other = [service for service in draft.services if service.purpose == purpose and _is_other(service, known)]
        if mode == "notice":
            yield Fault(path, f"notice gives no way to object to “{purpose}”")
        elif rule.since < _UK_SINCE:
            yield Fault(path, f"the exceptions are in force since {_UK_SINCE}, and the rule holds since {rule.since}")
        elif purpose in ("marketing", "embeds") or other:
            because = f": {other[0].name} is for more" if other else ""
            yield Fault(path, f"“{purpose}” is not only statistics or appearance{because}")


def _is_other(service: Service, known: Background) -> bool:
    entry = known_as(service, known)
    return entry is not None and bool({"marketing", "embeds"} & set(entry.purposes))


def _modes(draft: PolicyDraft) -> Iterator[tuple[Path, RegionRule, str, Mode]]:
    for number, rule in enumerate(draft.regions.rules):
        for purpose, mode in rule.modes.items():
            yield ("regions", "rules", number, "modes", purpose), rule, purpose, mode


def _unknown_place(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    rules = {rule.id: rule.modes for rule in draft.regions.rules} | {DEFAULT_RULE: {}}
    for purpose in draft.purposes:
        if purpose.mode is None:
            continue
        by_rule: dict[str, Mode] = {name: modes.get(purpose.id, purpose.mode) for name, modes in rules.items()}
        strictest = max(by_rule, key=lambda name: (STRICTNESS[by_rule[name]], name))
        followed = by_rule[draft.regions.default]
        if STRICTNESS[followed] < STRICTNESS[by_rule[strictest]]:
            said = (
                f"where the place is not known, “{purpose.id}” is {followed}, and {by_rule[strictest]} by “{strictest}”"
            )
            yield Fault(("regions", "default"), said)


def _exempt(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    for path, purpose in _exempted(draft):
        yield Fault(path, f"“{purpose}” runs without consent, which needs conditions that no file can show")


def _exempt_services(draft: PolicyDraft, known: Background) -> Iterator[Fault]:
    exempted = {purpose for _path, purpose in _exempted(draft)}
    for number, service in enumerate(draft.services):
        entry = known_as(service, known)
        if service.purpose in exempted and entry is not None and "marketing" in entry.purposes:
            yield Fault(("services", number, "purpose"), f"{service.name} is known to be for marketing too")


def _exempt_items(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    exempted = {purpose for _path, purpose in _exempted(draft)}
    for number, service in enumerate(draft.services):
        for item, cookie in enumerate(service.cookies):
            if service.purpose in exempted and days(cookie.duration) > _MONTHS_13:
                said = f"{cookie.name} stays {cookie.duration}, and the exemption ends at 13 months"
                yield Fault(("services", number, "cookies", item, "duration"), said)


def _exempted(draft: PolicyDraft) -> Iterator[tuple[Path, str]]:
    for number, purpose in enumerate(draft.purposes):
        if purpose.mode == "exempt":
            yield ("purposes", number, "mode"), purpose.id
    for path, _rule, purpose_id, mode in _modes(draft):
        if mode == "exempt":
            yield path, purpose_id


def _signal(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    for path, rule, purpose, mode in _modes(draft):
        if mode == "opt_out" and any(map(in_us, rule.places)) and purpose not in draft.gpc:
            yield Fault(path, f"“{purpose}” can be opted out of, and Global Privacy Control does not do it")


def _dialog(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    if draft.layout.first_layer == "dialog":
        yield Fault(("layout", "first_layer"), "a dialog stands before the page until it is answered or closed")


def _page_path(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    if draft.page_path:
        yield Fault(("page_path",), "each record holds which page the visitor was on")


def _gpc_off(draft: PolicyDraft, known: Background) -> Iterator[Fault]:
    for number, purpose in enumerate(draft.purposes):
        sold = purpose.id == "marketing" or any(
            service.purpose == purpose.id
            and (entry := known_as(service, known)) is not None
            and entry.purposes == ("marketing",)
            for service in draft.services
        )
        if sold and purpose.id not in draft.gpc and purpose.id != NECESSARY:
            yield Fault(("purposes", number), f"Global Privacy Control does not object to “{purpose.id}” here")


RULES: Final = (
    Rule(
        id="ASK-2.off",
        severity="error",
        title="Nothing optional is on at the start",
        source="GDPR 4(11), recital 32; CJEU C-673/17 Planet49; taskforce report 24",
        mend="Let the mode be opt_in, and name the places with another law in a region rule.",
        check=_off_at_start,
    ),
    Rule(
        id="RG-1.opt-in",
        severity="error",
        title="Where the law asks for consent before, the region rules do too",
        source="ePrivacy Directive 5(3); Swiss, Brazilian and Quebec law as REQUIREMENTS RG-1 and RG-3 read it",
        mend="Let the rule say opt_in for these places, or make a rule of its own for the others.",
        check=_opt_in_places,
    ),
    Rule(
        id="RG-4.objection",
        severity="error",
        title="In the United Kingdom only statistics and appearance go without consent, and with a way to object",
        source="DUAA 2025 s. 112, sch. 12 (PECR sch. A1), in force 2026-02-05",
        mend="Let the rule say opt_in, or opt_out for a purpose that is only statistics or only appearance.",
        check=_united_kingdom,
    ),
    Rule(
        id="RG-1.unknown",
        severity="error",
        title="Where the place is not known, the strictest rule holds",
        source="Askfirst's own, stricter rule (REQUIREMENTS, Regions)",
        mend="Let regions.default name the strictest rule, or leave it out.",
        check=_unknown_place,
    ),
    Rule(
        id="RG-2.exempt",
        severity="warning",
        title="An exemption from consent is kept only under its conditions",
        source="CNIL 2020-091 art. 5, 2020-092 art. 5",
        mend="Make sure that it serves your own statistics only, joins no data of others, and can be opted out of; "
        "or let the mode be opt_in.",
        check=_exempt,
    ),
    Rule(
        id="RG-2.service",
        severity="error",
        title="No service that advertises is exempt from consent",
        source="CNIL 2020-091 art. 5, 2020-092 art. 5 (own purposes only)",
        mend="Put the service under a purpose that is asked.",
        check=_exempt_services,
    ),
    Rule(
        id="RG-2.duration",
        severity="error",
        title="What is exempt from consent is kept for 13 months at most",
        source="CNIL 2020-091 art. 5, 2020-092 art. 5",
        mend="Shorten the duration in the service's settings and here, or let the mode be opt_in.",
        check=_exempt_items,
    ),
    Rule(
        id="SG-1.opt-out",
        severity="error",
        title="In the United States, Global Privacy Control opts out of what can be opted out of",
        source="W3C GPC; CCPA regs 7025",
        mend="Add the purpose to gpc.",
        check=_signal,
    ),
    Rule(
        id="SG-1.objection",
        severity="note",
        title="Global Privacy Control objects to advertising",
        source="W3C GPC; GDPR 21(5)",
        mend="Add the purpose to gpc, so that the browser's wish counts everywhere.",
        check=_gpc_off,
    ),
    Rule(
        id="ASK-8.dialog",
        severity="warning",
        title="The page can be used without an answer",
        source="EDPB 05/2020, 38-41 and 46-48",
        mend="Let the first layer be a bar or a box.",
        check=_dialog,
    ),
    Rule(
        id="PR-2.page-path",
        severity="note",
        title="Records hold no more than the proof needs",
        source="GDPR 5(1)(c), (e); EDPB 05/2020, 106-107",
        mend="Leave page_path out, unless you have to show on which page somebody answered.",
        check=_page_path,
    ),
)
