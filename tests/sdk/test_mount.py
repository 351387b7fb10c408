"""The mount: script, answers and settings from the site's own origin, and the cookie over HTTP, never over a newer
answer."""

import gzip
import json
import re
import time
from typing import Any
from urllib.parse import urlencode

import pytest

from askfirst_sdk import Askfirst, Reason
from askfirst_sdk.errors import ConfigurationError
from askfirst_sdk.mount import Mount
from askfirst_sdk.mount.origin import own_path, truncated
from askfirst_sdk.mount.scripts import told_its_mount
from askfirst_sdk.receipt import parse_receipt
from askfirst_sdk.token import claimed_payload
from sdk.mounted import HOST, NAME, REFUSED, SITE, Site
from support.places import PAGE
from support.served import Served

FORM = "application/x-www-form-urlencoded"


@pytest.fixture(params=["asgi", "wsgi"])
def site(request: pytest.FixtureRequest, web_service: Served, reader: Askfirst, web_token: str) -> Site:
    """Give the mount over either protocol."""
    return Site(web_service, reader, Mount(reader, token=web_token, timeout=30), request.param)


def form(site: Site, answer: str, purposes: tuple[str, ...] = (), **more: str) -> bytes:
    policy = site.askfirst.policy()
    assert policy is not None
    fields = [("answer", answer), ("policy", policy.digest), ("language", "en"), *more.items()]
    return urlencode([*fields, *(("purpose", purpose) for purpose in purposes)]).encode()


def test_the_script_comes_from_the_sites_own_origin(site: Site) -> None:
    """Told where the mount is, compressed, with an entity tag; the service is asked once."""
    first = site.ask("GET", "/askfirst/s.js")
    german = site.ask("GET", "/askfirst/s/de.js", accept_encoding="gzip, br")
    again = site.ask("GET", "/askfirst/s.js", if_none_match=first.one("etag") or "")

    assert (200, "text/javascript; charset=utf-8") == (first.status, first.one("content-type"))
    assert b'"mount":"/askfirst"' in first.body
    assert b'"mount":"/askfirst"' in gzip.decompress(german.body)
    assert ("gzip", "Accept-Encoding") == (german.one("content-encoding"), german.one("vary"))
    assert (304, b"") == (again.status, again.body)


@pytest.mark.parametrize(
    "path", ["/askfirst/s/fr.js", "/askfirst/s/../x.js", "/askfirst/x", "/askfirst/", "/askfirst/s/.js"]
)
def test_what_is_not_there_is_not_asked_for(site: Site, path: str) -> None:
    """A language that the policy lacks never reaches the service."""
    assert 404 == site.ask("GET", path).status


def test_a_script_that_is_not_understood_is_passed_on() -> None:
    """Its answers then go to the service itself."""
    for script in ("", "(x)(y)", "({)", '(b)({"site":"other"},[])', "(b)([2,'demo0001'])"):
        assert script == told_its_mount(script, SITE, "/a")
    assert '(b=>{"("})([2,"demo0001",{"mount":"/a"}],[]);' == told_its_mount(
        '(b=>{"("})([2,"demo0001",{}],[]);', SITE, "/a"
    )
    assert '(b)([3,"demo0001",{"mount":"/a","files":"/a"}],[]);' == told_its_mount(
        '(b)([3,"demo0001",{}],[]);', SITE, "/a"
    )
    assert '(b)({"site":"demo0001","t":"\\u003c/script>","mount":"/a"},[]);' == told_its_mount(
        '(b)({"site":"demo0001","t":"\\u003c/script>"},[]);', SITE, "/a"
    )


