"""Write region presets out: their rules are copied into the policy, so that no later version of a preset alters it."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

from askfirst.core.regions import RegionRule
from askfirst.region_presets import all_presets, find_preset, rules_of
from askfirst.site_file import words
from askfirst.site_file.expansion import Expansion, Members, mappings, strings


def expand_regions(done: Expansion, languages: Sequence[str]) -> None:
    """Put the rules of the named presets before a file's own, and fill in what an opt-out needs."""
    given = done.members.get("regions")
    if not isinstance(given, dict) or "presets" not in given:
        return
    wanted = given["presets"]
    if not isinstance(wanted, list) or not all(isinstance(one, str) for one in wanted):
        done.fault("regions.presets", "must be a list of preset ids", f"There are {_ids()}.")
        return
    own = given.get("rules", [])
    rules = _rules(done, wanted)
    if isinstance(own, list):
        done.origins |= {
            f"regions.rules.{len(rules) + number}": f"regions.rules.{number}" for number in range(len(own))
        }
        rules += own
    done.members["regions"] = {
        **{name: member for name, member in given.items() if name != "presets"},
        "rules": rules,
    }
    in_us = [rule for rule in mappings(rules) if any(place.startswith("US") for place in strings(rule.get("places")))]
    opted_out = {purpose for rule in in_us for purpose, mode in _modes(rule) if mode == "opt_out"}
    if opted_out:
        offered = strings([one.get("id") for one in mappings(done.members.get("purposes"))])
        done.members.setdefault("gpc", [one for one in offered if one in opted_out])
        done.members.setdefault("opt_out_link", words.opt_out_words(languages))


def _rules(done: Expansion, wanted: list[str]) -> list[Any]:
    offered = {one.get("id") for one in mappings(done.members.get("purposes"))}
    rules: list[Any] = []
    placed: set[str] = set()
    for number, name in enumerate(wanted):
        preset = find_preset(name)
        if preset is None:
            near = get_close_matches(name, [one.id for one in all_presets()], n=2)
            hint = f"Did you mean {' or '.join(near)}? " if near else ""
            done.fault(f"regions.presets.{number}", f"“{name[:64]}” is no region preset", f"{hint}There are {_ids()}.")
            continue
        if preset.state in ("proposed", "voluntary"):
            said = f"{name} is {preset.state}, and no law that holds: {preset.source}"
            done.fault(f"regions.presets.{number}", said, "Take it out; what is pending is never active.")
            continue
        copied = 0
        for rule in rules_of(preset):
            places = [place for place in rule.places if place not in placed]
            if not places:
                continue
            placed |= set(places)
            done.origins[f"regions.rules.{len(rules)}"] = f"regions.presets.{number}"
            rules.append(_copied(rule, places, offered))
            copied += 1
        if not copied:
            said = f"every place of {name} has a rule by a preset before it"
            done.fault(f"regions.presets.{number}", said, "Name it before the other, or take it out.")
    return rules


def _copied(rule: RegionRule, places: list[str], offered: set[Any]) -> Members:
    modes = {purpose: mode for purpose, mode in rule.modes.items() if purpose in offered}
    return {**rule.model_dump(mode="json"), "places": places, "modes": modes}


def _modes(rule: Members) -> list[tuple[str, Any]]:
    modes = rule.get("modes")
    return list(modes.items()) if isinstance(modes, dict) else []


def _ids() -> str:
    return ", ".join(one.id for one in all_presets() if one.state in ("in_force", "future"))
