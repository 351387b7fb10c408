"""The JSON Schema of site files: that of the policy format, with all that may be shorter or left out."""

from typing import Any, Final

from askfirst import known_services
from askfirst.core.policy import PolicyDraft
from askfirst.core.theme import COLOUR_TOKENS
from askfirst.region_presets import all_presets
from askfirst.site_file.expand import FORMAT

ADDRESS: Final = "/schema/site-file/1"
_COMMON: Final = ("necessary", "measurement", "preferences", "marketing", "embeds")

Schema = dict[str, Any]


def site_file_schema(service_url: str) -> Schema:
    """Return the JSON Schema (draft 2020-12) of a site file; `service_url` is where the service answers, for its id."""
    schema = PolicyDraft.model_json_schema()
    parts, members = schema["$defs"], schema["properties"]
    _purposes(parts["Purpose"])
    _services(parts["Service"], parts["Cookie"], members["privacy_policy"])
    _regions(parts["Regions"])
    parts["Texts"].pop("required")
    members["privacy_policy"] = _either(
        {"type": "string", "format": "uri", "description": "One web address for all languages."},
        members["privacy_policy"],
        "Where the website's privacy policy is, for all languages or by language.",
    )
    members["purposes"] = {
        "type": "array",
        "maxItems": 25,
        "items": {"anyOf": [{"type": "string", "enum": [*_COMMON]}, {"$ref": "#/$defs/Purpose"}]},
        "description": "What is asked; the common ones by their id. `necessary` need not be named.",
    }
    members["services"] = {
        "type": "array",
        "maxItems": 200,
        "items": {"anyOf": [{"type": "string", "enum": _service_ids()}, {"$ref": "#/$defs/Service"}]},
        "description": "What acts under the purposes; those of the catalogue by their id.",
    }
    members["theme"] = _theme()
    members["accounts"] = _either(
        {"type": "boolean", "description": "True: with the default words."}, members["accounts"], _SAID["accounts"]
    )
    for name, said in _SAID.items():
        members[name] = {**members[name], "description": said}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{service_url}{ADDRESS}",
        "title": "Site file of Askfirst",
        "description": "What a site's banner asks: what is left out comes from default texts and catalogues.",
        "type": "object",
        "additionalProperties": False,
        "required": ["controller", "privacy_policy", "languages"],
        "properties": {
            "$schema": {"type": "string", "description": "Where this schema is, for editors."},
            "format": {"const": FORMAT},
            **members,
        },
        "$defs": parts,
    }


_SAID: Final = {
    "languages": "The first one is the default.",
    "texts": "Own words by language, in the place of the default ones.",
    "lifetime_days": "After how many days somebody is asked again, the same after either answer.",
    "wait_for_receipt": "Whether a choice counts only when it is recorded.",
    "page_path": "Whether records say which page it was.",
    "gpc": "The purposes that Global Privacy Control objects to.",
    "signals": "Which other tools are told of the answer.",
    "opt_out_link": "What the control says, by language, with which visitors of opt-out regions object.",
    "accounts": "Whether, and in which words, choices may be tied to the accounts of who is signed in.",
    "count_views": "Whether pages say that the banner was shown, for the share that nobody answers.",
    "retention_days": "After how many days records are forgotten.",
}


def _either(one: Schema, other: Schema, said: str) -> Schema:
    return {"anyOf": [one, other], "description": said}


def _purposes(purpose: Schema) -> None:
    purpose["required"] = ["id"]


def _services(service: Schema, cookie: Schema, _by_language: Schema) -> None:
    service["required"] = ["id"]
    members = service["properties"]
    members["provider"] = _either(
        {"const": "controller", "description": "The controller runs it on servers of its own."},
        members["provider"],
        "Who runs it.",
    )
    facts = {**cookie, "required": []}
    facts["properties"] = {name: part for name, part in cookie["properties"].items() if name != "name"}
    members["cookies"] = _either(
        {
            "type": "object",
            "additionalProperties": {"anyOf": [facts, {"type": "null"}]},
            "description": "What differs from the catalogue, by name; null for what is not set.",
        },
        members["cookies"],
        "What it keeps on the visitor's device.",
    )
    bases = {"enum": ["adequacy", "standard_clauses", "binding_rules", "derogation"]}
    members["transfers"] = _either(
        {"type": "object", "propertyNames": {"pattern": "^[A-Z]{2}$"}, "additionalProperties": bases},
        members["transfers"],
        "Countries outside the operator's own law that data goes to, and what that rests on.",
    )


def _regions(regions: Schema) -> None:
    usable = [one for one in all_presets() if one.state in ("in_force", "future")]
    regions["properties"]["presets"] = {
        "type": "array",
        "items": {"enum": [one.id for one in usable]},
        "description": "Presets whose rules are copied into the policy, the ones before going before.",
    }


def _theme() -> Schema:
    colour = {"type": "string", "pattern": "^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$"}
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            **dict.fromkeys(COLOUR_TOKENS, colour),
            "radius": {"anyOf": [{"type": "string"}, {"const": 0}]},
            "font": {"type": "string"},
        },
        "description": "Colours in quotes, a radius and font families.",
    }


def _service_ids() -> list[str]:
    return [one.id for one in known_services.all_services()]
