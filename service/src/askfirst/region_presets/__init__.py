"""The region presets that the package brings along, read once and checked like anything from outside."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Final

from pydantic import TypeAdapter

from askfirst.core.region_preset import RegionPreset
from askfirst.core.regions import RegionRule
from askfirst.core.strict_json import strict_json

__all__ = ["all_presets", "find_preset", "preset_rule", "rules_of"]

_PRESETS: Final = TypeAdapter(tuple[RegionPreset, ...])


@cache
def all_presets() -> tuple[RegionPreset, ...]:
    """Return every preset in the order of the file. Raises pydantic's ValidationError for a wrong one."""
    data = files(__package__).joinpath("presets.json").read_bytes()
    strict_json(data)
    return _PRESETS.validate_json(data)


def find_preset(preset_id: str) -> RegionPreset | None:
    """Return the preset with an id such as `us-ca`, or None."""
    return next((preset for preset in all_presets() if preset.id == preset_id), None)


def rules_of(preset: RegionPreset) -> Iterator[RegionRule]:
    """Yield a preset's rules and those of the presets that it includes."""
    yield from preset.rules
    for name in preset.includes:
        included = find_preset(name)
        if included is not None:
            yield from rules_of(included)


def preset_rule(rule_id: str) -> RegionRule | None:
    """Return the rule of a preset by its id, or None: what a policy's rule of the same id was copied from."""
    rules = (rule for preset in all_presets() for rule in preset.rules)
    return next((rule for rule in rules if rule.id == rule_id), None)
