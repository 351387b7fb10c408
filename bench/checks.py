"""What the SDK's check costs a web server."""

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
from bench.row import Row

NOW = 1_800_000_000
TOKENS = 2000
OTHERS = "_ga=GA1.1.1234567890.1234567890; theme=dark; session=abcdefghijklmnopqrstuvwxyz0123456789; "


def measure() -> list[Row]:
    """Return the cost of a known and of a new receipt from the raw cookie header."""
    key = SigningKey.generate("bench.example/receipts")
    signer = TokenSigner(key, RECEIPT_SALT)
    headers = [f"{OTHERS}__Host-askfirst-bench={_token(signer, number)}" for number in range(TOKENS)]
    askfirst = Askfirst(site="bench", keys=[key.verifier.text], accepted_revisions=[1])

    def read(header: str) -> None:
        assert askfirst.read(header, now=NOW).allows("measurement")

    new = _each(read, headers)
    read(headers[0])
    known = _each(read, [headers[0]] * TOKENS)
    simple = _each(SimpleCookie, headers)
    private = Ed25519PrivateKey.generate()
    public = private.public_key()
    encoded = [
        jwt.encode({"sub": str(number), "p": {"measurement": True}}, private, "EdDSA") for number in range(TOKENS)
    ]
    peer = _each(lambda token: jwt.decode(token, public, ["EdDSA"]), encoded)
    beside = f"{simple:.1f} µs `SimpleCookie` alone"
    return [
        Row("SDK check, token seen before", f"{known:.1f} µs", beside, "at most 5 µs", known <= 5),
        Row(
            "SDK check, new token",
            f"{new:.0f} µs",
            f"{peer:.0f} µs PyJWT EdDSA, no cookie",
            "at most 150 µs",
            new <= 150,
        ),
    ]


def _token(signer: TokenSigner, number: int) -> str:
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
    return signer.token(receipt_payload(receipt))


def _each(work: Callable[[str], object], inputs: list[str]) -> float:
    took = []
    for one in inputs:
        begin = time.perf_counter_ns()
        work(one)
        took.append(time.perf_counter_ns() - begin)
    return median(took) / 1000
