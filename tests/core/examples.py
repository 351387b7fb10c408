"""The policies, decisions and logs that the vectors and the tests of the core are made of, without any default text."""

import json
from collections.abc import Mapping
from typing import Any

from askfirst.core.policy import Policy, PolicyDraft, parse_draft
from askfirst.core.texts import Texts
from askfirst_sdk.signing import SigningKey

SITE = "demo0001"
NOON = 1_781_524_800_000  # 2026-06-15T12:00:00Z, ms
RECORD = "019ecb1d-0400-7000-8000-000000000001"
ENTRY = "019ecb1d-0400-7000-8000-000000000002"
SUBJECT = "CYSCKJ400000000000011"
BUILD = "b" * 64
DECISION_ID = "7f2c1d3e-4b5a-4c6d-8e7f-9a0b1c2d3e4f"
LOG = "example.test/log"
# The seed is published: nothing that it signs is to be believed.
CHECKPOINTS = SigningKey.from_seed(LOG, b"\x33" * 32)
STRANGER = SigningKey.from_seed("stranger.test/log", b"\x44" * 32)

_WORDS = {"en": "{} in English", "de": "{} für Leser, „auf Deutsch“", "ar": "{} بالعربية"}
_UNITS = ("second", "minute", "hour", "day", "week", "month", "year")


def texts(language: str) -> dict[str, Any]:
    """Return a text for every key that a policy needs, telling its key and its language."""
    said = {field.alias or name: name for name, field in Texts.model_fields.items() if name != "durations"}
    words: dict[str, Any] = {key: _WORDS[language].format(key) for key in said}
    words["about"] = _WORDS[language].format("{controller} asks: {purposes}")
    words["durations"] = {
        unit: {"one": f"{{n}} {unit} {language}", "other": f"{{n}} {unit}s {language}"} for unit in _UNITS
    }
    words["durations"] |= {"session": f"session {language}", "persistent": f"persistent {language}"}
    return words


def said(what: str, *languages: str) -> dict[str, str]:
    """Return a text about something in each language."""
    return {language: _WORDS[language].format(what) for language in languages}


def purpose(purpose_id: str, *languages: str, **changes: Any) -> dict[str, Any]:
    """Return a purpose as an operator writes it."""
    named = said(purpose_id, *languages)
    described = said(f"{purpose_id}, described", *languages)
    return {"id": purpose_id, "name": named, "description": described, **changes}


def small(**changes: Any) -> dict[str, Any]:
    """Return the least that an operator can write: one language, one optional purpose, no service."""
    members: dict[str, Any] = {
        "controller": {"name": "Example Ltd", "address": "1 High Street, Exampleton", "contact": "privacy@example.com"},
        "privacy_policy": {"en": "https://example.com/privacy"},
        "languages": ["en"],
        "purposes": [purpose("necessary", "en"), purpose("measurement", "en")],
        "texts": {"en": texts("en")},
    }
    return {**members, **changes}


def whole(**changes: Any) -> dict[str, Any]:
    """Return a draft that uses every member."""
    both = ("de", "en", "ar")
    cookie = {"name": "_ga_*", "duration": "P400D", "description": said("cookie", *both)}
    item = {"name": "video-volume", "kind": "local", "duration": "persistent", "description": said("item", *both)}
    view = {"name": "view", "kind": "session", "duration": "session", "description": said("view", *both)}
    members: dict[str, Any] = {
        "controller": {
            "name": "Beispiel & Söhne GmbH",
            "address": "Marktplatz 1, 12345 Musterstadt",
            "contact": "datenschutz@beispiel.example",
            "country": "DE",
        },
        "privacy_policy": {
            language: f"https://beispiel.example/{language}/privacy?from=banner#top" for language in both
        },
        "languages": list(both),
        "purposes": [
            purpose("necessary", *both),
            purpose("measurement", *both, mode="exempt"),
            purpose("embeds", *both),
            purpose("marketing", *both, mode="opt_in"),
        ],
        "services": [
            {
                "id": "video",
                "name": "Video",
                "purpose": "embeds",
                "provider": {"name": "Video Inc.", "country": "US", "privacy_policy": "https://video.example/privacy"},
                "description": said("video", *both),
                "cookies": [item, view],
                "transfers": [{"country": "US", "basis": "adequacy"}],
            },
            {
                "id": "statistics",
                "name": "Statistics",
                "purpose": "measurement",
                "provider": {"name": "Beispiel & Söhne GmbH"},
                "description": said("statistics", *both),
                "cookies": [cookie],
            },
        ],
        "texts": {language: texts(language) for language in both},
        "layout": {"first_layer": "box"},
        "theme": {"accent": "#0050b3", "font": "system-ui, sans-serif"},
        "lifetime_days": 365,
        "sharing": {"domain": "beispiel.example", "partitioned": True},
        "wait_for_receipt": True,
        "page_path": True,
        "gpc": ["marketing"],
        "regions": {
            "default": "default",
            "rules": [
                {
                    "id": "us-ca",
                    "places": ["US-CA"],
                    "modes": {"marketing": "opt_out"},
                    "lifetime_days": 365,
                    "since": "2023-01-01",
                    "source": "Cal. Civ. Code 1798.135",
                },
            ],
        },
    }
    return {**members, **changes}


def draft(members: Mapping[str, Any]) -> PolicyDraft:
    """Return the draft that an operator wrote."""
    return parse_draft(json.dumps(members).encode())


def policy(members: Mapping[str, Any] | None = None, *, number: int = 1, revision: int = 1) -> Policy:
    """Return a published policy of SITE: of the whole draft, if none is given."""
    return draft(whole() if members is None else members).published(SITE, number, revision)


def decision(**changes: Any) -> dict[str, Any]:
    """Return a decision on the whole policy as the browser sends it; a member that is changed to None is left out."""
    members: dict[str, Any] = {
        "v": 1,
        "id": DECISION_ID,
        "policy": "a" * 64,
        "build": BUILD,
        "language": "en",
        "purposes": {"measurement": True, "embeds": True, "marketing": True},
        "method": "accept_all",
        "at": NOON,
        "gpc": False,
        "rule": "default",
        **changes,
    }
    return {name: value for name, value in members.items() if value is not None}


def body(**changes: Any) -> bytes:
    """Return a decision's bytes."""
    return json.dumps(decision(**changes), separators=(",", ":"), ensure_ascii=False).encode()


def what(**changes: Any) -> dict[str, Any]:
    """Return the arguments of a decision's `what` part."""
    members: dict[str, Any] = {
        "record": RECORD,
        "site": SITE,
        "policy": "a" * 64,
        "revision": 2,
        "build": BUILD,
        "language": "de",
        "purposes": {"measurement": True, "embeds": False},
        "method": "custom",
        "origin": "https://www.beispiel.example:8443",
        "page": "/über/uns",
        "client_time": NOON - 1_500,
        "server_time": NOON,
        "rule": "default",
        "gpc": False,
        "late": False,
    }
    return {**members, **changes}
