"""For each rule of the check, changes to a policy that passes: some that break it, and some that only come close."""

from typing import Any

Changes = dict[str, Any]  # members by their dotted path; None takes a member out

_LONG = "This sentence goes on and on " + "with one more word after another " * 6 + "until it ends."
_RULE = {"id": "own", "places": ["US-CA"], "modes": {"marketing": "opt_out"}, "since": "2023-01-01", "source": "A law"}
_US = {**_RULE, "lifetime_days": 365}


def _service(service_id: str, purpose: str, **changes: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "id": service_id,
        "name": service_id.replace("-", " ").title(),
        "purpose": purpose,
        "provider": {"name": "Provider Ltd", "country": "IE", "privacy_policy": "https://provider.example/privacy"},
        "description": {"en": "Does a thing that visitors want.", "de": "Tut etwas, das Besucher wünschen."},
        "cookies": [_cookie("thing")],
        "transfers": [],
    }
    return {**given, **changes}


def _cookie(name: str, duration: str = "P1D") -> dict[str, Any]:
    return {"name": name, "duration": duration, "description": {"en": "Holds the thing.", "de": "Hält die Sache."}}


def _rules(*rules: dict[str, Any], **more: Any) -> Changes:
    return {"regions": {"default": "default", "rules": list(rules)}, **more}


def _us(**changes: Any) -> Changes:
    link = {"en": "Do Not Sell or Share My Personal Information", "de": "Meine Daten nicht verkaufen oder teilen"}
    return _rules({**_US, **changes}, gpc=["marketing"], opt_out_link=link)


def _europe(mode: str, places: tuple[str, ...] = ("DE",), **changes: Any) -> Changes:
    return _rules({**_RULE, "places": list(places), "modes": {"measurement": mode}, **changes})


