"""Whatever is wrong with a file is told at once, each with its line and column, and none of it is believed."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.core.policy import MAX_POLICY_BYTES
from askfirst.site_file import read_site_file
from askfirst.usecases.check_file import check_file
from core.examples import small
from site_file.examples import SHORT, changed, with_lines


def faults(data: bytes) -> list[tuple[str, tuple[int, int] | None, str]]:
    read = read_site_file(data)
    assert read.draft is None
    return [(one.member, None if one.place is None else tuple(one.place), one.said) for one in read.faults]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (with_lines("theem: {}"), ("theem", (16, 1), "is no member that is known here; did you mean “theme”?")),
        (with_lines("lifetime_days: soon"), ("lifetime_days", (16, 1), "must be a whole number")),
        (with_lines("lifetime_days: 10.5"), ("lifetime_days", (16, 1), "must be a whole number")),
        (with_lines("lifetime_days: 0"), ("lifetime_days", (16, 1), "must be at least 1")),
        (with_lines("retention_days: 99999"), ("retention_days", (16, 1), "must be at most 36,500")),
        (with_lines("page_path: no"), ("page_path", (16, 1), "must be true or false")),
        (with_lines("layout: {first_layer: popup}"), ("layout.first_layer", (16, 10), "must be bar, box or dialog")),
        (with_lines("layout: bar"), ("layout", (16, 1), "must have members of its own")),
        (with_lines("theme: {accent: #1d4fd7", "}"), ("theme.accent", (16, 9), "must be a text")),
        (with_lines("theme: {accent: 'red;}'}"), ("theme.accent", (16, 9), None)),
        (with_lines("theme: {shadow: '#fff'}"), ("theme.shadow", (16, 9), None)),
        (with_lines("format: askfirst/site-file/2"), ("format", (16, 1), "must be askfirst/site-file/1")),
        (with_lines("regions: {presets: [eu]}"), ("regions.presets.0", (16, 21), "“eu” is no region preset")),
        (with_lines("regions: {presets: [eu-omnibus]}"), ("regions.presets.0", (16, 21), None)),
        (with_lines("regions: {presets: [eea, fr-measurement]}"), ("regions.presets.1", (16, 26), None)),
        (with_lines("regions: {presets: eea}"), ("regions.presets", (16, 11), "must be a list of preset ids")),
        (with_lines("texts: {en: {accept: <b>Yes</b>}}"), ("texts.en.accept", (16, 14), None)),
        (with_lines("texts: {fr: {accept: Oui}}"), ("texts", (16, 1), None)),
        (with_lines("texts: {en: {acept: Yes}}"), ("texts.en.acept", (16, 14), None)),
        (with_lines("opt_out_link: {en: Do not}"), ("opt_out_link", (16, 1), "has no text in de")),
        (changed("[en, de]", "[en, EN]"), ("languages.1", (8, 17), "is no language such as de, pt-BR or zh-Hant")),
        (changed("[en, de]", "[en, ja]"), None),
        (changed("[en, de]", "[en, en]"), ("languages", (8, 1), "en is there 2 times")),
        (changed("[measurement, embeds]", "[measurement, video]"), ("purposes.1", (9, 25), None)),
        (changed("id: matomo", "id: youtube"), ("services", (10, 1), "youtube is there 2 times")),
        (changed("country: IE", "country: Ireland"), ("controller.country", (6, 3), None)),
        (changed("  contact: privacy@example.org\n", ""), ("controller.contact", (2, 1), "is missing")),
        (changed("privacy_policy: https", "privacy_policy: http"), ("privacy_policy.en", (7, 1), None)),
        (changed("{US: adequacy}", "{US: trust}"), ("services.1.transfers.0.basis", (14, 5), None)),
        (
            changed("    cookies: {PREF: {duration: P8M}}\n", ""),
            ("services.1.cookies", (13, 5), "the catalogue does not know how long “PREF” of YouTube is kept"),
        ),
        (changed("P8M", "8 months"), ("services.1.cookies.PREF.duration", (15, 22), None)),
        (changed("{duration: P8M}", "P8M"), ("services.1.cookies.PREF", (15, 15), None)),
    ],
    ids=str,
)
def test_a_fault_is_told_with_its_place(data, expected):
    """The line and column in the file as it was written, also of what was written out."""
    found = faults(data)
    if expected is None:
        assert ("texts", (1, 1)) in {(member, place) for member, place, _said in found} or found
        return
    member, place, said = expected

    assert (member, place) in {(one, at) for one, at, _said in found}
    assert said is None or (member, place, said) in found


def test_a_service_that_nobody_knows_is_told_with_what_it_could_be():
    """A slip of the finger in a name from the catalogue."""
    told = check_file(changed("id: matomo\n    provider: controller", "matomoo"))

    assert (11, 5, "“matomoo” is not in the catalogue of known services") == (
        told[0].line,
        told[0].column,
        told[0].said,
    )
    assert told[0].mend.startswith("Did you mean matomo ")


def test_everything_is_told_at_once():
    """What is wrong by itself, and what contradicts: one run of the check shows it all."""
    text = SHORT.replace("country: IE", "country: Ireland").replace("[en, de]", "[en, de, ja, de]")
    text = text.replace("[measurement, embeds]", "[measurement, embeds, measurement]") + "tracking: true\n"
    text += "theme: {accent: red}\nregions: {presets: [mars], default: nowhere}\n"
    said = {(member, about) for member, _place, about in faults(text.encode())}

    assert {
        ("controller.country", "must be a country in two capital letters, such as DE"),
        ("languages", "de is there 2 times"),
        ("texts", "has no text in ja"),
        ("purposes", "measurement is there 2 times"),
        ("tracking", "is no member that is known here"),
        ("theme.accent", "must be an opaque colour such as #1c1b19"),
        ("regions.presets.0", "“mars” is no region preset"),
        ("regions.default", "is not among the rules"),
    } <= said


@pytest.mark.parametrize(
    ("data", "member", "place"),
    [
        (b"\xef\xbb\xbf" + SHORT.encode(), "file", (1, 1)),
        (SHORT.encode().replace(b"Example Ltd", b"Ex\xe4mple"), "file", (3, 11)),
        (SHORT.encode("utf-16"), "file", (1, 1)),
        (b"", "file", (1, 1)),
        (b"- a\n- b\n", "file", (1, 1)),
        (b"just words", "file", (1, 1)),
        (b'{"a": 1,\n "a": 2}', "file", (2, 2)),
        (b'{"a": 1,\n  b}', "file", (2, 3)),
        (b"\x00", "file", None),
        (b'a: "\\ud800"', "file", (1, 7)),
        (b'{"a": "\\ud800"}', "file", None),
    ],
    ids=repr,
)
def test_a_file_that_can_not_be_read_is_told_as_a_whole(data, member, place):
    """Where the reading stopped, if that can be told."""
    assert (member, place) == faults(data)[0][:2]


@pytest.mark.parametrize("data", [b" " * (MAX_POLICY_BYTES + 1), b"a: b\n" * 1_000_000], ids=["2 MiB", "5 MB"])
def test_a_file_that_is_too_long_is_not_looked_at(data):
    """The limit holds before the parser."""
    ((member, place, said),) = faults(data)

    assert ("file", None) == (member, place)
    assert said == "the file is longer than 2,097,152 bytes"


@pytest.mark.parametrize(
    "text",
    [
        "services: [" + "x, " * 400_000 + "x]",
        '{"services": [' + '"x", ' * 300_000 + '"x"]}',
        "texts: {" + ", ".join(f"l{n}: x" for n in range(20_000)) + "}",
        SHORT + "texts:\n  en: {text: '" + "x" * 1_500_000 + "'}\n",
        "\n".join(f"m{n}: 1" for n in range(20_000)),
    ],
    ids=["items", "items in JSON", "languages", "long text", "members"],
)
def test_a_file_of_many_faults_is_told_in_bounded_words(text):
    """Hundreds of thousands of wrong members are no reason to write a book."""
    assert 200 >= len(faults(text.encode())) > 0


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_bytes_raise_anything(data):
    """Neither in YAML nor in JSON."""
    assert read_site_file(data).draft is None


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(allow_nan=False)
    | st.sampled_from(["eea", "matomo", "en", ""]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "name", "en", "cookies"]), inner)
    ),
    max_leaves=8,
)


@given(
    st.sampled_from(sorted(small() | {"services": 0, "regions": 0, "theme": 0, "gpc": 0, "opt_out_link": 0})), _VALUES
)
def test_any_member_may_have_any_value(name, value):
    """A draft, or faults: never a traceback."""
    read = read_site_file(json.dumps(small() | {name: value}).encode())

    assert (read.draft is None) == bool(read.faults)


def test_a_rule_of_the_check_is_told_where_the_file_says_it():
    """Also for what the catalogue filled in: at the entry that it was filled in for."""
    told = check_file(SHORT.replace("    transfers: {US: adequacy}\n", "").encode())

    assert [("ST-3.usual-transfer", 13, 5, "services.1.transfers")] == [
        (one.rule, one.line, one.column, one.path) for one in told if one.severity != "note"
    ]


def test_json_and_yaml_say_the_same():
    """One notation is as good as the other."""
    members = {
        "controller": {"name": "Example Ltd", "address": "1 Example Street", "contact": "a@example.org"},
        "privacy_policy": "https://www.example.org/privacy",
        "languages": ["en"],
    }
    yaml = "controller: {name: Example Ltd, address: 1 Example Street, contact: a@example.org}\n"
    yaml += "privacy_policy: https://www.example.org/privacy\nlanguages: [en]\n"

    assert read_site_file(json.dumps(members).encode()).draft == read_site_file(yaml.encode()).draft is not None