def test_what_the_script_fetches_later_comes_from_the_sites_own_origin(site: Site) -> None:
    """Code and words of the second layer, as the service has them, for ever, compressed, and asked for once."""
    script = site.ask("GET", "/askfirst/s.js").body.decode()
    (code,) = re.findall(r"settings-[0-9a-f]{12}", script)
    policy, build = re.findall(r'"([0-9a-f]{64})"', script)[:2]
    paths = {
        f"/askfirst/f/{code}.js": "text/javascript; charset=utf-8",
        f"/askfirst/c/{SITE}/{policy}/{build}/de.json": "application/json",
    }

    assert '"files":"/askfirst"' in script
    for path, kind in paths.items():
        first = site.ask("GET", path)
        again = site.ask("GET", path, if_none_match=first.one("etag") or "", accept_encoding="identity")
        packed = site.ask("GET", path, accept_encoding="gzip")
        kept = "public, max-age=31536000, immutable"
        assert (200, kind, kept) == (first.status, first.one("content-type"), first.one("cache-control"))
        assert first.body == gzip.decompress(packed.body)
        assert (304, b"") == (again.status, again.body)
        assert "GET, HEAD" == site.ask("PUT", path).one("allow")


@pytest.mark.parametrize(
    "path",
    [
        f"/askfirst/c/other001/{'0' * 64}/{'0' * 64}/de.json",
        f"/askfirst/c/{SITE}/{'0' * 64}/{'0' * 64}/de.json",
        f"/askfirst/c/{SITE}/{'0' * 63}/{'0' * 64}/de.json",
        "/askfirst/f/nothing-000000000000.js",
        "/askfirst/f/settings.js",
        "/askfirst/f/../s/demo0001.js",
        "/askfirst/b/" + "0" * 64 + ".js",
    ],
)
def test_no_other_file_of_the_service_comes_through(site: Site, path: str) -> None:
    """Not another site's policy, nothing that is not named by its content."""
    assert 404 == site.ask("GET", path).status


def test_a_decision_is_recorded_and_the_cookie_set_over_http(site: Site) -> None:
    """With the receipt's own end and the attributes of the policy, readable for the script."""
    answer = site.decide()
    receipt = json.loads(answer.body)["receipt"]
    cookie = answer.one("set-cookie") or ""

    assert (201, receipt, "no-store") == (answer.status, answer.token, answer.one("cache-control"))
    assert cookie.startswith(f"{NAME}={receipt}; Path=/; Max-Age=")
    assert cookie.endswith("; Secure; SameSite=Lax")
    left = int(re.findall(r"Max-Age=(\d+)", cookie)[0])
    assert abs(parse_receipt(claimed_payload(receipt)).expires_at - time.time() - left) < 120
    assert site.askfirst.read(cookie.partition(";")[0]).allows("measurement")


def test_a_later_answer_replaces_the_cookie(site: Site) -> None:
    """Withdrawn, then given again on the same day: each time the newest counts."""
    granted = site.decide().token
    assert granted is not None
    withdrawn = site.decide(granted, **{**REFUSED, "method": "withdraw"}, receipt=granted).token
    assert withdrawn is not None
    again = site.decide(withdrawn).token

    assert parse_receipt(claimed_payload(withdrawn)).anonymous
    assert again is not None
    assert site.askfirst.read(f"{NAME}={again}").allows("measurement")


def test_an_answer_that_waited_is_recorded_and_sets_no_cookie_over_a_newer_one(site: Site) -> None:
    """Queued while the browser was offline: by its receipt, or by its time where the newer one is a refusal."""
    before = site.decide().token
    newer = site.decide(before, receipt=before).token
    refusal = site.decide(**REFUSED).token
    earlier = int(time.time() * 1000) - 120_000

    answers = [
        site.decide(newer, receipt=before, at=earlier),
        site.decide(newer, at=earlier),
        site.decide(refusal, at=earlier),
    ]
    assert [(201, None)] * 3 == [(one.status, one.one("set-cookie")) for one in answers]


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": f"https://{HOST}.evil.example"},
        {"origin": f"https://{HOST}:8443"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "none"},
        {"sec_fetch_site": "cross-site", "origin": "null"},
    ],
)
@pytest.mark.parametrize("path", ["d", "renew", "answer", "settings"])
def test_no_other_page_can_answer_for_a_visitor(site: Site, path: str, headers: dict[str, str]) -> None:
    """Origin and Sec-Fetch-Site have to be the site's own, both where both are sent; nothing is recorded or set."""
    rows = site.served.home.place.engine
    kind = FORM if path in ("answer", "settings") else "text/plain"
    body = form(site, "accept_all") if kind == FORM else site.decision()
    answer = site.ask("POST", f"/askfirst/{path}", body, content_type=kind, **headers)

    assert (403, None) == (answer.status, answer.one("set-cookie"))
    assert rows is not None