BAD_AND_GOOD: dict[str, tuple[Changes, Changes]] = {
    "ASK-2.agreement": ({"texts.en.accept": "Got it"}, {"texts.en.accept": "Agree"}),
    "ASK-2.off": ({"purposes.1.mode": "opt_out"}, {"purposes.1.mode": "opt_in"}),
    "ASK-2.silence": (
        {"texts.en.text": "By continuing to browse you agree to cookies."},
        {"texts.en.text": "Nothing optional runs until you accept, also if you go on reading."},
    ),
    "ASK-3.emphasis": (
        {"texts.en.accept": "ACCEPT", "texts.en.reject": "Reject"},
        {"texts.en.accept": "ACCEPT", "texts.en.reject": "REJECT"},
    ),
    "ASK-3.length": (
        {"texts.en.accept": "Yes", "texts.en.reject": "Disapproveofeverything"},
        {"texts.en.accept": "Accept", "texts.en.reject": "Disapprove"},
    ),
    "ASK-3.words": (
        {"texts.en.reject": "Reject all of it"},
        {"texts.en.accept": "Accept all", "texts.en.reject": "Reject all"},
    ),
    "ASK-4.contrast": ({"theme": {"button-ink": "#777777"}}, {"theme": {"button-ink": "#fafafa"}}),
    "ASK-4.distinct": (
        {"texts.en.reject": "Settings", "texts.en.settings": "Settings"},
        {"texts.en.settings": "Settings"},
    ),
    "ASK-4.nudge": (
        {"texts.en.text": "Cookies give you the best experience. Please choose."},
        {"texts.en.text": "Cookies count visits, if you let us. Please choose."},
    ),
    "ASK-4.refusal": ({"texts.en.reject": "Options"}, {"texts.en.reject": "Refuse"}),
    "ASK-4.visible": ({"texts.en.reject": "—"}, {"texts.en.reject": "No"}),
    "ASK-5.same": (
        {"purposes.2.description.en": "Counting visits to see what is read."}
        | {"purposes.1.description.en": "Counting visits to see what is read."},
        {"purposes.1.description.en": "Counting visits to see what is read."},
    ),
    "ASK-5.service": ({"services.0.purpose": "embeds"}, {"services.0.purpose": "measurement"}),
    "ASK-5.vague": (
        {"purposes.1.description.en": "Used for various purposes of ours."},
        {"purposes.1.description.en": "Used to count visits by day."},
    ),
    "ASK-6.contact": ({"controller.contact": "the front desk"}, {"controller.contact": "+353 1 234567"}),
    "ASK-6.duration": ({"services.0.cookies.0.duration": "P1D"}, {"services.0.cookies.0.duration": "P395D"}),
    "ASK-6.idle": ({"services": []}, {}),
    "ASK-6.items": ({"services.0.cookies": []}, {}),
    "ASK-6.more-items": ({"services.0.cookies.1": None}, {}),
    "ASK-6.nothing-kept": (
        {"services.+": _service("own-thing", "embeds", cookies=[])},
        {"services.+": _service("own-thing", "embeds")},
    ),
    "ASK-6.provider": (
        {"services.1.provider.name": "YouTube"},
        {"services.1.provider.name": "Google Ireland Limited"},
    ),
    "ASK-6.provider-policy": (
        {"services.1.provider.privacy_policy": None},
        {"services.0.provider": {"name": "Example Ltd"}},
    ),
    "ASK-6.purpose": (
        {"purposes.1.description.en": "Statistics"},
        {"purposes.1.description.en": "Counting which pages are read."},
    ),
    "ASK-6.reachable": (
        {"privacy_policy.en": "http://localhost:8000/privacy"},
        {"privacy_policy.en": "https://example.org/privacy"},
    ),
    "ASK-6.service": ({"services.1.description.en": "YouTube"}, {"services.1.description.en": "Shows our films here."}),
    "ASK-7.jargon": (
        {"purposes.1.description.en": "Measuring reach, also by fingerprinting."},
        {"purposes.1.description.en": "Measuring how many people read a page."},
    ),
    "ASK-7.plurals": (
        {"texts.de.durations.day": {"other": "{n} Tage"}},
        {"texts.de.durations.day": {"one": "{n} Tag", "other": "{n} Tage"}},
    ),
    "ASK-7.script": (
        {"languages": ["en", "de", "uk"], "+uk": "Latin letters only stand here"},
        {"languages": ["en", "de", "uk"], "+uk": "Українські слова стоять тут"},
    ),
    "ASK-7.sentences": ({"texts.en.text": _LONG}, {"texts.en.text": _LONG.replace("until", "done. Then")[:150] + "."}),
    "ASK-7.services": (
        {"services.1.description.de": "Plays a film that our own people made."}
        | {"services.1.description.en": "Plays a film that our own people made."},
        {"services.1.description.de": "Spielt einen Film ab, den wir gemacht haben."},
    ),
    "ASK-7.texts": (
        {"texts.de.text": "We count visits if you agree to it."}
        | {"texts.en.text": "We count visits if you agree to it."},
        {"texts.de.text": "Wir zählen Besuche, wenn Sie einwilligen."},
    ),
    "ASK-7.unreviewed": ({"+default": "nb"}, {"+default": "de"}),
    "ASK-8.dialog": ({"layout.first_layer": "dialog"}, {"layout.first_layer": "box"}),
    "ASK-8.wall": (
        {"texts.en.text": "You must accept cookies to read this website."},
        {"texts.en.text": "You can read this website whatever you answer."},
    ),
    "ASK-9.long": ({"lifetime_days": 366}, {"lifetime_days": 365}),
    "ASK-9.short": ({"lifetime_days": 181}, {"lifetime_days": 182}),
    "ASK-11.interest": (
        {"purposes.1.description.en": "Counting visits on the ground of our legitimate interest."},
        {"purposes.1.description.en": "Counting visits with your consent."},
    ),
    "ASK-12.doubtful-item": (
        {"services.+": _service("own-login", "necessary", cookies=[_cookie("fr")])},
        {"services.+": _service("own-login", "necessary", cookies=[_cookie("own_login")])},
    ),
    "ASK-12.doubtful-service": (
        {"services.+": _service("google-maps", "necessary")},
        {"services.+": _service("google-maps", "embeds")},
    ),
    "ASK-12.item": (
        {"services.+": _service("own-shop", "necessary", cookies=[_cookie("_ga")])},
        {"services.+": _service("own-shop", "necessary", cookies=[_cookie("basket")])},
    ),
    "ASK-12.service": (
        {"services.0.purpose": "necessary"},
        {"services.+": _service("stripe", "necessary")},
    ),
    "ASK-12.words": (
        {
            "services.+": _service(
                "own-thing", "necessary", description={"en": "Needed for analytics here.", "de": "Für Abläufe nötig."}
            )
        },
        {"services.+": _service("own-thing", "necessary")},
    ),
    "ASK-13.controller": ({"controller.name": "Your company"}, {"controller.name": "Your Company of Friends Ltd"}),
    "ASK-13.purposes": (
        {"purposes.1.name.en": "Films and maps", "purposes.2.name.en": "Films and maps"},
        {"purposes.1.name.en": "Films", "purposes.2.name.en": "Maps"},
    ),
    "PR-2.page-path": ({"page_path": True}, {"page_path": False}),
    "RG-1.opt-in": (_europe("opt_out"), _europe("opt_in")),
    "RG-1.unknown": (
        {"regions": {"default": "own", "rules": [{**_US, "modes": {"embeds": "opt_out"}}]}, "gpc": ["embeds"]},
        {"regions": {"default": "own", "rules": [{**_US, "modes": {"embeds": "opt_in"}}]}},
    ),
    "RG-2.duration": (
        _europe("exempt") | {"services.0.cookies": [_cookie("thing", "P14M")]},
        _europe("exempt") | {"services.0.cookies": [_cookie("thing", "P13M")]},
    ),
    "RG-2.exempt": (_europe("exempt"), _europe("opt_in")),
    "RG-2.service": (
        _europe("exempt") | {"services.+": _service("google-ads", "measurement")},
        _europe("exempt") | {"services.+": _service("plausible", "measurement")},
    ),
    "RG-4.objection": (
        _europe("opt_out", ("GB",), since="2026-02-04"),
        _europe("opt_out", ("GB",), since="2026-02-05"),
    ),
    "RG-5.overlap": (
        {"+marketing": True, **_rules(_US, {**_US, "id": "later", "since": "2026-01-01"})},
        {"+marketing": True, **_rules({**_US, "until": "2026-01-01"}, {**_US, "id": "later", "since": "2026-01-01"})},
    ),
    "RG-5.pending": (
        _europe("opt_in", source="COM(2025) 837, article 88a"),
        _europe("opt_in", source="TDDDG 25; GDPR 7"),
    ),
    "RG-5.preset": (
        {**_us(id="us-ca", since="2020-01-01"), "+marketing": True},
        {
            **_us(id="us-ca", modes={"measurement": "opt_out", "marketing": "opt_out", "embeds": "opt_out"}),
            "+marketing": True,
        },
    ),
    "SG-1.objection": ({"+marketing": True, "gpc": []}, {"+marketing": True, "gpc": ["marketing"]}),
    "SG-1.opt-out": ({**_us(), "+marketing": True, "gpc": []}, {**_us(), "+marketing": True}),
    "SG-8.control": ({**_us(), "+marketing": True, "opt_out_link": {}}, {**_us(), "+marketing": True}),
    "SG-9.opt-out": ({**_us(lifetime_days=364), "+marketing": True}, {**_us(lifetime_days=365), "+marketing": True}),
    "SG-10.certified": (
        {"services.+": _service("google-adsense", "embeds")},
        {"services.+": _service("own-adverts", "embeds")},
    ),
    "ST-3.adequacy": (
        {"services.1.transfers": [{"country": "IN", "basis": "adequacy"}, {"country": "US", "basis": "adequacy"}]},
        {"services.1.transfers": [{"country": "JP", "basis": "adequacy"}, {"country": "US", "basis": "adequacy"}]},
    ),
    "ST-3.country": ({"services.1.provider.country": None}, {}),
    "ST-3.derogation": (
        {"services.1.transfers": [{"country": "US", "basis": "derogation"}]},
        {"services.1.transfers": [{"country": "US", "basis": "standard_clauses"}]},
    ),
    "ST-3.transfer": (
        {"services.1.provider.country": "US", "services.1.transfers": []},
        {"services.1.provider.country": "US"},
    ),
    "ST-3.usual-transfer": ({"services.1.transfers": []}, {}),
    "WD-1.easy": (
        {"texts.en.how_to_withdraw": "To withdraw, contact us by letter."},
        {"texts.en.how_to_withdraw": "Choose “Cookie settings” at any time.", "texts.en.reopen": "Cookie settings"},
    ),
    "WD-1.told": (
        {"texts.en.how_to_withdraw": "You can withdraw at any time.", "texts.en.reopen": "Cookie settings"},
        {"texts.en.how_to_withdraw": "Choose “Cookie settings” at any time.", "texts.en.reopen": "Cookie settings"},
    ),
    "AC-1.text": ({"theme": {"quiet": "#949494"}}, {"theme": {"quiet": "#767676"}}),
    "AC-1.controls": (
        {"theme": {"dark-button": "#2a2927", "dark-button-ink": "#ffffff"}},
        {"theme": {"quiet": "#767676"}},
    ),
    "AC-1.focus": ({"theme": {"accent": "#a5bdff"}}, {"theme": {"accent": "#949494"}}),
}
