"""The vectors of descriptors (formats.md, 9), and of what their region rules say."""

import json
from collections.abc import Iterator
from typing import Any

from askfirst_sdk.descriptor import CookieRule, Descriptor, RegionRule, descriptor_payload
from askfirst_sdk.encoding import json_encode
from sdk.examples import NEXT, NOON, RECEIPTS, RING, SITE, STRANGER, sign

RULES = {
    "eu": RegionRule(("DE", "FR"), {"marketing": "opt_in"}, "2020-01-01"),
    "us": RegionRule(("US",), {"measurement": "opt_out", "marketing": "opt_out"}, "2020-01-01"),
    "us-ca": RegionRule(("US-CA", "US-CO"), {"measurement": "notice", "marketing": "opt_out"}, "2026-01-01"),
    "uk-2026": RegionRule(("GB",), {"measurement": "exempt"}, "2026-02-05"),
    "gone": RegionRule(("FR",), {"measurement": "exempt"}, "2020-01-01", "2026-06-15"),
    "to-come": RegionRule(("JP",), {"measurement": "exempt"}, "2026-06-16"),
}


def described(**changes: Any) -> Descriptor:
    """Return a descriptor of three purposes."""
    values: dict[str, Any] = {
        "site": SITE,
        "revisions": (2, 3),
        "policy": "ab" * 32,
        "purposes": {"measurement": "opt_in", "marketing": "opt_in", "embeds": "opt_in"},
        "keys": (RECEIPTS.verifier.text, NEXT.verifier.text),
        "issued_at": NOON,
        "expires_at": NOON + 604_800,
        "gpc": ("marketing",),
        "revoked": (STRANGER.verifier.key_id.hex(),),
        "cookie": CookieRule(shared=True, domain="example.com", partitioned=True),
    }
    return Descriptor(**(values | changes))


def descriptors() -> dict[str, Any]:
    """Return the examples of formats.md, 9."""
    accepts = [
        ("without region rules: version 1", described()),
        ("with region rules: version 2", described(rules=RULES)),
    ]
    regions = [
        None,
        "",
        "DE",
        "FR",
        "US-CA",
        "US-NY",
        "US",
        "GB",
        "GB-ENG",
        "JP",
        "BR",
        "us-ca",
        "eu",
        "default",
        "gone",
    ]
    rules = described(rules=RULES).region_rules()
    return {
        "about": "formats.md, 9. `modes` says what holds where at `now`, in seconds, under the second example.",
        "ring": [key.text for key in RING],
        "accepts": [
            {
                "what": what,
                "payload": descriptor_payload(one).decode(),
                "token": sign(RECEIPTS, descriptor_payload(one), "descriptor"),
            }
            for what, one in accepts
        ],
        "rejects": [{"what": what, "payload": payload} for what, payload in _rejects()],
        "now": NOON,
        "modes": [{"region": region, "modes": dict(rules.modes(region, NOON))} for region in regions],
    }


def _rejects() -> Iterator[tuple[str, str]]:
    one: dict[str, Any] = json.loads(descriptor_payload(described()))
    two: dict[str, Any] = json.loads(descriptor_payload(described(rules=RULES)))

    def changed(members: dict[str, Any], **changes: Any) -> str:
        return json_encode({m: v for m, v in (members | changes).items() if v is not ...}).decode()

    yield "version 1 with rules", changed(two, v=1)
    yield "version 2 without rules", changed(one, v=2)
    yield "version 2 with no rule", changed(two, rules={})
    yield "version 3", changed(two, v=3)
    yield "version true", changed(one, v=True)
    yield "an unknown member", changed(two, rule="eu")
    for rules in ([], None, "eu", {"eu": None}, {"eu": []}, {"eu": {}}):
        yield f"rules is {json.dumps(rules)}", changed(two, rules=rules)
    good = two["rules"]["eu"]
    for name in ("", "EU", "default", "e" * 65, "a b"):
        yield f"a rule named {name[:8]!r}", changed(two, rules={name: good})
    wrong: dict[str, list[Any]] = {
        "places": [[], "DE", ["de"], ["DE", 1], ["D"], ["US-"], ["US-CALI"], None, {}],
        "modes": [
            [],
            None,
            {"measurement": "off"},
            {"measurement": None},
            {"other": "opt_in"},
            {"Measurement": "opt_in"},
        ],
        "since": ["", "2026-1-1", "2026-13-01", None, 20260101, True],
        "until": ["", "2019-12-31", "2020-01-01", 20260101, True],
    }
    for member, values in wrong.items():
        for value in values:
            yield f"{member} of a rule is {json.dumps(value)}", changed(two, rules={"eu": {**good, member: value}})
        yield f"a rule without {member}", changed(two, rules={"eu": {m: v for m, v in good.items() if m != member}})
    yield "a rule with an unknown member", changed(two, rules={"eu": {**good, "source": "x"}})
