"""A policy is published whole and unchanging, and one with a hole or a trick in it is not."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.core.canonical import canonical_json
from askfirst.core.errors import InvalidPolicy
from askfirst.core.policy import (
    FORMAT,
    LATER,
    MAX_POLICY_BYTES,
    Policy,
    PolicyDraft,
    canonical_policy,
    parse_draft,
    parse_policy,
    policy_digest,
)
from core.examples import SITE, draft, policy, purpose, said, small, texts, whole
from core.refused_policies import refused


def named(refusal: pytest.ExceptionInfo[InvalidPolicy]) -> set[str]:
    return {member for member, _ in refusal.value.errors}


@pytest.mark.parametrize("case", refused(), ids=lambda case: f"{case[0]}")
def test_a_draft_that_breaks_a_rule_is_refused_by_name(case):
    """The member that is wrong is named, and it is the only one."""
    member, members = case
    with pytest.raises(InvalidPolicy) as refusal:
        draft(members)
    assert {member} == {".".join(found.split(".")[: member.count(".") + 1]) for found in named(refusal)}


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b"null", b'{"controller":{},"controller":{}}', b"\xff", b"[" * 100_000, b'"\\ud800"'],
    ids=repr,
)
def test_what_is_no_draft_is_refused(data):
    """Bytes that are no JSON with one meaning are called so."""
    with pytest.raises(InvalidPolicy):
        parse_draft(data)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_never_raise_anything_else(data):
    """Nothing arrives as a policy by chance."""
    for parse in (parse_draft, parse_policy):
        with pytest.raises(InvalidPolicy):
            parse(data)


@given(st.data())
def test_a_policy_with_any_value_replaced_is_whole_or_refused(data):
    """Wherever a value of another form stands, the policy is refused, or stays one that leads back."""
    members = whole()
    at: object = members
    while True:
        key = data.draw(st.sampled_from(sorted(at) if isinstance(at, dict) else range(len(at))))
        if isinstance(at[key], dict | list) and at[key] and data.draw(st.booleans()):
            at = at[key]
            continue
        at[key] = data.draw(st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just([]))
        break
    try:
        published = parse_draft(json.dumps(members).encode()).published(SITE, 1, 1)
    except InvalidPolicy:
        return
    assert published == parse_policy(canonical_policy(published))


def test_every_default_is_written_out():
    """What is published never depends on a default of a later version."""
    written = json.loads(canonical_policy(policy(small())))

    assert set(Policy.model_fields) - LATER == set(written)
    assert (FORMAT, SITE, 1, 1) == tuple(written[name] for name in ("format", "site", "number", "revision"))
    assert (182, False, False, [], {}, {}) == tuple(
        written[name] for name in ("lifetime_days", "wait_for_receipt", "page_path", "gpc", "theme", "signals")
    )
    assert {"domain": None, "partitioned": False} == written["sharing"]
    assert {"default": "default", "rules": []} == written["regions"]
    assert "bar" == written["layout"]["first_layer"]


def test_a_later_member_does_not_change_an_old_digest():
    """A model that has grown reads an old policy, and names it as before."""

    class Later(Policy):
        """The policy of a later version."""

        banner_pause: int = 3

    old = canonical_policy(policy())
    later = Later.model_validate_json(old)

    assert 3 == later.banner_pause
    assert old == canonical_policy(later)
    assert policy_digest(policy()) == policy_digest(later)


@pytest.mark.parametrize(
    ("name", "value"), [("opt_out_link", {"en": "Do not sell or share my data"}), ("retention_days", 1095)]
)
def test_a_member_that_came_later_is_written_where_it_says_something(name, value):
    """It is proven like any other, and a draft without it has the bytes that it always had."""
    assert value == json.loads(canonical_policy(policy(small(**{name: value}))))[name]
    assert name not in json.loads(canonical_policy(policy(small())))


@pytest.mark.parametrize(
    "theme",
    [
        {"accent": "red;}body{display:none"},
        {"accent": "red"},
        {"accent": "#00000080"},
        {"background": "#fff"},
        {"paper": "url(https://evil.example)"},
        {"radius": "8"},
        {"radius": "calc(1px)"},
        {"radius": "-8px"},
        {"font": "x'; src: url"},
        {"font": "'unclosed"},
        {"dark-radius": "8px"},
    ],
    ids=str,
)
def test_a_theme_has_known_tokens_with_safe_values(theme):
    """Nothing ends a declaration, loads anything, or has a contrast that can not be told."""
    with pytest.raises(InvalidPolicy) as refusal:
        draft(small(theme=theme))
    assert {f"theme.{name}" for name in theme} == named(refusal)


def test_a_policy_with_an_older_theme_is_still_read():
    """Tokens are held when something is published; what was published stays what it is."""
    old = json.loads(canonical_policy(policy(small())))
    old["theme"] = {"banner-shadow": "none"}

    assert {"banner-shadow": "none"} == parse_policy(canonical_json(old)).theme


def test_the_order_in_which_an_operator_writes_does_not_matter():
    """The digest is that of the content."""
    turned = json.loads(json.dumps(whole()), object_pairs_hook=lambda pairs: dict(reversed(pairs)))

    assert list(turned) != list(whole())
    assert policy_digest(policy()) == policy_digest(policy(turned))


@pytest.mark.parametrize(
    ("changes", "number", "revision"),
    [({}, 2, 1), ({}, 1, 2), ({"lifetime_days": 183}, 1, 1), ({"languages": ["en", "de", "ar"]}, 1, 1)],
)
def test_every_change_has_another_digest(changes, number, revision):
    """Nothing can be changed under a digest."""
    assert policy_digest(policy()) != policy_digest(policy(whole(**changes), number=number, revision=revision))


@pytest.mark.parametrize(
    ("site", "number", "revision"),
    [("abc", 1, 1), ("Demo0001", 1, 1), ("x" * 33, 1, 1), ("demo-001", 1, 1), (SITE, 0, 1), (SITE, 1, 0)],
)
def test_a_policy_of_no_site_is_not_published(site, number, revision):
    """A policy has a site key, and counts from 1."""
    with pytest.raises(InvalidPolicy):
        draft(small()).published(site, number, revision)


def test_only_the_canonical_bytes_are_a_policy():
    """Another spelling of the same content has another digest, so it is refused."""
    data = canonical_policy(policy())
    for other in (data + b"\n", data.replace(b":", b": ", 1), json.dumps(json.loads(data)).encode()):
        with pytest.raises(InvalidPolicy, match="canonical"):
            parse_policy(other)


def test_a_policy_of_another_format_is_refused():
    """A later format is not guessed at."""
    with pytest.raises(InvalidPolicy) as refusal:
        parse_policy(canonical_policy(policy()).replace(b"askfirst/policy/1", b"askfirst/policy/2"))
    assert {"format"} == named(refusal)


def test_a_policy_that_is_too_long_is_refused():
    """Two mebibytes are far above any banner, and the limit holds before the content is looked at."""
    with pytest.raises(InvalidPolicy, match="longer than"):
        parse_draft(b" " * (MAX_POLICY_BYTES + 1))


def test_all_faults_are_told_at_once():
    """Somebody who mends one finds no second one behind it."""
    with pytest.raises(InvalidPolicy) as refusal:
        draft(small(privacy_policy={}, gpc=["ads"], languages=["en", "de"]))
    assert {
        "gpc",
        "privacy_policy",
        "purposes.measurement.description",
        "purposes.measurement.name",
        "purposes.necessary.description",
        "purposes.necessary.name",
        "texts",
    } == named(refusal)


def test_whoever_says_nothing_is_asked_before():
    """The mode that is left out is the strictest, and `necessary` has none."""
    assert [None, "opt_in"] == [purpose.mode for purpose in draft(small()).purposes]


def test_the_optional_purposes_are_all_but_necessary():
    """Also one that is exempt can be objected to, so it is answered."""
    assert ("measurement", "embeds", "marketing") == policy().optional_purposes
    assert frozenset({"default", "us-ca"}) == policy().rule_ids


def test_a_policy_does_not_change():
    """What was hashed stays what it was."""
    with pytest.raises(ValueError, match="frozen"):
        policy().lifetime_days = 1


def test_a_draft_has_no_number():
    """Whoever writes a site file does not number it."""
    assert {"format", "site", "number", "revision"} == set(Policy.model_fields) - set(PolicyDraft.model_fields)
    with pytest.raises(InvalidPolicy) as refusal:
        draft(small(number=7))
    assert {"number"} == named(refusal)


def test_as_many_purposes_as_allowed_fit_into_a_receipt():
    """The longest answer stays below the limits of a receipt and of a request."""
    many = [purpose("necessary", "en"), *(purpose(f"p{number:02}".ljust(32, "x"), "en") for number in range(24))]
    answers = json.dumps(dict.fromkeys(draft(small(purposes=many)).optional_purposes, False), separators=(",", ":"))

    assert len(answers) * 4 / 3 < 1_500
    with pytest.raises(InvalidPolicy):
        draft(small(purposes=[*many, purpose("one_more", "en")]))


def test_texts_of_any_script_are_taken():
    """Words are not only ASCII."""
    words = {**texts("ar"), "text": "نستخدم ملفات تعريف الارتباط — 🍪 ’’ &"}
    arabic = small(
        languages=["ar"],
        privacy_policy={"ar": "https://example.com/ar"},
        texts={"ar": words},
        purposes=[purpose("necessary", "ar"), purpose("measurement", "ar", name=said("قياس", "ar"))],
    )

    assert words["text"] == policy(arabic).texts["ar"].text
