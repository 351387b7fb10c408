"""What the SDK's check costs a web server on every request."""

import json
import time
from collections.abc import Callable
from http.cookies import SimpleCookie
from statistics import median

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from askfirst_sdk.client import Askfirst
from askfirst_sdk.inject import Injection, Snippets
from askfirst_sdk.lazy import LazyConsent
from askfirst_sdk.receipt import grant_receipt, receipt_payload
from askfirst_sdk.signing import SigningKey, TokenSigner
from askfirst_sdk.subject import make_subject
from askfirst_sdk.testing import granted
from askfirst_sdk.token import RECEIPT_SALT
from bench.django_peer import peer_check
from bench.row import Row, Section

NOW = int(time.time())
TOKENS = 2000
ROUNDS = 3
OTHERS = "_ga=GA1.1.1234567890.1234567890; theme=dark; session=abcdefghijklmnopqrstuvwxyz0123456789; "
# A page as they are: a head with styles, a script and metadata, and a body.
PAGE = (
    b"<!doctype html><html><head><title>Page</title>"
    + b'<meta name="a" content="b"><link rel="stylesheet" href="/s.css">' * 20
    + b"<script>"
    + b"let a = 1 < 2;" * 100
    + b"</script></head><body>"
    + b"<p>Words, and <a href='/x'>links</a>.</p>" * 1000
    + b"</body></html>"
)
SNIPPETS = Snippets({"measurement": '<script defer src="/m.js"></script>'})


def measure() -> Section:
    """Return the cost of a known and of a new receipt, from the raw cookie header to an answer."""
    key = SigningKey.generate("bench.example/receipts")
    signer = TokenSigner(key, RECEIPT_SALT)
    payloads = [_payload(number) for number in range(TOKENS)]
    headers = [f"{OTHERS}__Host-askfirst-bench={signer.token(payload)}" for payload in payloads]
    private = Ed25519PrivateKey.generate()
    public = private.public_key()
    encoded = [jwt.encode(json.loads(payload), private, "EdDSA") for payload in payloads]
    signature = private.sign(payloads[0])
    new, known, simple, peer, bare, other, injected, untouched = [], [], [], [], [], [], [], []
    peer_accepts, peer_cookie = peer_check()
    peer_headers = [f"{OTHERS}{peer_cookie}"] * TOKENS
    for _ in range(ROUNDS):  # in turn, so that what else the machine does meets all alike
        askfirst = Askfirst(site="bench", keys=[key.verifier.text], accepted_revisions=[1])

        def allowed(header: str, reader: Askfirst = askfirst) -> bool:
            return reader.read(header, now=NOW).allows("measurement")

        new += _each(allowed, headers)
        if not allowed(headers[0]) or not peer_accepts(peer_headers[0]):
            raise RuntimeError("the receipt was not accepted, so nothing was measured")
        known += _each(allowed, headers[:1] * TOKENS)
        simple += _each(SimpleCookie, headers)
        other += _each(peer_accepts, peer_headers)
        injected += _each(_page_with_tag, ["measurement"] * TOKENS)
        untouched += _each(_page_with_tag, ["marketing"] * TOKENS)
        bare += _each(lambda _: public.verify(signature, payloads[0]), headers)
        peer += _each(lambda token: jwt.decode(token, public, ["EdDSA"]), encoded)
    beside = f"{median(simple):.1f} µs `http.cookies.SimpleCookie` alone, which verifies nothing"
    django = f"{median(other):.0f} µs django-cookie-consent, whose cookie anybody can write"
    return Section(
        "SDK check",
        f"From a raw cookie header of {len(headers[0])} characters with four cookies to `allows()`; median of "
        f"{ROUNDS} times {TOKENS:,} receipts. PyJWT gets the same payload, without the cookie around it.",
        [
            Row(
                "receipt seen before",
                f"{median(known):.1f} µs",
                f"{beside}; {django}",
                "at most 5 µs",
                median(known) <= 5,
            ),
            Row("new receipt", f"{median(new):.0f} µs", _beside(peer, bare), "at most 150 µs", median(new) <= 150),
            Row(
                f"a page of {len(PAGE) // 1024} KiB through the injection, tag put in",
                f"{median(injected):.0f} µs",
                f"{median(untouched):.0f} µs where nothing is put in",
            ),
        ],
    )


def _page_with_tag(purpose: str) -> bytes:
    """Send one page through the injection, as the middleware does for each response."""
    headers = [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", str(len(PAGE)).encode())]
    work = Injection("GET", 200, headers, SNIPPETS, LazyConsent(lambda: granted(purpose)))
    return work.feed(PAGE) + work.end()


def _beside(peer: list[float], bare: list[float]) -> str:
    return f"{median(peer):.0f} µs PyJWT EdDSA, no cookie; {median(bare):.0f} µs the verification of one signature alone by OpenSSL, which PyJWT has it from"


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
