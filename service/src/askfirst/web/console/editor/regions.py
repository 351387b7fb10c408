"""Where other rules hold than the purposes' own modes say."""

from typing import Final

from askfirst.core.errors import InvalidQuery
from askfirst.core.regions import DEFAULT_RULE
from askfirst.web.console.editor.fields import Action, Choice, Field, Group, Members, read, rows
from askfirst.web.console.editor.part import Adding, Part, View, moved
from askfirst.web.console.editor.purposes import MODES, rows_of
from askfirst.web.console.forms import Form

_AS_IT_IS: Final = Choice("", "draft.mode_as_it_is")


def _groups(view: View) -> list[Group]:
    rules = rows(view.members, "regions", "rules")
    ids = tuple(Choice(str(rule.get("id")), named=str(rule.get("id"))) for rule in rules)
    groups = [
        Group(
            lead="draft.regions_lead",
            path=("regions",),
            fields=(
                Field(
                    ("regions", "default"),
                    "draft.default_rule",
                    "choice",
                    hint="draft.default_rule_hint",
                    choices=(Choice(DEFAULT_RULE, "draft.own_modes"), *ids),
                ),
            ),
        )
    ]
    for place, rule in enumerate(rules):
        path = ("regions", "rules", place)
        name = str(rule.get("id") or place + 1)
        modes = tuple(
            Field(
                (*path, "modes", str(one.get("id"))),
                named=str(read(one, ("name", view.language)) or one.get("id")),
                kind="choice",
                choices=(_AS_IT_IS, *MODES),
                empty="none",
            )
            for one in rows(view.members, "purposes")
            if one.get("mode") is not None
        )
        groups.append(
            Group(
                named=name,
                path=path,
                fields=(
                    Field((*path, "id"), "draft.id"),
                    Field((*path, "places"), "draft.places", "list", hint="draft.places_hint"),
                    *modes,
                    Field(
                        (*path, "lifetime_days"),
                        "draft.lifetime_days",
                        "number",
                        hint="draft.rule_lifetime_hint",
                        empty="null",
                    ),
                    Field((*path, "since"), "draft.since", hint="draft.date_hint"),
                    Field((*path, "until"), "draft.until", hint="draft.until_hint", empty="null"),
                    Field((*path, "source"), "draft.source", hint="draft.source_hint"),
                ),
                actions=(Action(f"remove:{place}", "draft.remove", name),),
            )
        )
    return groups


def _adds(_view: View) -> list[Adding]:
    return [
        Adding(
            Action("add", "draft.add_rule"),
            (Field(("id",), "draft.id", hint="draft.rule_id_hint"),),
            "draft.add_rule_head",
        )
    ]


def _act(view: View, do: str, form: Form) -> bool:
    regions = view.members.setdefault("regions", {})
    rules = rows_of(regions, "rules")
    regions.setdefault("default", DEFAULT_RULE)
    if do != "add":
        gone = _rule_of(rules, do)
        done = moved(rules, do)
        if done and regions["default"] == gone:
            regions["default"] = DEFAULT_RULE
        return done
    rule = form.one("id").strip()
    if not rule or rule in {one.get("id") for one in rules}:
        raise InvalidQuery([("id", "must be the id of a rule that is not there yet")])
    made: Members = {"id": rule, "places": [], "modes": {}, "lifetime_days": None, "since": "", "until": None}
    rules.append({**made, "source": ""})
    return True


def _rule_of(rules: list[Members], do: str) -> object:
    verb, _, place = do.partition(":")
    inside = verb == "remove" and place.isascii() and place.isdigit() and len(place) < 6 and int(place) < len(rules)
    return rules[int(place)].get("id") if inside else None


PART = Part("regions", ("regions",), _groups, _act, _adds)
