"""The vectors of cookies and of the several-copies rule (formats.md, 4)."""

from collections.abc import Callable, Iterator
from typing import Any

from askfirst_sdk.check import Copy, SiteRules, consent_from, copy_opener
from askfirst_sdk.consent import Consent
from askfirst_sdk.cookie import cookie_values
from askfirst_sdk.errors import ReceiptFormatError, ReceiptRefused, TokenError
from askfirst_sdk.keys import KeyRing
from askfirst_sdk.reason import Reason
from askfirst_sdk.receipt import parse_receipt, receipt_payload
from askfirst_sdk.token import claimed_payload
from sdk.examples import (
    DAY,
    LIFETIME,
    MIDNIGHT,
    NEXT,
    NOON,
    RECEIPTS,
    RING,
    SITE,
    STRANGER,
    grant,
    refusal,
    sign,
    signed,
)
from sdk.receipt_vectors import by_signal

Case = dict[str, Any]
HOST = f"__Host-askfirst-{SITE}"
SECURE = f"__Secure-askfirst-{SITE}"
PLAIN = f"askfirst-{SITE}"
BOTH = ("measurement", "marketing")


def cookies() -> dict[str, Any]:
    """Return the examples of formats.md, 4: from a Cookie header to what is allowed."""
    return {
        "about": (
            "formats.md, 4. `server` is the verdict of a reader that verifies signatures with the keys of `ring`,"
            " `browser` that of one that does not; null where the format leaves it open. `why` gives the reason for"
            " each of three purposes. In `signal_cases` the request carries `headers`, and `gpc` names the purposes"
            " that Global Privacy Control refuses."
        ),
        "ring": [key.text for key in RING],
        "max_copies": 8,
        "max_skew": 300,
        "cases": [_verdicts(case) for case in _cookie_cases()],
        "signal_cases": [_verdicts(case) for case in _signal_cases()],
    }


def cookies_2() -> dict[str, Any]:
    """Return the examples of cookies that hold receipts of version 2."""
    return {
        "about": "The same as cookies.json, with receipts of version 2 (a signal that leaves other grants standing).",
        "ring": [key.text for key in RING],
        "max_copies": 8,
        "max_skew": 300,
        "cases": [_verdicts(case) for case in _cookie_cases_2()],
        "signal_cases": [_verdicts(case) for case in _signal_cases_2()],
    }


def _cookie_cases_2() -> Iterator[Case]:
    yes, by = signed(grant()), signed(by_signal(2))
    everything = signed(grant(3, purposes=dict.fromkeys(BOTH, True), method="accept_all", gpc=True, given_at=NOON + 30))
    later = signed(by_signal(4, given_at=NOON + 50))
    yield _case("one of version 2", f"{HOST}={by}")
    yield _case("both versions, of the same second", f"{HOST}={yes}; {HOST}={by}")
    yield _case("a signal after a grant of everything", f"{HOST}={everything}; {HOST}={later}")
    yield _case("a grant of everything after a signal", f"{HOST}={by}; {HOST}={everything}")
    yield _case("expired", f"{HOST}={by}", now=NOON + LIFETIME)


def _signal_cases_2() -> Iterator[Case]:
    on = {"headers": {"Sec-GPC": "1"}, "gpc": ["marketing"]}
    by = signed(by_signal())
    yield _case("the signal is still on", f"{HOST}={by}", **on)
    yield _case("the signal is off now", f"{HOST}={by}", headers={}, gpc=["marketing"])
    yield _case("more is tied to the signal now", f"{HOST}={by}", headers={"Sec-GPC": "1"}, gpc=list(BOTH))


def _case(what: str, cookie: str, **changes: Any) -> Case:
    values: Case = {"site": SITE, "now": NOON + 60, "loopback": False, "accepted_revisions": [2]}
    return {"what": what, "cookie": cookie} | values | changes


