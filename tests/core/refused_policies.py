"""Drafts that break one rule of the policy format each."""

from typing import Any

from core.examples import purpose, small, texts, whole


def refused() -> list[tuple[str, dict[str, Any]]]:
    """Return drafts that break one rule each, with the member that is to be named."""
    controller = small()["controller"]
    service = whole()["services"][1]
    cookie = {"name": "id", "duration": "P1D", "description": {"en": "Words"}}
    one = {**service, "id": "one", "description": {"en": "Words"}, "cookies": [cookie]}
    rule = whole()["regions"]["rules"][0]

    def with_cookie(**changes: Any) -> dict[str, Any]:
        return small(services=[{**one, "cookies": [{**cookie, **changes}]}])

    def with_text(text: str) -> dict[str, Any]:
        return small(texts={"en": {**texts("en"), "text": text}})

    def with_address(address: str) -> dict[str, Any]:
        return small(privacy_policy={"en": address})

    def with_rule(**changes: Any) -> dict[str, Any]:
        changed = {**rule, "modes": {"measurement": "opt_out"}, **changes}
        return small(regions={"default": "default", "rules": [changed]})

    return [
        ("controller", {name: value for name, value in small().items() if name != "controller"}),
        ("tracking", small(tracking=True)),
        ("controller.name", small(controller={**controller, "name": ""})),
        ("controller.name", small(controller={**controller, "name": "Example\nLtd"})),
        ("controller.name", small(controller={**controller, "name": "Example\u202eLtd"})),
        ("controller.country", small(controller={**controller, "country": "gb"})),
        ("languages", small(languages=[])),
        ("languages", small(languages=["en", "en"])),
        ("languages.0", small(languages=["EN"])),
        ("privacy_policy", small(privacy_policy={})),
        ("privacy_policy.en", with_address("http://example.com/privacy")),
        ("privacy_policy.en", with_address("javascript:alert(1)")),
        ("privacy_policy.en", with_address("data:text/html,x")),
        ("privacy_policy.en", with_address("//example.com/privacy")),
        ("privacy_policy.en", with_address("https://user:word@example.com/")),
        ("privacy_policy.en", with_address("https:///privacy")),
        ("privacy_policy.en", with_address("https://example.com/a b")),
        ("privacy_policy.en", with_address("https://example.com:99999/")),
        ("privacy_policy.en", with_address("https://example.com\\@evil.example/")),
        ("privacy_policy.en", with_address('https://example.com/"onclick=')),
        ("privacy_policy.en", with_address("http://localhost.example.com/")),
        ("privacy_policy", small(privacy_policy={"en": "https://example.com/", "de": "https://example.com/de"})),
        ("purposes", small(purposes=[])),
        ("purposes", small(purposes=[purpose("necessary", "en")])),
        ("purposes", small(purposes=[purpose("measurement", "en")])),
        ("purposes", small(purposes=[purpose("measurement", "en"), purpose("necessary", "en")])),
        ("purposes", small(purposes=[purpose("necessary", "en"), *[purpose("measurement", "en")] * 2])),
        ("purposes.1", small(purposes=[purpose("necessary", "en"), purpose("measurement", "en", mode=None)])),
        ("purposes.0", small(purposes=[purpose("necessary", "en", mode="opt_in"), purpose("measurement", "en")])),
        ("purposes.1.mode", small(purposes=[purpose("necessary", "en"), purpose("a", "en", mode="legitimate")])),
        ("purposes.1.id", small(purposes=[purpose("necessary", "en"), purpose("Ads", "en")])),
        (
            "purposes.measurement.name",
            small(purposes=[purpose("necessary", "en"), purpose("measurement", "en", name={})]),
        ),
        ("services.one.purpose", small(services=[{**one, "purpose": "marketing"}])),
        ("services", small(services=[one, one])),
        ("services.0.id", small(services=[{**one, "id": "One Service"}])),
        ("services.one.description", small(services=[{**one, "description": {}}])),
        (
            "services.0.provider.privacy_policy",
            small(services=[{**one, "provider": {"name": "x", "privacy_policy": "ftp://a.example"}}]),
        ),
        ("services.0.transfers.0.basis", small(services=[{**one, "transfers": [{"country": "US", "basis": "trust"}]}])),
        ("services.one.cookies", small(services=[{**one, "cookies": [cookie, cookie]}])),
        ("services.0.cookies.0.name", with_cookie(name="*")),
        ("services.0.cookies.0.name", with_cookie(name="a*")),
        ("services.0.cookies.0.name", with_cookie(name="a name")),
        ("services.0.cookies.0.name", with_cookie(name="__Host-askfirst-demo0001")),
        ("services.one.cookies.a=b", with_cookie(name="a=b")),
        ("services.0.cookies.0.duration", with_cookie(duration="1 year")),
        ("services.0.cookies.0.duration", with_cookie(duration="P1Y6M")),
        ("services.0.cookies.0.duration", with_cookie(duration="P0D")),
        ("services.one.cookies.id", with_cookie(duration="persistent")),
        ("services.one.cookies.id", with_cookie(kind="session", duration="P1D")),
        ("services.0.cookies.0.kind", with_cookie(kind="indexeddb")),
        ("texts", small(texts={})),
        ("texts.en.accept", small(texts={"en": {**texts("en"), "accept": ""}})),
        ("texts.en.accepted", small(texts={"en": {**texts("en"), "accepted": "Yes"}})),
        ("texts.en.text", with_text("<b>Bold</b>")),
        ("texts.en.text", with_text("two\nlines")),
        ("texts.en.text", with_text(" blank")),
        ("texts.en.text", with_text("x" * 1201)),
        ("texts.en", with_text("Hello {name}")),
        ("texts.en", small(texts={"en": {**texts("en"), "about": "We ask."}})),
        ("texts.en", small(texts={"en": {**texts("en"), "about": "{controller}{purposes}{purposes}"}})),
        ("layout.first_layer", small(layout={"first_layer": "wall"})),
        ("theme.accent", small(theme={"accent": "red;}body{display:none"})),
        ("theme.accent", small(theme={"accent": "url(https://evil.example)"})),
        ("lifetime_days", small(lifetime_days=0)),
        ("lifetime_days", small(lifetime_days=731)),
        ("lifetime_days", small(lifetime_days=182.5)),
        ("lifetime_days", small(lifetime_days="182")),
        ("lifetime_days", small(lifetime_days=True)),
        ("sharing.domain", small(sharing={"domain": "com"})),
        ("sharing.domain", small(sharing={"domain": ".example.com"})),
        ("sharing.domain", small(sharing={"domain": "127.0.0.1"})),
        ("wait_for_receipt", small(wait_for_receipt=1)),
        ("gpc", small(gpc=["marketing"])),
        ("gpc", small(gpc=["necessary"])),
        ("gpc", small(gpc=["measurement", "measurement"])),
        ("regions.default", small(regions={"default": "us-ca"})),
        ("regions.rules.0", with_rule(id="default")),
        ("regions.rules.0", with_rule(until="2023-01-01")),
        ("regions.rules.0.since", with_rule(since="2023-02-31x")),
        ("regions.rules.0.places", with_rule(places=[])),
        ("regions.rules.0.places.0", with_rule(places=["California"])),
        ("regions.rules.us-ca.modes", with_rule(modes={"marketing": "opt_out"})),
        ("signals", small(signals={"unheard": {}})),
    ]
