"""The published schema, held by an independent validator: it takes what is read, and refuses what is not."""

import json

import pytest
import yaml
from jsonschema import Draft202012Validator

from askfirst.site_file import read_site_file, site_file_schema
from core.examples import small, whole
from site_file.examples import SHORT

SCHEMA = site_file_schema("https://consent.example.org")
VALIDATOR = Draft202012Validator(SCHEMA)

MORE = """\
texts: {de: {accept: Zustimmen}}
theme: {accent: "#0050b3", radius: 0, font: "system-ui, sans-serif", dark-paper: "#000"}
regions: {presets: [eea, us], rules: []}
opt_out_link: {en: Your Privacy Choices, de: Ihre Wahl}
retention_days: 1095
lifetime_days: 182
layout: {first_layer: box}
$schema: https://consent.example.org/schema/site-file/1
format: askfirst/site-file/1
"""


def test_it_is_a_schema_with_an_id():
    """Editors find it by its id."""
    Draft202012Validator.check_schema(SCHEMA)

    assert "https://consent.example.org/schema/site-file/1" == SCHEMA["$id"]


@pytest.mark.parametrize(
    "members",
    [yaml.safe_load(SHORT), yaml.safe_load(SHORT + MORE), small(), whole(theme={})],
    ids=["short", "every short form", "least", "whole"],
)
def test_what_is_read_is_valid(members):
    """Short and whole files."""
    assert [] == [error.message for error in VALIDATOR.iter_errors(members)]
    assert read_site_file(json.dumps(members).encode()).draft is not None


@pytest.mark.parametrize(
    "changes",
    [
        {"theem": {}},
        {"languages": []},
        {"languages": "en"},
        {"controller": {"name": "x"}},
        {"purposes": ["video"]},
        {"services": ["matomoo"]},
        {"services": [{"name": "x"}]},
        {"services": [{"id": "matomo", "cookies": {"_pk_id.*": {"days": 3}}}]},
        {"services": [{"id": "matomo", "transfers": {"US": "trust"}}]},
        {"regions": {"presets": ["eu-omnibus"]}},
        {"theme": {"accent": "red"}},
        {"theme": {"shadow": "#fff"}},
        {"lifetime_days": 0},
        {"retention_days": "long"},
        {"format": "askfirst/site-file/2"},
        {"privacy_policy": 7},
        {"texts": {"en": {"acept": "Yes"}}},
    ],
    ids=str,
)
def test_what_is_refused_is_not_valid(changes):
    """The editor underlines what the check would tell."""
    members = yaml.safe_load(SHORT) | changes

    assert not VALIDATOR.is_valid(members)
    assert read_site_file(json.dumps(members).encode()).draft is None