def test_a_form_under_a_policy_of_no_referrer_is_taken(site: Site) -> None:
    """Its Origin is null; the browser's own word that it is of this origin counts."""
    answer = site.ask(
        "POST",
        "/askfirst/answer",
        form(site, "accept_all"),
        content_type=FORM,
        origin="null",
        sec_fetch_site="same-origin",
    )

    assert 303 == answer.status


def test_what_the_service_refuses_is_passed_on(site: Site) -> None:
    """With its problem document, so that the script knows that it is no use to try again."""
    answer = site.decide(language="fr")

    assert (422, "application/problem+json") == (answer.status, answer.one("content-type"))
    assert "/problems/unknown-language" == json.loads(answer.body)["type"]
    assert 413 == site.ask("POST", "/askfirst/d", b"x" * 9000).status


def test_only_what_is_needed_goes_to_the_service(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """No cookie, no agent, no path; the address without its last part; the credential."""
    calls = []
    work = site.mount.steps
    monkeypatch.setattr(site.mount, "steps", lambda request: _watched(work(request), calls))
    site.ask(
        "POST", "/askfirst/d", site.decision(), cookie="session=secret", user_agent="Agent/1", referer="https://x/y"
    )

    headers = dict(calls[0].headers)
    assert headers.pop("authorization").startswith("Bearer askfirst_")
    assert {"content-type": "text/plain", "origin": PAGE, "askfirst-visitor": "203.0.113.0"} == headers


def _watched(work: Any, calls: list[Any]) -> Any:
    reply = None
    try:
        while True:
            call = work.send(reply)
            calls.append(call)
            reply = yield call
    except StopIteration as done:
        return done.value


def test_a_renewal_keeps_the_receipt_until_its_own_end(site: Site) -> None:
    """The same bytes, never stored by a cache, no page needed."""
    held = site.decide().token
    answer = site.ask("POST", "/askfirst/renew", cookie=f"other=1; {NAME}={held}")

    assert (204, held, "no-store") == (answer.status, answer.token, answer.one("cache-control"))


def test_a_renewal_never_brings_an_older_answer_back(site: Site) -> None:
    """Not after a newer one went through, not where there are several, not what is no receipt."""
    held = site.decide().token
    newer = site.decide(held, **{**REFUSED, "method": "withdraw"}, receipt=held).token
    other = site.decide().token

    for cookie in (
        f"{NAME}={held}",
        f"{NAME}={newer}; {NAME}={other}",
        f"{NAME}={(held or '')[:-4]}AAAA",
        f"{NAME}=",
        "x=y",
    ):
        answer = site.ask("POST", "/askfirst/renew", cookie=cookie)
        assert (204, None) == (answer.status, answer.one("set-cookie"))


# -- without JavaScript --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "purposes", "granted"),
    [
        ("accept_all", (), {"measurement", "embeds"}),
        ("reject_all", (), set()),
        ("reject_all", ("measurement",), set()),
        ("save", ("measurement",), {"measurement"}),
        ("save", ("measurement", "spying"), {"measurement"}),
        ("save", (), set()),
    ],
)
def test_a_form_answers(site: Site, answer: str, purposes: tuple[str, ...], granted: set[str]) -> None:
    """Recorded, the cookie set, and back to where the visitor was."""
    sent = form(site, answer, purposes, next="/shop?page=2")
    answered = site.ask("POST", "/askfirst/answer", sent, content_type=FORM)

    assert (303, "/shop?page=2", "no-store") == (
        answered.status,
        answered.one("location"),
        answered.one("cache-control"),
    )
    consent = site.askfirst.read(f"{NAME}={answered.token}")
    assert (True, granted) == (consent.answered, set(consent.granted))


