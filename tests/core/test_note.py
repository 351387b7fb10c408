"""Signed notes by the rules of C2SP signed-note, against the published ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.core.base64_text import b64
from askfirst.core.errors import LedgerFault, MalformedNote, UntrustedNote
from askfirst.core.note import MAX_SIGNATURES, Note, Signature, format_note, open_note, parse_note, sign_note
from askfirst_sdk.keys import KeyFormatError, VerifierKey
from askfirst_sdk.signing import SigningKey
from core.examples import CHECKPOINTS, STRANGER
from core.test_tree import MERKLE

TEXT = "example.test/log\n0\n\nwith an empty line\n"
SIGNED = sign_note(TEXT, CHECKPOINTS.verifier, CHECKPOINTS.sign)
KEY = CHECKPOINTS.verifier


def line(name: str, data: bytes) -> bytes:
    return f"— {name} {b64(data)}\n".encode()


@pytest.mark.parametrize("case", MERKLE["signed_note"], ids=lambda case: case.get("why") or case["source"])
def test_the_published_notes_open_or_fail(case):
    """Every published note, the bad ones too, with each of its keys alone and with all."""
    keys = [VerifierKey.parse(text) for text in case.get("verifier_keys") or [case["verifier_key"]]]
    data = case["note"].encode()
    for known in [[key] for key in keys] + [keys]:
        if case["ok"]:
            note = open_note(data, known)
            assert data.startswith(note.text.encode() + b"\n")
            assert {(key.name, key.key_id) for key in known} == {(each.name, each.key_id) for each in note.signatures}
        else:
            with pytest.raises((MalformedNote, UntrustedNote)):
                open_note(data, known)


def test_the_published_signature_comes_out_the_same():
    """Ed25519 is deterministic: the published key signs the published note to the byte."""
    case = next(case for case in MERKLE["signed_note"] if case.get("deterministic_signature"))
    key = SigningKey.parse(case["signer_key"])
    text = case["note"].partition("\n\n")[0] + "\n"

    assert case["note"].encode() == sign_note(text, key.verifier, key.sign)


@pytest.mark.parametrize("case", MERKLE["verifier_key_rejects"]["keys"], ids=lambda case: case["why"])
def test_the_published_bad_keys_are_refused(case):
    """A key of the wrong length or kind verifies nothing."""
    with pytest.raises(KeyFormatError):
        VerifierKey.parse(case["key"])


def test_every_part_and_every_change_of_a_key_is_refused():
    """The published property: no proper substring and no single-byte increment of a good key is a key."""
    good = MERKLE["signed_note"][0]["verifier_key"]
    parts = {good[i:j] for i in range(len(good)) for j in range(i, len(good) + 1)} - {good}
    changed = {good[:i] + chr(ord(good[i]) + 1) + good[i + 1 :] for i in range(len(good))}

    for text in parts | changed:
        with pytest.raises(KeyFormatError):
            VerifierKey.parse(text)


def test_a_note_opens_with_what_was_signed():
    """The text may hold empty lines: the last one parts it from the signatures."""
    note = open_note(SIGNED, [KEY])

    assert TEXT == note.text
    assert [(KEY.name, KEY.key_id)] == [(each.name, each.key_id) for each in note.signatures]


@given(st.integers(0, len(SIGNED) - 1), st.integers(1, 255))
def test_no_changed_byte_opens_as_signed(at, change):
    """A note with any byte changed is refused; a changed signature line of the only key too."""
    altered = bytearray(SIGNED)
    altered[at] ^= change

    with pytest.raises((MalformedNote, UntrustedNote)):
        open_note(bytes(altered), [KEY])


def test_signatures_by_unknown_keys_are_ignored():
    """A witness that we do not know neither helps nor harms, even under the same name or with the same id."""
    strangers = [
        line("witness.test", b"wxyz" + bytes(80)),
        line(KEY.name, bytes(4) + bytes(64)),
        line("witness.test", KEY.key_id + bytes(64)),
    ]
    note = open_note(SIGNED + b"".join(strangers), [KEY])

    assert 1 == len(note.signatures)
    assert 4 == len(parse_note(SIGNED + b"".join(strangers)).signatures)


def test_a_bad_signature_by_a_known_key_rejects_the_note():
    """A good signature beside it does not save the note."""
    both = SIGNED + line(STRANGER.verifier.name, STRANGER.verifier.key_id + bytes(64))

    assert TEXT == open_note(both, [KEY]).text
    with pytest.raises(UntrustedNote, match="does not hold"):
        open_note(both, [KEY, STRANGER.verifier])
    with pytest.raises(UntrustedNote, match="does not hold"):
        open_note(SIGNED + line(KEY.name, KEY.key_id + b"short"), [KEY])


def test_the_same_signature_twice_counts_once():
    """Repeating a line adds no trust."""
    twice = SIGNED + SIGNED.partition(b"line\n\n")[2]

    assert 2 == len(parse_note(twice).signatures)
    assert 1 == len(open_note(twice, [KEY]).signatures)


@pytest.mark.parametrize("known", [[], [STRANGER.verifier]], ids=["none", "another"])
def test_a_note_by_nobody_known_is_refused(known):
    """Without a signature that we can check, the text means nothing."""
    with pytest.raises(UntrustedNote, match="none of the known keys"):
        open_note(SIGNED, known)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"\n\n",
        b"text",
        b"text\n\n",
        b"text\n\n\n",
        SIGNED[:-1],
        SIGNED + b"\n",
        SIGNED + b"more\n",
        SIGNED.replace("—".encode(), b"-"),
        SIGNED.replace("— ".encode(), "—".encode()),
        SIGNED.replace(b"log\n0", b"log\r\n0"),
        SIGNED.replace(b"log\n0", b"log\x00\n0"),
        SIGNED.replace(b"log\n0", b"log\xff\n0"),
        SIGNED.replace(b"=\n", b"\n"),
        SIGNED.replace(b"=\n", b"==\n"),
        SIGNED + line("na+me", b"wxyz" + bytes(64)),
        SIGNED + line("", b"wxyz" + bytes(64)),
        SIGNED + line("na\u2003me", b"wxyz" + bytes(64)),
        SIGNED + line("name", b"wxyz"),
        SIGNED + b"\xe2\x80\x94 name\n",
        SIGNED + line("x", b"wxyz" + bytes(64)) * MAX_SIGNATURES,
        b"x" * 1_000_000 + SIGNED,
    ],
    ids=lambda data: repr(data[-40:]),
)
def test_a_malformed_note_is_refused(data):
    """What is no note is not even looked at."""
    with pytest.raises(MalformedNote):
        open_note(data, [KEY])


def test_a_hundred_signatures_are_read():
    """The limit is above what any log needs."""
    many = SIGNED + line("x", b"wxyz" + bytes(64)) * (MAX_SIGNATURES - 1)

    assert MAX_SIGNATURES == len(parse_note(many).signatures)


@given(st.binary(max_size=120) | st.text("— \nabc+/=\x00", max_size=120).map(str.encode))
def test_arbitrary_bytes_never_raise_anything_else(data):
    """Whatever is read is written back as it was; everything else is a malformed note."""
    try:
        note = parse_note(data)
    except LedgerFault as fault:
        assert isinstance(fault, MalformedNote)  # noqa: PT017
        return
    assert data == format_note(note)


@pytest.mark.parametrize("text", ["", "no newline", "\ttab\n"])
def test_a_text_that_could_not_be_read_is_not_written(text):
    """Nothing is signed that nobody can open."""
    with pytest.raises(MalformedNote):
        sign_note(text, KEY, CHECKPOINTS.sign)
    with pytest.raises(MalformedNote):
        format_note(Note("text\n", (Signature("bad name", b"wxyz", bytes(64)),)))