def _verdicts(case: Case) -> Case:
    rules = SiteRules(case["site"], RING, frozenset(case["accepted_revisions"]), None, frozenset(case.get("gpc", ())))
    open_to_doubt = case.pop("browser_open", False)
    server = _verdict(case, rules, copy_opener(rules))
    browser = None if open_to_doubt else _verdict(case, rules, _unverified_opener(rules))
    return case | {"server": server, "browser": browser}


def _verdict(case: Case, rules: SiteRules, open_copy: Callable[[str], Copy]) -> dict[str, Any]:
    values = cookie_values(case["cookie"], case["site"], loopback=case["loopback"])
    consent = consent_from(values, open_copy, rules, now=case["now"], headers=case.get("headers"))
    return _shown(consent)


def _shown(consent: Consent) -> dict[str, Any]:
    return {
        "answered": consent.answered,
        "reason": str(consent.reason),
        "granted": sorted(consent.granted),
        "refused": sorted(consent.refused),
        "given_at": consent.given_at,
        "record": consent.record_id,
        "why": {purpose: str(consent.why(purpose)) for purpose in ("measurement", "marketing", "preferences")},
    }


def _unverified_opener(rules: SiteRules) -> Callable[[str], Copy]:
    """Read as a browser does: everything but the signature."""

    def open_copy(token: str) -> Copy:
        try:
            receipt = parse_receipt(claimed_payload(token))
        except (TokenError, ReceiptFormatError):
            raise ReceiptRefused(Reason.UNREADABLE) from None
        key = RECEIPTS
        twin = SiteRules(rules.site, KeyRing([key.verifier]), rules.accepted_revisions, None, rules.gpc)
        opened = copy_opener(twin)(sign(key, receipt_payload(receipt)))
        return Copy(token, receipt, opened.alone)

    return open_copy