def test_a_form_takes_consent_back_under_the_same_subject(site: Site) -> None:
    """The withdrawal is recorded for whom the receipt names, and leaves no identifier."""
    held = site.decide().token
    answer = site.ask("POST", "/askfirst/settings", form(site, "withdraw"), content_type=FORM, cookie=f"{NAME}={held}")

    assert answer.token is not None
    assert parse_receipt(claimed_payload(answer.token)).anonymous
    assert (answer.one("location") or "").startswith("/askfirst/settings?saved=1")
    consent = site.askfirst.read(f"{NAME}={held}")
    assert Reason.WITHDRAWN == site.askfirst.confirmed(consent, timeout=30).reason


@pytest.mark.parametrize(
    ("wanted", "referer", "back"),
    [
        ("/shop", "", "/shop"),
        ("https://evil.example/", "", "/"),
        ("//evil.example/", "", "/"),
        ("/\\evil.example", "", "/"),
        ("/a\r\nSet-Cookie: x=y", "", "/"),
        ("javascript:alert(1)", "", "/"),
        ("", f"https://{HOST}/from?x=1#y", "/from?x=1"),
        ("", "https://evil.example/from", "/"),
        ("https://evil.example/", f"https://{HOST}/from", "/from"),
        ("/askfirst/settings", "", "/"),
        ("/" + "a" * 3000, "", "/"),
    ],
)
def test_the_way_back_is_to_this_site_alone(site: Site, wanted: str, referer: str, back: str) -> None:
    """No open redirect."""
    sent = form(site, "reject_all", next=wanted)
    answered = site.ask("POST", "/askfirst/answer", sent, content_type=FORM, referer=referer)

    assert (303, back) == (answered.status, answered.one("location"))


def test_an_answer_to_something_else_is_no_answer(site: Site) -> None:
    """Another policy, no policy, no answer: asked anew, and nothing is recorded."""
    before = site.served.home.place.ledger.counts(1)["record"]
    for body in (
        b"answer=accept_all",
        b"answer=accept_all&policy=" + b"0" * 64,
        form(site, "perhaps"),
    ):
        answered = site.ask("POST", "/askfirst/answer", body, content_type=FORM)
        assert (200, None) == (answered.status, answered.one("set-cookie"))
        assert b'value="reject_all"' in answered.body
    assert before == site.served.home.place.ledger.counts(1)["record"]


@pytest.mark.parametrize("body", [b"", b"\xff", b"&" * 500, json.dumps({"answer": "accept_all"}).encode()])
def test_a_form_out_of_form_is_refused(site: Site, body: bytes) -> None:
    """Also under another content type."""
    assert site.ask("POST", "/askfirst/answer", body, content_type=FORM).status in (200, 400)
    assert 400 == site.ask("POST", "/askfirst/answer", form(site, "accept_all"), content_type="text/plain").status


def test_the_settings_are_a_page_of_their_own(site: Site) -> None:
    """In the visitor's language, with the present answer, under a strict policy, kept by nobody."""
    held = site.decide(purposes={"measurement": True, "embeds": False}, method="custom").token
    page = site.ask("GET", "/askfirst/settings?next=/shop", cookie=f"{NAME}={held}", accept_language="de-CH, en")
    text = page.body.decode()

    assert (200, "no-store") == (page.status, page.one("cache-control"))
    assert '<html lang="de" dir="ltr">' in text
    assert 'value="measurement" checked' in text
    assert 'value="embeds">' in text
    assert 'name="next" value="/shop"' in text
    assert 'value="withdraw"' in text
    assert "script" not in text
    assert "style-src 'self'" in (page.one("content-security-policy") or "")
    assert "text/css; charset=utf-8" == site.ask("GET", "/askfirst/banner.css").one("content-type")


def test_nothing_that_is_sent_becomes_markup(site: Site) -> None:
    """Not the way back, not the language, not a cookie."""
    page = site.ask("GET", '/askfirst/settings?next=/"><script>x</script>&language="><b>', cookie='a="><script>')

    assert b"<script>" not in page.body
    assert b"<b>" not in page.body


