"""What the SDK's check costs a web server on every request."""

import json
import time
from collections.abc import Callable
from http.cookies import SimpleCookie
from statistics import median

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from askfirst_sdk.client import Askfirst
from askfirst_sdk.receipt import grant_receipt, receipt_payload
from askfirst_sdk.signing import SigningKey, TokenSigner
from askfirst_sdk.subject import make_subject
from askfirst_sdk.token import RECEIPT_SALT
from bench.row import Row, Section

NOW = int(time.time())
TOKENS = 2000
ROUNDS = 3
OTHERS = "_ga=GA1.1.1234567890.1234567890; theme=dark; session=abcdefghijklmnopqrstuvwxyz0123456789; "


def measure() -> Section:
    """Return the cost of a known and of a new receipt, from the raw cookie header to an answer."""
    key = SigningKey.generate("bench.example/receipts")
    signer = TokenSigner(key, RECEIPT_SALT)
    payloads = [_payload(number) for number in range(TOKENS)]
    headers = [f"{OTHERS}__Host-askfirst-bench={signer.token(payload)}" for payload in payloads]
    private = Ed25519PrivateKey.generate()
    public = private.public_key()
    encoded = [jwt.encode(json.loads(payload), private, "EdDSA") for payload in payloads]
    new, known, simple, peer = [], [], [], []
    for _ in range(ROUNDS):  # in turn, so that what else the machine does meets all alike
        askfirst = Askfirst(site="bench", keys=[key.verifier.text], accepted_revisions=[1])

        def allowed(header: str, reader: Askfirst = askfirst) -> bool:
            return reader.read(header, now=NOW).allows("measurement")

        new += _each(allowed, headers)
        if not allowed(headers[0]):
            raise RuntimeError("the receipt was not accepted, so nothing was measured")
        known += _each(allowed, headers[:1] * TOKENS)
        simple += _each(SimpleCookie, headers)
        peer += _each(lambda token: jwt.decode(token, public, ["EdDSA"]), encoded)
    beside = f"{median(simple):.1f} µs `http.cookies.SimpleCookie` alone, which verifies nothing"
    return Section(
        "SDK check",
        f"From a raw cookie header of {len(headers[0])} characters with four cookies to `allows()`; median of "
        f"{ROUNDS} times {TOKENS:,} receipts. PyJWT gets the same payload, without the cookie around it.",
        [
            Row("receipt seen before", f"{median(known):.1f} µs", beside, "at most 5 µs", median(known) <= 5),
            Row("new receipt", f"{median(new):.0f} µs", _beside(peer), "at most 150 µs", median(new) <= 150),
        ],
    )


def _beside(peer: list[float]) -> str:
    return f"{median(peer):.0f} µs PyJWT EdDSA, no cookie"


def _payload(number: int) -> bytes:
    receipt = grant_receipt(
        site="bench",
        subject=make_subject(NOW * 1000, number),
        record=f"01a20aef-e208-7929-b951-{number:012x}",
        leaf=bytes(32),
        policy16=bytes(16),
        revision=1,
        purposes={"measurement": True, "marketing": False, "embeds": True},
        method="custom",
        gpc=False,
        given_at=NOW - 60,
        expires_at=NOW + 86_400,
        rule="default",
    )
    return receipt_payload(receipt)


def _each(work: Callable[[str], object], inputs: list[str]) -> list[float]:
    """Return how many microseconds each call took."""
    took = []
    for one in inputs:
        begin = time.perf_counter_ns()
        work(one)
        took.append((time.perf_counter_ns() - begin) / 1000)
    return took
