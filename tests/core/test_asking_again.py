"""Which changes ask visitors again: examples for each row of the table in service/docs/policies.md, both ways."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from askfirst.core.asking_again import seconds
from askfirst.core.policy_diff import causes, differences
from core.examples import draft, purpose, said, texts, whole

_ALL = ("de", "en", "ar")
Edit = Callable[[dict[str, Any]], object]


def _video(members: dict[str, Any]) -> Any:
    return members["services"][0]


def _rule(members: dict[str, Any]) -> Any:
    return members["regions"]["rules"][0]


def _new(**changes: Any) -> dict[str, Any]:
    described = said("chat", *_ALL)
    return {
        "id": "chat",
        "name": "Chat",
        "purpose": "embeds",
        "provider": {"name": "C"},
        "description": described,
    } | changes


def _cookie(duration: str, name: str = "vv", kind: str = "cookie") -> dict[str, Any]:
    return {"name": name, "kind": kind, "duration": duration, "description": said("v", *_ALL)}


def _region(**changes: Any) -> dict[str, Any]:
    rule = {"id": "gb", "places": ["GB"], "modes": {}, "since": "2024-01-01", "source": "A law"}
    return rule | changes


def _transfers(*pairs: str) -> list[dict[str, str]]:
    return [dict(zip(("country", "basis"), pair.split(), strict=True)) for pair in pairs]


# An edit of the whole example, and the causes that it has.
ASKS: dict[str, tuple[Edit, list[str]]] = {
    "new purpose": (
        lambda m: m["purposes"].append(purpose("preferences", *_ALL)),
        ["The purpose preferences is new."],
    ),
    "another controller": (
        lambda m: m["controller"].update(name="Neu GmbH"),
        ["The controller is “Neu GmbH” and no longer “Beispiel & Söhne GmbH”."],
    ),
    "controller elsewhere": (
        lambda m: m["controller"].update(country="US"),
        ["The controller is in US and no longer in DE."],
    ),
    "weaker mode": (
        lambda m: m["purposes"][2].update(mode="opt_out"),
        ["The purpose embeds is on unless objected to and no longer asked before."],
    ),
    "no longer asked": (
        lambda m: m["purposes"][2].update(mode="notice"),
        ["The purpose embeds is told only and no longer asked before."],
    ),
    "conditions dropped": (
        lambda m: m["purposes"][1].update(mode="notice"),
        ["The purpose measurement is told only and no longer exempt from asking."],
    ),
    "asked from now on": (
        lambda m: m["purposes"][1].update(mode="opt_in"),
        ["The purpose measurement is now asked before; earlier answers were given where it was exempt from asking."],
    ),
    "new service": (
        lambda m: m["services"].append(_new()),
        ["The service Chat is new under the purpose embeds."],
    ),
    "service moved": (
        lambda m: _video(m).update(purpose="marketing"),
        ["The service Video acts under the purpose marketing and no longer under embeds."],
    ),
    "service moved to necessary": (
        lambda m: _video(m).update(purpose="necessary"),
        ["The service Video acts under the purpose necessary and no longer under embeds."],
    ),
    "another provider": (
        lambda m: _video(m)["provider"].update(name="Big Inc."),
        ["The service Video is run by “Big Inc.” and no longer by “Video Inc.”."],
    ),
    "provider elsewhere": (
        lambda m: _video(m)["provider"].update(country="CN"),
        ["The service Video is run from CN and no longer from US."],
    ),
    "longer cookie": (
        lambda m: m["services"][1]["cookies"][0].update(duration="P2Y"),
        ["The service Statistics keeps _ga_* on the device longer than before."],
    ),
    "new cookie, the longest": (
        lambda m: m["services"][1]["cookies"].append(_cookie("P401D")),
        ["The service Statistics keeps vv on the device, longer than anything that it kept before."],
    ),
    "new transfer": (
        lambda m: _video(m).update(transfers=_transfers("US adequacy", "IN standard_clauses")),
        ["The service Video takes data to IN."],
    ),
    "transfer on a derogation": (
        lambda m: _video(m).update(transfers=_transfers("US derogation")),
        ["The service Video takes data to US with no safeguard but a derogation."],
    ),
    "wider sharing": (
        lambda m: m["sharing"].update(domain="other.example"),
        ["One answer now holds in all of other.example."],
    ),
    "signal dropped": (
        lambda m: m.update(gpc=[]),
        ["Global Privacy Control no longer objects to the purpose marketing."],
    ),
    "weaker in a region": (
        lambda m: _rule(m)["modes"].update(embeds="opt_out", marketing="notice"),
        [
            "The purpose marketing, where the rule us-ca holds, is told only and no longer on unless objected to.",
            "The purpose embeds, where the rule us-ca holds, is on unless objected to and no longer asked before.",
        ],
    ),
    "more places": (
        lambda m: _rule(m).update(places=["US-CA", "US-CO"]),
        ["The purpose marketing, where the rule us-ca now holds, is on unless objected to and no longer asked before."],
    ),
    "earlier": (
        lambda m: _rule(m).update(since="2022-01-01"),
        ["The purpose marketing, where the rule us-ca now holds, is on unless objected to and no longer asked before."],
    ),
    "new rule": (
        lambda m: m["regions"]["rules"].append(_region(modes={"embeds": "notice"})),
        ["The purpose embeds, where the rule gb holds, is told only and no longer asked before."],
    ),
    "rule gone": (
        lambda m: m["regions"].update(rules=[]),
        [
            "The purpose marketing, where the rule us-ca no longer holds, is now asked before; "
            "earlier answers were given where it was on unless objected to."
        ],
    ),
    "rule ends": (
        lambda m: _rule(m).update(until="2027-01-01"),
        [
            "The purpose marketing, where the rule us-ca no longer holds, is now asked before; "
            "earlier answers were given where it was on unless objected to."
        ],
    ),
    "another rule for unknown places": (
        lambda m: m["regions"].update(default="us-ca"),
        ["The purpose marketing, where the place is not known, is on unless objected to and no longer asked before."],
    ),
}

ASKS_NOT: dict[str, Edit] = {
    "other words": lambda m: m.update(texts={one: texts(one) | {"text": "Dürfen wir?"} for one in _ALL}),
    "a purpose described otherwise": lambda m: m["purposes"][1].update(
        description=said("x", *_ALL), name=said("y", *_ALL)
    ),
    "a service described otherwise": lambda m: _video(m).update(name="Videos", description=said("x", *_ALL)),
    "a purpose less": lambda m: (m["purposes"].pop(), m.update(gpc=[], regions={})),
    "a service less": lambda m: m["services"].pop(),
    "a necessary service": lambda m: m["services"].append(_new(purpose="necessary", cookies=[_cookie("P9Y")])),
    "the controller's address": lambda m: m["controller"].update(address="Neue Straße 2", contact="x@y.example"),
    "the country told at last": lambda m: m["services"][1]["provider"].update(country="DE"),
    "a shorter cookie": lambda m: m["services"][1]["cookies"][0].update(duration="P1D"),
    "a cookie that lives no longer": lambda m: m["services"][1]["cookies"].append(_cookie("P400D")),
    "a cookie less": lambda m: _video(m)["cookies"].pop(),
    "a transfer with a better base": lambda m: _video(m).update(transfers=_transfers("US standard_clauses")),
    "no transfer": lambda m: _video(m).update(transfers=[]),
    "a stricter mode that asks nobody": lambda m: m["purposes"][1].update(mode="opt_out"),
    "a narrower domain": lambda m: m["sharing"].update(domain="www.beispiel.example"),
    "no shared domain": lambda m: m.update(sharing={}),
    "in a foreign frame": lambda m: m["sharing"].update(partitioned=False),
    "another look": lambda m: m.update(theme={"accent": "#123456"}, layout={"first_layer": "dialog"}),
    "another lifetime": lambda m: m.update(lifetime_days=730),
    "a privacy policy elsewhere": lambda m: m.update(privacy_policy=dict.fromkeys(_ALL, "https://new.example/")),
    "another order": lambda m: (m["purposes"].insert(1, m["purposes"].pop()), m["languages"].reverse()),
    "more objections by a signal": lambda m: m.update(gpc=["marketing", "embeds"]),
    "a rule that changes no mode": lambda m: m["regions"]["rules"].append(_region()),
    "another source of a rule": lambda m: _rule(m).update(source="The same law, named better", lifetime_days=180),
    "a receipt waited for, the path told": lambda m: m.update(wait_for_receipt=False, page_path=False),
}


def _causes(edit: Edit) -> list[str]:
    members = copy.deepcopy(whole())
    edit(members)
    before, after = draft(whole()), draft(members)
    assert before != after
    return list(causes(differences(before, after)))


@pytest.mark.parametrize("name", ASKS)
def test_wider_use_asks_again_and_says_why(name: str):
    """Each edit has exactly these causes."""
    edit, expected = ASKS[name]

    assert expected == _causes(edit)


@pytest.mark.parametrize("name", ASKS_NOT)
def test_other_words_looks_and_narrower_use_ask_nobody(name: str):
    """Asking twice is a nuisance."""
    assert [] == _causes(ASKS_NOT[name])


def test_a_service_that_kept_nothing_and_begins_to_asks_again():
    """Even what ends with the browser is more than nothing."""
    before, after = whole(), whole()
    before["services"][1]["cookies"], after["services"][1]["cookies"] = [], [_cookie("session")]

    assert ("The service Statistics keeps vv on the device, longer than anything that it kept before.",) == causes(
        differences(draft(before), draft(after))
    )


def test_a_sub_domain_that_becomes_the_whole_domain_asks_again():
    """The answer reaches further; a name that only ends alike is another domain."""
    before, after = whole(sharing={"domain": "www.beispiel.example"}), whole()
    other = whole(sharing={"domain": "notbeispiel.example"})

    assert ("One answer now holds in all of beispiel.example.",) == causes(differences(draft(before), draft(after)))
    assert ("One answer now holds in all of notbeispiel.example.",) == causes(differences(draft(after), draft(other)))


def _us(mode: str, **changes: Any) -> dict[str, Any]:
    return _region(id="us", places=["US"], modes={"embeds": mode}) | changes


def _ca(mode: str, **changes: Any) -> dict[str, Any]:
    return _region(id="ca", places=["US-CA"], modes={"embeds": mode}) | changes


_WIDER = "is told only and no longer asked before."
_CA_WIDER = [f"The purpose embeds, where the rule ca no longer holds, {_WIDER}"]
_CA_ASKED = [
    "The purpose embeds, where the rule ca holds, is now asked before; "
    "earlier answers were given where it was told only."
]
_US_WIDER = [
    f"The purpose embeds, where the rule us no longer holds, {_WIDER}",
    f"The purpose embeds, where the rule us-2 holds, {_WIDER}",
]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([_us("notice"), _ca("opt_in")], [_us("notice")], _CA_WIDER),
        ([_us("notice"), _ca("opt_in")], [_us("notice"), _ca("opt_in", until="2027-01-01")], _CA_WIDER),
        ([_us("notice")], [_us("notice"), _ca("opt_in")], _CA_ASKED),
        ([_us("notice"), _ca("notice")], [_us("notice")], []),
        ([_us("notice")], [_us("notice", id="us-2")], []),
        ([_us("opt_in")], [_us("notice", id="us-2")], _US_WIDER),
        (
            [_us("notice"), _ca("opt_in")],
            [_us("notice", until="2024-01-02"), _us("notice", id="us-2", since="2024-01-02"), _ca("opt_in")],
            [],
        ),
    ],
)
def test_a_rule_is_compared_with_what_else_holds_in_its_places(before: Any, after: Any, expected: list[str]):
    """Where the rule of a part ends, that of its country holds, and not the purposes' own modes."""
    old, new = (draft(whole(regions={"rules": rules})) for rules in (before, after))

    assert expected == list(causes(differences(old, new)))


def test_durations_are_compared_by_what_they_mean():
    """Units do not matter; nothing outlives what is kept without end."""
    assert seconds("P1Y") == seconds("P12M") == seconds("P365D")
    assert seconds("P2W") == seconds("P14D")
    assert seconds("PT60M") == seconds("PT1H")
    assert seconds("session") < seconds("PT1S") < seconds("P9999Y") < seconds("persistent")