def test_wrong_methods_are_told_the_right_ones(site: Site) -> None:
    """405 with Allow."""
    assert {"d": "POST", "renew": "POST", "settings": "GET, HEAD, POST", "s.js": "GET, HEAD"} == {
        path: site.ask("PUT", f"/askfirst/{path}").one("allow") for path in ("d", "renew", "settings", "s.js")
    }
    head = site.ask("HEAD", "/askfirst/banner.css")
    assert (200, b"") == (head.status, head.body)


# -- the service away ------------------------------------------------------------------------------------------------


@pytest.fixture(params=["asgi", "wsgi"])
def alone(request: pytest.FixtureRequest, web_service: Served, reader: Askfirst, web_token: str) -> Site:
    """Give a mount whose service has gone, with keys and policy loaded before."""
    mount = Mount(reader, token=web_token, timeout=1)
    mount.service_url = "http://127.0.0.1:9"
    return Site(web_service, reader, mount, request.param)


def test_without_the_service_a_decision_waits_in_the_browser(alone: Site) -> None:
    """503, which the script takes for "later"; and no cookie."""
    answer = alone.decide()

    assert (503, "5", None) == (answer.status, answer.one("retry-after"), answer.one("set-cookie"))
    assert 503 == alone.ask("GET", "/askfirst/s.js").status
    assert 503 == alone.ask("GET", "/askfirst/f/settings-000000000000.js").status


def test_a_refusal_that_can_not_be_recorded_still_ends_the_grant(alone: Site, site: Site) -> None:
    """The page says that it was not recorded, and the server goes on believing nothing."""
    held = site.decide().token
    answer = alone.ask("POST", "/askfirst/answer", form(alone, "withdraw"), content_type=FORM, cookie=f"{NAME}={held}")

    assert (503, f"{NAME}=; Path=/; Max-Age=0; Secure; SameSite=Lax") == (answer.status, answer.one("set-cookie"))
    granting = alone.ask("POST", "/askfirst/answer", form(alone, "accept_all"), content_type=FORM)
    assert (503, None) == (granting.status, granting.one("set-cookie"))


def test_a_token_that_the_service_does_not_take_is_said_once(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """In the log of the website; the visitor's answer waits in the browser meanwhile."""
    wrong = Site(site.served, site.askfirst, Mount(site.askfirst, token="askfirst_wrong", timeout=30), site.kind)
    answers = [wrong.decide().status for _ in range(2)]

    assert [503, 503] == answers
    assert 1 == caplog.text.count("does not take this mount's token")


# -- small pieces ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("203.0.113.77", "203.0.113.0"),
        ("::ffff:203.0.113.77", "203.0.113.0"),
        ("2001:db8:1:2:3::4", "2001:db8:1::"),
        ("fe80::1%eth0", "fe80::"),
        ("unix", None),
        ("", None),
        (None, None),
    ],
)
def test_an_address_is_cut_to_its_neighbourhood(address: str | None, kept: str | None) -> None:
    """What is left tells no household from the next."""
    assert kept == truncated(address)


def test_a_path_of_this_site_is_told_from_an_address() -> None:
    """Whatever browsers make of slashes."""
    good = ["/", "/a", "/a?b=c", "/a%20b"]
    bad = ["", "a", "//a", "/\\a", "/\ta", "/a b", "http://x/", "https://www.example.org", "http:///x", "/é"]

    assert good == [text for text in [*good, *bad] if own_path(text, HOST) == text]


@pytest.mark.parametrize("path", ["", "askfirst", "/askfirst/", "//x", "/a b", "/"])
def test_a_mount_that_can_not_work_is_refused_at_once(reader: Askfirst, path: str) -> None:
    """At start, with the remedy."""
    with pytest.raises(ConfigurationError):
        Mount(reader, path=path)


def test_a_mount_needs_a_service() -> None:
    """A reader that fetches nothing has nobody to relay to."""
    keys = ["example.test/log/receipts+a42f018d+AdBKsjJ0K7SrOhNovUYV5ObQIkq3GgFrr4UgozLJd4c3"]
    with pytest.raises(ConfigurationError, match="service_url"):
        Mount(Askfirst(site=SITE, keys=keys, accepted_revisions=[1]))
