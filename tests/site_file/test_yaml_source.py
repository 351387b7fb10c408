"""YAML without its surprises: plain words stay texts, and what could mean two things, or unfold, is refused."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.core.places import Place
from askfirst.site_file.source import UnreadableSourceError
from askfirst.site_file.yaml_source import read_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("Yes", "Yes"),
        ("NO", "NO"),
        ("2026-01-01", "2026-01-01"),
        ("12:30:45", "12:30:45"),
        ("0x1f", "0x1f"),
        ("0b1", "0b1"),
        ("1_000", "1_000"),
        ("007", 7),
        ("true", True),
        ("'true'", "true"),
        ('"182"', "182"),
        ("182", 182),
        ("-1", -1),
        ("1.5", 1.5),
        ("~", None),
        ("", None),
        (".inf", ".inf"),
        ("9" * 19, "9" * 19),
        ("<b>bold</b>", "<b>bold</b>"),
        ("|\n  two\n  lines\n", "two\nlines\n"),
        (">\n  one\n  line\n", "one line"),
        ("! 12", "12"),
    ],
)
def test_a_plain_word_is_what_yaml_1_2_says(text, value):
    """Norwegian is a language, `on` is a text of the banner, and a day is no date object."""
    assert {"it": value} == read_yaml(f"it: {text}").value


def test_names_of_members_are_texts():
    """`on`, `off` and numbers too."""
    assert {"on": "An", "off": "Aus", "12": None, "null": 1} == read_yaml("on: An\noff: Aus\n12:\nnull: 1").value


@pytest.mark.parametrize(
    ("text", "said", "place"),
    [
        ("a: &x 1\nb: *x", "anchors and aliases are not read", (1, 4)),
        ("a: 1\nb: *x", "anchors and aliases are not read", (2, 4)),
        ("&x a: 1", "a member's name is not a plain text", (1, 1)),
        (
            "a: !!python/object/apply:os.system [echo]",
            "the tag tag:yaml.org,2002:python/object/apply:os is not read",
            (1, 4),
        ),
        ("a: !!binary aGk=", "the tag tag:yaml.org,2002:binary is not read", (1, 4)),
        ("a: !own x", "the tag !own is not read", (1, 4)),
        ("a: 1\nb: 2\na: 3", "the member “a” is there twice", (3, 1)),
        ("a:\n  ü: 1\n  ü: 2", "the member “ü” is there twice", (3, 3)),
        ("<<: {a: 1}", "merge keys are not read", (1, 1)),
        ("? [a, b]\n: 1", "a member's name is not a plain text", (1, 3)),
        ("a: 1\n---\nb: 2", "a second document begins", (2, 1)),
        ("a: [1", "it is not YAML: did not find expected ',' or ']'", (2, 1)),
        ("a:\n\tb: 1", "it is not YAML: found character that cannot start any token", (2, 1)),
        ("a: 'x", "it is not YAML: found unexpected end of stream", (1, 6)),
        ("a: b: c", "it is not YAML: mapping values are not allowed in this context", (1, 5)),
    ],
)
def test_what_has_no_plain_meaning_is_refused_where_it_stands(text, said, place):
    """Line and column, and what is not read."""
    with pytest.raises(UnreadableSourceError) as refused:
        read_yaml(text)

    assert refused.value.said.startswith(said)
    assert Place(*place) == refused.value.place


def test_a_bomb_does_not_unfold():
    """Nine lines that would be a billion items."""
    lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    with pytest.raises(UnreadableSourceError, match="anchors and aliases are not read"):
        read_yaml("\n".join(lines))


@pytest.mark.parametrize("text", ["a: " + "[" * 5000, "a: " + "{b: " * 5000, "- " * 5000 + "x"], ids=len)
def test_deep_nesting_is_refused(text):
    """Before any stack is exhausted."""
    with pytest.raises(UnreadableSourceError, match=r"nested too deeply|not YAML"):
        read_yaml(text)


@given(st.text(max_size=200))
def test_no_text_raises_anything_else(text):
    """Whatever somebody saves."""
    with contextlib.suppress(UnreadableSourceError):
        read_yaml(text)


def test_places_are_found_by_number_id_and_name():
    """As JSON's are: an item goes by its number, its id, its name, or by itself."""
    places = read_yaml("services:\n  - matomo\n  - id: a.b\n    cookies:\n      - {name: _x.1, duration: P1D}\n").places

    assert [(2, 5), (3, 5), (5, 22), (4, 5)] == [
        places.of_dotted(member)
        for member in ("services.matomo", "services.a.b", "services.1.cookies._x.1.duration", "services.a.b.cookies")
    ]
    assert (5, 22) == places.of(("services", 1, "cookies", 0, "duration"))
    assert (3, 5) == places.of(("services", 1, "nothing", "here"))