def _cookie_cases() -> Iterator[Case]:
    yes = signed(grant())
    everything = signed(grant(2, purposes=dict.fromkeys(BOTH, True), method="accept_all"))
    no = signed(refusal())
    yield _case("no cookie", "")
    yield _case("only other cookies", "theme=dark; session=abc")
    yield _case("a custom answer", f"{HOST}={yes}")
    yield _case("everything accepted", f"{HOST}={everything}")
    yield _case("everything refused", f"{HOST}={no}")
    yield _case("among other cookies", f"a=b; {HOST}={yes}; c=d")
    yield _case("signed by the next key", f"{HOST}={signed(grant(), NEXT)}")

    yield _case("name of a shared answer", f"{SECURE}={yes}")
    yield _case("plain name on plain http on loopback", f"{PLAIN}={yes}", loopback=True)
    yield _case("plain name anywhere else", f"{PLAIN}={yes}")
    yield _case("name with the host prefix on loopback", f"{HOST}={yes}", loopback=True)
    yield _case("name of another site", f"__Host-askfirst-demo0002={yes}")
    yield _case("name of a site whose key begins the same", f"{HOST}2={yes}")
    yield _case("longer name that ends the same", f"x{HOST}={yes}")
    yield _case("longer plain name that ends the same", f"x{PLAIN}={yes}", loopback=True)
    yield _case("two prefixes", f"__Secure-{HOST}={yes}", loopback=True)
    yield _case("name in other case", f"{HOST.upper()}={yes}")
    yield _case("name inside another cookie's value", f"a={HOST}={yes}")
    yield _case("no value", f"{HOST}")
    yield _case("empty value", f"{HOST}=")
    yield _case("surrounding quotes", f'{HOST}="{yes}"')
    yield _case("two pairs of quotes", f'{HOST}=""{yes}""')
    yield _case("one quote", f'{HOST}="{yes}')
    yield _case("no space between cookies", f"a=b;{HOST}={yes};c=d")
    yield _case("empty pairs between cookies", f";; ;{HOST}={yes};;")
    yield _case("spaces around the pair", f"a=b;   {HOST}={yes}  ; c=d")

    yield _case("for another site", f"{HOST}={signed(grant(site='demo0002'))}")
    yield _case("the last second", f"{HOST}={yes}", now=NOON + LIFETIME - 1)
    yield _case("expired this second", f"{HOST}={yes}", now=NOON + LIFETIME)
    yield _case("a refusal's last second", f"{HOST}={no}", now=MIDNIGHT + LIFETIME - 1)
    yield _case("a refusal that expired this second", f"{HOST}={no}", now=MIDNIGHT + LIFETIME)
    yield _case("the reader's clock is 300 s behind", f"{HOST}={yes}", now=NOON - 300)
    yield _case("the reader's clock is 301 s behind", f"{HOST}={yes}", now=NOON - 301)
    yield _case("an older revision", f"{HOST}={yes}", accepted_revisions=[3])
    yield _case("one of several accepted revisions", f"{HOST}={yes}", accepted_revisions=[1, 2, 5])
    yield _case("a newer revision than any accepted", f"{HOST}={yes}", accepted_revisions=[1])
    yield _case("a revision between accepted ones", f"{HOST}={yes}", accepted_revisions=[1, 5])

    altered = sign(RECEIPTS, receipt_payload(grant(9))).split(".")[1]
    forged = f"{yes.split('.')[0]}.{altered}"
    stranger = signed(grant(3, purposes=dict.fromkeys(BOTH, True)), STRANGER)
    yield _case("the signature of another receipt", f"{HOST}={forged}")
    yield _case("a stranger's key", f"{HOST}={stranger}")
    yield _case("a descriptor in the place of a receipt", f"{HOST}={sign(RECEIPTS, b'{}', 'descriptor')}")
    yield _case("no token", f"{HOST}=accepted")
    yield _case("an unsigned payload", f"{HOST}={yes.split('.')[0]}", browser_open=True)
    yield _case("a payload with an empty signature", f"{HOST}={yes.split('.')[0]}.", browser_open=True)
    yield _case("bare JSON", f'{HOST}={{"measurement":true}}')
    yield _case("percent-encoded", f"{HOST}={yes.replace('.', '%2E')}")
    yield _case("too long", f"{HOST}={'A' * 3709}.{yes.split('.')[1]}")
    yield _case("repeated member in a good signature", f"{HOST}={_repeated()}", browser_open=True)

    yield _case("the same twice", f"{HOST}={yes}; {HOST}={yes}")
    yield _case("the same twice, once in quotes", f'{HOST}={yes}; {SECURE}="{yes}"')
    yield _case("two that grant", f"{HOST}={yes}; {SECURE}={everything}")
    later = signed(grant(4, given_at=NOON + 30))
    yield _case("two grants, the later one second", f"{HOST}={yes}; {HOST}={later}")
    yield _case("two grants, the later one first", f"{HOST}={later}; {HOST}={yes}")
    other = signed(grant(5, purposes={"measurement": False, "marketing": True}, given_at=NOON + 30))
    yield _case("each grants what the other refuses", f"{HOST}={yes}; {HOST}={other}")
    yield _case("each grants what the other refuses, other order", f"{HOST}={other}; {HOST}={yes}")
    third = signed(grant(6, purposes={"measurement": True, "preferences": True}, given_at=NOON + 30))
    yield _case("the newer one asked for something else too", f"{HOST}={yes}; {HOST}={third}")
    older_third = signed(grant(7, purposes={"measurement": True, "preferences": True}, given_at=NOON - 30))
    yield _case("the older one asked for something else too", f"{HOST}={yes}; {HOST}={older_third}")
    yield _case("a refusal of the same day counts as later", f"{HOST}={no}; {HOST}={yes}")
    before = signed(grant(8, given_at=MIDNIGHT - 1))
    yield _case("a grant of the day before a refusal", f"{HOST}={before}; {HOST}={no}")
    next_day = signed(grant(10, given_at=MIDNIGHT + DAY))
    yield _case("a grant of the day after a refusal", f"{HOST}={no}; {HOST}={next_day}", now=MIDNIGHT + DAY)
    last_second = signed(grant(11, given_at=MIDNIGHT + DAY - 1))
    yield _case("a grant in the last second of a refusal's day", f"{HOST}={no}; {HOST}={last_second}", now=NOON + DAY)
    twin = signed(grant(12, purposes={"measurement": False, "marketing": True}))
    yield _case("given in the same second: the greater text is newer", f"{HOST}={yes}; {HOST}={twin}")
    yield _case("given in the same second, other order", f"{HOST}={twin}; {HOST}={yes}")
    yield _case("a forged copy beside a good one takes nothing away", f"{HOST}={forged}; {HOST}={everything}")
    yield _case("a stranger's grant beside a good refusal gives nothing", f"{HOST}={stranger}; {HOST}={no}")
    expired = signed(grant(13, given_at=NOON - LIFETIME, expires_at=NOON))
    yield _case("an expired copy beside a good one", f"{HOST}={expired}; {HOST}={yes}")
    old_revision = signed(grant(14, revision=1, purposes={"measurement": False, "marketing": True}))
    yield _case("a copy of an older revision beside a good one", f"{HOST}={old_revision}; {HOST}={yes}")
    yield _case("the first reason counts where none is good", f"{HOST}={expired}; {HOST}=accepted")
    yield _case("the first reason counts, other order", f"{HOST}=accepted; {HOST}={expired}")
    eight = [signed(grant(20 + number, given_at=NOON + number)) for number in range(8)]
    yield _case("eight copies", "; ".join(f"{HOST}={token}" for token in eight))
    yield _case("eight copies and repetitions of them", "; ".join(f"{HOST}={token}" for token in eight * 2))
    yield _case("nine copies", "; ".join(f"{HOST}={token}" for token in [*eight, yes]))
    junk = "; ".join(f"{HOST}=junk{number}" for number in range(8))
    yield _case("a good one and eight that are nothing", f"{HOST}={yes}; {junk}")
    yield _case("a good one and seven that are nothing", f"{HOST}={yes}; {junk.rpartition(';')[0]}")
    yield _case(
        "plain copies do not count off loopback",
        f"{HOST}={yes}; " + "; ".join(f"{PLAIN}={token}" for token in [*eight, no]),
    )


