"""The frozen wire examples are what this version makes and reads, also by the formats' own words alone."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from askfirst.core.decision import check_decision, is_late, parse_decision
from askfirst.core.errors import MalformedLeaf, Problem
from askfirst.core.kinds import EntryKind
from askfirst.core.leaf import opens, parse_leaf
from askfirst.core.policy import parse_policy, policy_digest
from askfirst.core.record import decision_what, decision_who, entry_what, entry_who
from askfirst.core.site_script import build_digest, script_config, site_script
from core.decision_vectors import accepted, refused
from core.examples import draft, policy
from core.make_vectors import FOLDER, files


def vectors(name: str) -> Any:
    return json.loads((FOLDER / name).read_bytes())


@pytest.mark.parametrize("name", sorted(files()))
def test_the_frozen_files_are_what_the_generator_makes(name):
    """A format that changes by accident changes a frozen file, and is seen."""
    assert (FOLDER / name).read_bytes() == files()[name]


@pytest.mark.parametrize("case", vectors("policy.json")["accepts"], ids=lambda case: case["what"])
def test_a_draft_becomes_the_frozen_policy(case):
    """The canonical text is RFC 8785 by another's implementation, its digest plain SHA-256, and both lead back."""
    published = draft(case["draft"]).published(case["site"], case["number"], case["revision"])
    canonical = case["canonical"].encode()

    assert rfc8785.dumps(json.loads(canonical)) == canonical
    assert hashlib.sha256(canonical).hexdigest() == case["digest"] == policy_digest(published)
    assert published == parse_policy(canonical)


@pytest.mark.parametrize("case", vectors("policy.json")["accepts"], ids=lambda case: case["what"])
def test_a_policy_gives_the_frozen_configurations(case):
    """The script is told the same of a policy by every version."""
    published = parse_policy(case["canonical"].encode())
    given_to = {"service_url": "https://consent.example", "policy_digest": case["digest"]}
    build = vectors("policy.json")["script"]["build"]

    assert case["configs"] == {
        language: script_config(published, language, build_digest=build, **given_to) for language in published.languages
    }


def test_a_script_is_joined_as_frozen():
    """The build digest is the SHA-256 of the script with `null` in the place of the configuration."""
    case = vectors("policy.json")["script"]
    bare = case["without_configuration"].encode()

    assert bare == f"({case['boot']})(null,[{','.join(case['parts'])}]);".encode()
    assert case["build"] == hashlib.sha256(bare).hexdigest() == build_digest(case["boot"], case["parts"])
    assert case["with_configuration"].encode() == site_script(case["boot"], case["parts"], case["configuration"])


@pytest.mark.parametrize("case", vectors("decision.json")["accepts"], ids=lambda case: case["what"])
def test_a_frozen_decision_is_taken(case):
    """Every frozen body is read, holds against the policy, and says what it says."""
    request = parse_decision(case["body"].encode())
    check_decision(request, policy())

    assert case["parsed"] == request.model_dump(exclude_unset=True)


@pytest.mark.parametrize("case", vectors("decision.json")["refused"], ids=lambda case: case["why"])
def test_a_frozen_decision_is_refused_with_its_problem(case):
    """Each bad body meets the one code that says what is wrong, and the members that the table of problems names."""
    sent = case["body"].encode() if "body" in case else bytes.fromhex(case["body_hex"])

    with pytest.raises(Problem) as refusal:
        check_decision(parse_decision(sent), policy())

    found = refusal.value.members()
    if "errors" in found:
        found = {"errors": sorted(error["member"] for error in found["errors"])}
    assert (case["code"], case["members"]) == (refusal.value.code, found)


@pytest.mark.parametrize("case", vectors("decision.json")["late"], ids=lambda case: case["what"])
def test_a_frozen_answer_is_late_or_not(case):
    """Late is more than an hour after the policy was superseded, or after the visitor chose."""
    assert case["late"] == is_late(case["at"], superseded_at=case["superseded_at"], now=case["now"])


@pytest.mark.parametrize("case", vectors("record.json")["what"], ids=lambda case: case["what"])
def test_what_was_decided_is_written_as_frozen(case):
    """The `what` part is RFC 8785 by another's implementation."""
    part = case["part"].encode()
    members = case["members"]

    assert rfc8785.dumps(json.loads(part)) == part
    if "kind" in case:
        assert part == entry_what(EntryKind(case["kind"]), case["entry"], case["time"], **members)
    else:
        assert part == decision_what(**members)


@pytest.mark.parametrize("case", vectors("record.json")["who"], ids=lambda case: case["what"])
def test_whom_it_concerns_is_written_as_frozen(case):
    """The `who` part is RFC 8785 by another's implementation."""
    part = case["part"].encode()

    assert rfc8785.dumps(json.loads(part)) == part
    assert part == (decision_who if "record" in case["members"] else entry_who)(**case["members"])


@pytest.mark.parametrize("case", vectors("leaf.json")["accepts"], ids=lambda case: case["what"])
def test_a_frozen_leaf_follows_the_formats_words(case):
    """Commitments and leaf hash are what formats.md 5.2 and 5.3 say, computed here with the standard library only."""
    what = _commitment(case["what_salt"], b"askfirst-what-v1\x00" + case["what_part"].encode())
    who = _commitment(case["who_salt"], b"askfirst-who-v1\x00" + case["who_part"].encode())
    said = {"kind": case["kind"], "v": 1, "what": _base64url(what), "who": _base64url(who)}
    if case["of"]:
        said["of"] = _base64url(bytes.fromhex(case["of"]))
    leaf = rfc8785.dumps(said)

    assert (case["what_commitment"], case["who_commitment"]) == (what.hex(), who.hex())
    assert case["leaf"].encode() == leaf
    assert case["leaf_hash"] == hashlib.sha256(b"\x00" + leaf).hexdigest()


@pytest.mark.parametrize("case", vectors("leaf.json")["accepts"], ids=lambda case: case["what"])
def test_a_frozen_leaf_is_read_and_opens(case):
    """A leaf and its openings fit."""
    opening = {
        "what": case["what_part"].encode(),
        "what_salt": bytes.fromhex(case["what_salt"]),
        "who": case["who_part"].encode(),
        "who_salt": bytes.fromhex(case["who_salt"]),
    }

    assert [] == opens(parse_leaf(case["leaf"].encode()), **opening)


@pytest.mark.parametrize("case", vectors("leaf.json")["refused"], ids=lambda case: case["why"])
def test_a_frozen_bad_leaf_is_refused(case):
    """A leaf has one spelling."""
    with pytest.raises(MalformedLeaf):
        parse_leaf(case["leaf"].encode("latin-1"))


@given(st.sampled_from(accepted()), st.data())
def test_a_cut_off_body_is_never_taken(case, data):
    """No beginning of a decision is a decision."""
    _, sent = case
    cut = data.draw(st.integers(0, len(sent) - 1))

    with pytest.raises(Problem):
        parse_decision(sent[:cut].rstrip())


def test_every_refusal_of_a_decision_has_a_frozen_example():
    """No code that the core can answer a decision with is without an example."""
    codes = {"body-too-large", "malformed-body", "invalid-decision", "unknown-language", "unknown-purpose"}

    assert codes | {"missing-purpose", "unknown-rule", "method-mismatch"} == {code for _, _, code, _ in refused()}


def _commitment(salt: str, message: bytes) -> bytes:
    return hmac.new(bytes.fromhex(salt), message, hashlib.sha256).digest()


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
