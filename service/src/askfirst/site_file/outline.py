"""The outline of a draft that is wrong somewhere: enough of it to tell what else contradicts, in the same go."""

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any, cast

from askfirst.core.policy import PolicyDraft
from askfirst.core.policy_checks import contradictions
from askfirst.core.purposes import NECESSARY
from askfirst.core.regions import DEFAULT_RULE
from askfirst.core.theme import theme_faults
from askfirst.site_file.expansion import mappings, strings


def contradictions_among(members: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (member, what is wrong) for what contradicts in members of which some have a wrong form.

    What has a wrong form, or is missing, is told elsewhere; here it contradicts nothing.
    """
    languages = strings(members.get("languages"))
    purposes = [one for one in mappings(members.get("purposes")) if isinstance(one.get("id"), str)]
    theme = {name: value for name, value in _mapping(members.get("theme")).items() if isinstance(value, str)}
    if not languages or not purposes:
        return list(theme_faults(theme))
    every = dict.fromkeys(languages, "")
    regions = _mapping(members.get("regions"))
    # Every other member as if nothing were said of it.
    silent = {
        name: field.get_default(call_default_factory=True)
        for name, field in PolicyDraft.model_fields.items()
        if not field.is_required()
    }
    known = dict(
        languages=languages,
        purposes=[
            SimpleNamespace(
                id=one["id"],
                mode=None if one["id"] == NECESSARY else one.get("mode", "opt_in"),
                **_texts(one, every, "name", "description"),
            )
            for one in purposes
        ],
        services=[_service(one, every, purposes) for one in _named(members.get("services"))],
        gpc=strings(members.get("gpc")),
        regions=SimpleNamespace(
            default=regions.get("default", DEFAULT_RULE),
            rules=[
                SimpleNamespace(id=one["id"], modes=_mapping(one.get("modes"))) for one in _named(regions.get("rules"))
            ],
        ),
        **_texts(members, every, "privacy_policy", "texts"),
        opt_out_link=_mapping(members.get("opt_out_link")),
        accounts=_mapping(members.get("accounts")),
    )
    outline = SimpleNamespace(**{**silent, **known})
    return [*contradictions(cast("PolicyDraft", outline)), *theme_faults(theme)]


def _service(service: Mapping[str, Any], every: Mapping[str, str], purposes: Sequence[Mapping[str, Any]]) -> object:
    purpose = service.get("purpose")
    return SimpleNamespace(
        id=service["id"],
        purpose=purpose if isinstance(purpose, str) else purposes[0]["id"],
        cookies=[
            SimpleNamespace(
                name=one["name"],
                kind=one.get("kind", "cookie"),
                duration=one["duration"],
                **_texts(one, every, "description"),
            )
            for one in mappings(service.get("cookies"))
            if isinstance(one.get("name"), str) and isinstance(one.get("duration"), str)
        ],
        **_texts(service, every, "description"),
    )


def _named(value: object) -> list[dict[str, Any]]:
    return [one for one in mappings(value) if isinstance(one.get("id"), str)]


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _texts(members: Mapping[str, Any], every: Mapping[str, str], *names: str) -> dict[str, Any]:
    return {name: members[name] if isinstance(members.get(name), dict) else every for name in names}