def _signal_cases() -> Iterator[Case]:
    on = {"headers": {"Sec-GPC": "1"}, "gpc": ["marketing"]}
    all_off = signed(grant(2, purposes=dict.fromkeys(BOTH, True), method="accept_all"))
    all_on = signed(grant(3, purposes=dict.fromkeys(BOTH, True), method="accept_all", gpc=True))
    yield _case("signal, no answer", "", **on)
    yield _case("signal beats an earlier grant", f"{HOST}={all_off}", **on)
    yield _case("chosen with the signal on", f"{HOST}={all_on}", **on)
    yield _case("one of two copies chosen with the signal on", f"{HOST}={all_on}; {HOST}={all_off}", **on)
    yield _case("signal and refusal", f"{HOST}={signed(refusal())}", **on)
    yield _case("no signal", f"{HOST}={all_off}", headers={}, gpc=["marketing"])
    yield _case("only the exact value", f"{HOST}={all_off}", headers={"Sec-GPC": "true"}, gpc=["marketing"])
    yield _case("value 0", f"{HOST}={all_off}", headers={"Sec-GPC": "0"}, gpc=["marketing"])
    yield _case("name in other case", f"{HOST}={all_off}", headers={"sec-gpc": "1"}, gpc=["marketing"])
    yield _case("no purpose is tied to it", f"{HOST}={all_off}", headers={"Sec-GPC": "1"}, gpc=[])
    yield _case("both purposes are tied to it", f"{HOST}={all_off}", headers={"Sec-GPC": "1"}, gpc=list(BOTH))


def _repeated() -> str:
    payload = receipt_payload(grant()).replace(b'"rev":2', b'"rev":2,"rev":2')
    return sign(RECEIPTS, payload)
