"""The frozen wire examples: made again byte for byte, read by the SDK and by a second reading that shares no code."""

import base64
import hashlib
import json
from typing import Any

import pytest
import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from askfirst_sdk.check import read_consent
from askfirst_sdk.cookie import cookie_values
from askfirst_sdk.descriptor import (
    DescriptorFormatError,
    descriptor_payload,
    parse_descriptor,
    verified_descriptor,
)
from askfirst_sdk.keys import KeyFormatError, KeyRing, VerifierKey
from askfirst_sdk.receipt import ReceiptFormatError, parse_receipt, receipt_payload
from askfirst_sdk.signing import SigningKey, TokenSigner
from askfirst_sdk.subject import consent_id, is_subject, make_subject, parse_consent_id
from askfirst_sdk.token import (
    BadSignature,
    TokenError,
    TokenMalformed,
    TokenTooLong,
    TokenVerifier,
    UnknownKey,
    token_length,
)
from sdk.make_vectors import FOLDER, files

ERRORS: dict[str, type[TokenError]] = {
    "malformed": TokenMalformed,
    "bad_signature": BadSignature,
    "unknown_key": UnknownKey,
    "too_long": TokenTooLong,
}


def vectors(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def cases(name: str, *path: str) -> list[Any]:
    """Return the examples of one list as pytest parameters, named by what they say."""
    content = vectors(name)
    for member in path:
        content = content[member]
    labels = ("what", "why", "name", "text", "consent_id", "region")
    return [pytest.param(case, id=next((str(case[x])[:60] for x in labels if x in case), None)) for case in content]


@pytest.mark.parametrize("name", sorted(files()))
def test_the_frozen_file_is_what_the_script_makes(name: str) -> None:
    """A format that changes by accident is noticed here first."""
    assert (FOLDER / name).read_bytes() == files()[name]


# --- keys and subjects


@pytest.mark.parametrize("case", cases("keys.json", "keys"))
def test_every_form_of_a_key_is_the_same_key(case: dict[str, Any]) -> None:
    """Seed, signer key, verifier key, raw bytes and JWK all lead to one key."""
    key = SigningKey.from_seed(case["name"], bytes.fromhex(case["seed_hex"]))

    assert case["signer_key"] == key.text == SigningKey.parse(case["signer_key"]).text
    assert case["verifier_key"] == key.verifier.text == VerifierKey.parse(case["verifier_key"]).text
    assert case["jwk"] == key.verifier.jwk() == VerifierKey.from_jwk(case["jwk"]).jwk()
    assert case["public_hex"] == key.verifier.public_bytes.hex()
    recomputed = hashlib.sha256(case["name"].encode() + b"\n\x01" + bytes.fromhex(case["public_hex"])).hexdigest()[:8]
    assert case["key_id"] == recomputed == key.verifier.key_id.hex()


@pytest.mark.parametrize("case", cases("keys.json", "verifier_key_rejects"))
def test_a_text_that_is_no_verifier_key_is_refused(case: dict[str, Any]) -> None:
    """Nothing but the one text of a key is read as that key."""
    with pytest.raises(KeyFormatError):
        VerifierKey.parse(case["text"])


@pytest.mark.parametrize("case", cases("keys.json", "signer_key_rejects"))
def test_a_text_that_is_no_signer_key_is_refused(case: dict[str, Any]) -> None:
    """A public key or a wrong seed is never signed with."""
    with pytest.raises(KeyFormatError):
        SigningKey.parse(case["text"])


@pytest.mark.parametrize("case", cases("keys.json", "jwk_rejects"))
def test_a_jwk_that_does_not_fit_is_refused(case: dict[str, Any]) -> None:
    """A JWK is believed only if its key id can be recomputed."""
    with pytest.raises(KeyFormatError):
        VerifierKey.from_jwk(case["jwk"])


@pytest.mark.parametrize("case", cases("subjects.json", "made"))
def test_a_subject_is_made_of_time_and_chance_alone(case: dict[str, Any]) -> None:
    """The same time and random bits give the same subject."""
    assert case["subject"] == make_subject(case["ms"], int(case["random58"]))
    assert case["consent_id"] == consent_id(case["subject"])
    assert is_subject(case["subject"])


@pytest.mark.parametrize("case", cases("subjects.json", "typed"))
def test_a_typed_consent_id_is_found_or_refused(case: dict[str, Any]) -> None:
    """What people type leads to their own subject or to nobody's."""
    assert case["subject"] == parse_consent_id(case["text"])


# --- tokens


@pytest.mark.parametrize("case", cases("tokens.json", "accepts"))
def test_a_good_token_reads_back(case: dict[str, Any]) -> None:
    """A signed payload comes back as it was."""
    verifier = TokenVerifier(KeyRing.parse(vectors("tokens.json")["ring"]), case["salt"])

    assert bytes.fromhex(case["payload_hex"]) == verifier.payload(case["token"])
    assert bytes.fromhex(case["payload_hex"]) == verifier.payload(case["token"].encode())
    assert len(case["token"]) == token_length(bytes.fromhex(case["payload_hex"]))


@pytest.mark.parametrize("case", cases("tokens.json", "accepts"))
def test_the_signer_makes_the_frozen_token(case: dict[str, Any]) -> None:
    """Ed25519 is deterministic: everybody's token for a payload is the same bytes."""
    key = next(key for key in vectors("keys.json")["keys"] if key["verifier_key"] == case["key"])
    signer = TokenSigner(SigningKey.parse(key["signer_key"]), case["salt"])

    assert case["token"] == signer.token(bytes.fromhex(case["payload_hex"]))


@pytest.mark.parametrize("case", cases("tokens.json", "rejects"))
def test_a_bad_token_is_refused_for_its_reason(case: dict[str, Any]) -> None:
    """Each kind of damage is named for what it is."""
    verifier = TokenVerifier(KeyRing.parse(vectors("tokens.json")["ring"]), case["salt"])

    with pytest.raises(ERRORS[case["reason"]]):
        verifier.payload(case["token"])


def independent_payload(token: str, salt: str, ring: list[str]) -> bytes | None:
    """Read a token with nothing of the SDK, from the words of formats.md, 1 and 2."""
    if len(token.encode()) > 3800 or token.count(".") != 1:
        return None
    fields = []
    for text in token.split("."):
        try:
            value = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except ValueError:
            return None
        if base64.urlsafe_b64encode(value).decode().rstrip("=") != text:
            return None
        fields.append(value)
    payload, signature = fields
    if len(signature) != 68:
        return None
    for key in ring:
        _, key_id, encoded = key.split("+", 2)
        if bytes.fromhex(key_id) == signature[:4]:
            message = b"askfirst-token-v1\0" + len(salt).to_bytes(2, "big") + salt.encode() + signature[:4]
            try:
                public = Ed25519PublicKey.from_public_bytes(base64.b64decode(encoded)[1:])
                public.verify(signature[4:], message + token.split(".", maxsplit=1)[0].encode())
            except InvalidSignature:
                return None
            return payload
    return None


def test_a_second_reading_of_the_format_agrees_on_every_token() -> None:
    """The vectors follow formats.md, not only the code that made them."""
    content = vectors("tokens.json")

    for case in content["accepts"]:
        assert case["payload_hex"] == (independent_payload(case["token"], case["salt"], content["ring"]) or b"").hex()
    for case in content["rejects"]:
        assert independent_payload(case["token"], case["salt"], content["ring"]) is None, case["what"]


# --- receipts


@pytest.mark.parametrize("case", [*cases("receipts.json", "accepts"), *cases("receipts-2.json", "accepts")])
def test_a_receipt_says_what_was_answered(case: dict[str, Any]) -> None:
    """Payload, receipt and token are three forms of one thing."""
    receipt = parse_receipt(case["payload"].encode())
    parsed = case["parsed"]

    assert case["payload"].encode() == receipt_payload(receipt)
    assert case["payload"].encode() == rfc8785.dumps(json.loads(case["payload"]))
    assert case["payload"].encode() == independent_payload(case["token"], "receipt", vectors("receipts.json")["ring"])
    assert parsed == {
        "site": receipt.site,
        "subject": receipt.subject,
        "consent_id": receipt.subject and consent_id(receipt.subject),
        "record": receipt.record,
        "leaf_hex": receipt.leaf and receipt.leaf.hex(),
        "policy16_hex": receipt.policy16.hex(),
        "revision": receipt.revision,
        "purposes": dict(receipt.purposes),
        "method": receipt.method,
        "gpc": receipt.gpc,
        "given_at": receipt.given_at,
        "expires_at": receipt.expires_at,
        "rule": receipt.rule,
        "anonymous": receipt.anonymous,
        "order_key": receipt.order_key,
    }


@pytest.mark.parametrize("case", [*cases("receipts.json", "rejects"), *cases("receipts-2.json", "rejects")])
def test_a_well_signed_payload_out_of_form_is_no_receipt(case: dict[str, Any]) -> None:
    """Wrong types, members and spellings are refused even when the signature holds."""
    verifier = TokenVerifier(KeyRing.parse(vectors("receipts.json")["ring"]), "receipt")

    assert case["payload"].encode() == verifier.payload(case["token"])
    with pytest.raises(ReceiptFormatError):
        parse_receipt(case["payload"].encode())


def test_all_who_refuse_on_one_day_hold_the_same_bytes() -> None:
    """REQUIREMENTS PR-7: a refusal leaves nothing that tells two visitors apart."""
    noon, midnight = [case for case in vectors("receipts.json")["accepts"] if case["parsed"]["anonymous"]]

    assert noon["token"] == midnight["token"]


# --- cookies

COOKIES = ("cookies.json", "cookies-2.json")


@pytest.mark.parametrize(
    "case", [case for name in COOKIES for part in ("cases", "signal_cases") for case in cases(name, part)]
)
def test_a_cookie_header_gives_the_verdict_of_the_vectors(case: dict[str, Any]) -> None:
    """From the raw header to what is allowed, also for several copies (formats.md, 4)."""
    consent = read_consent(
        cookie_values(case["cookie"], case["site"], loopback=case["loopback"]),
        KeyRing.parse(vectors("cookies.json")["ring"]),
        case["site"],
        case["accepted_revisions"],
        now=case["now"],
        gpc=case.get("gpc", ()),
        headers=case.get("headers"),
    )

    assert case["server"] == {
        "answered": consent.answered,
        "reason": consent.reason,
        "granted": sorted(consent.granted),
        "refused": sorted(consent.refused),
        "given_at": consent.given_at,
        "record": consent.record_id,
        "why": {purpose: consent.why(purpose) for purpose in case["server"]["why"]},
    }
    for purpose in case["server"]["why"]:
        assert (purpose in case["server"]["granted"]) == consent.allows(purpose)


def independent_verdict(case: dict[str, Any], believed: dict[str, dict[str, Any]]) -> tuple[bool, set[str]] | None:
    """Follow the several-copies rule with nothing of the SDK: `believed` maps tokens to payloads that count."""
    names = {f"{prefix}askfirst-{case['site']}" for prefix in ("__Host-", "__Secure-")}
    names |= {f"askfirst-{case['site']}"} if case["loopback"] else set()
    tokens: list[str] = []
    for pair in case["cookie"].split(";"):
        name, _, value = pair.strip().partition("=")
        value = value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value
        if name in names and "=" in pair and value not in tokens:
            tokens.append(value)
    if len(tokens) > 8:
        return None
    valid = []
    for token in tokens:
        payload = believed.get(token)
        if payload is None or payload["site"] != case["site"] or payload["rev"] not in case["accepted_revisions"]:
            continue
        if payload["iat"] <= case["now"] + 300 and payload["exp"] > case["now"]:
            valid.append((payload["iat"] + (0 if "sub" in payload else 86_399), token, payload["p"]))
    if not valid:
        return False, set()
    newest = max(valid)[2]
    return True, {purpose for purpose in newest if all(copy.get(purpose) is True for _, _, copy in valid)}


@pytest.mark.parametrize("name", COOKIES)
@pytest.mark.parametrize("reader", ["server", "browser"])
def test_a_second_reading_of_the_copies_rule_agrees(name: str, reader: str) -> None:
    """What is granted follows from formats.md, 4.1, not only from the code that made the vectors."""
    content = vectors(name)
    for case in content["cases"]:
        if case[reader] is None:
            continue
        believed = {}
        for pair in case["cookie"].split(";"):
            token = pair.partition("=")[2].strip().removeprefix('"').removesuffix('"')
            payload = independent_payload(token, "receipt", content["ring"])
            text = token.split(".")[0]
            try:
                if payload is None and reader == "browser" and token.count(".") == 1 and len(token) <= 3800:
                    payload = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
                members = json.loads(payload or b"")
            except ValueError:
                continue
            if "site" in members and rfc8785.dumps(members) == payload:
                believed[token] = members
        verdict = independent_verdict(case, believed)
        expected = (case[reader]["answered"], set(case[reader]["granted"]))
        assert expected == (verdict or (False, set())), case["what"]


# --- descriptors


@pytest.mark.parametrize("case", cases("descriptors.json", "accepts"))
def test_a_descriptor_is_read_in_either_version(case: dict[str, Any]) -> None:
    """Region rules make it version 2; without them it stays as it was."""
    payload = case["payload"].encode()

    assert payload == rfc8785.dumps(json.loads(payload))
    assert payload == descriptor_payload(parse_descriptor(payload))
    assert parse_descriptor(payload) == verified_descriptor(
        case["token"], KeyRing.parse(vectors("descriptors.json")["ring"])
    )


@pytest.mark.parametrize("case", cases("descriptors.json", "rejects"))
def test_a_payload_out_of_form_is_no_descriptor(case: dict[str, Any]) -> None:
    """Neither version has members of the other, and a rule is as strict as the rest."""
    with pytest.raises(DescriptorFormatError):
        parse_descriptor(case["payload"].encode())


@pytest.mark.parametrize("case", cases("descriptors.json", "modes"))
def test_a_region_has_the_modes_of_the_vectors(case: dict[str, Any]) -> None:
    """What is not known is the strictest of all that is known."""
    content = vectors("descriptors.json")
    rules = parse_descriptor(content["accepts"][1]["payload"].encode()).region_rules()

    assert case["modes"] == dict(rules.modes(case["region"], content["now"]))
