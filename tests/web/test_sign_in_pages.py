"""The pages that let people in: whoever may, and nobody else, however they ask."""

import json
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from askfirst.core.kinds import EntryKind
from askfirst.usecases.staff import disable_member, invite_again
from support.places import open_home, settings_of
from support.running_service import RunningService, run_service
from support.staff import COOKIE, ORIGIN, PASSWORD, desk, entries, member, sign_in
from support.table_rows import more_rows
from support.time_and_ids import CountedRandomness, HandClock

OWN = {"origin": ORIGIN, "sec-fetch-site": "same-origin"}


def send(
    service: RunningService, path: str = "/console/sign-in", headers: dict[str, str] | None = None, **fields: Any
) -> httpx.Response:
    return service.request("POST", path, data=fields, headers=OWN if headers is None else headers)


def let_in(service: RunningService, **fields: Any) -> httpx.Response:
    return send(service, login="ann@example.org", password=PASSWORD, **fields)


def test_a_password_lets_in_with_a_cookie_that_nothing_else_can_read(service: RunningService) -> None:
    """Bound to this host, https only, out of reach of scripts and of other sites' forms."""
    member(service.home)
    answer = let_in(service)
    given = answer.headers["set-cookie"]
    secret = given.partition("=")[2].partition(";")[0]

    assert (303, "/console") == (answer.status_code, answer.headers["location"])
    assert given.startswith(f"{COOKIE}=")
    assert {"Path=/", "Secure", "HttpOnly", "SameSite=lax", "Max-Age=43200"} == set(given.split("; ")[1:])
    assert 64 == len(secret)
    assert 200 == service.get("/console/account", cookie=f"{COOKIE}={secret}").status_code


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("/console/records?method=custom", "/console/records?method=custom"),
        ("/console", "/console"),
        ("", "/console"),
        ("https://evil.example/console", "/console"),
        ("//evil.example/console", "/console"),
        ("/console//evil.example", "/console"),
        ("/\\evil.example", "/console"),
        ("/console/\\evil.example", "/console"),
        ("javascript:alert(1)", "/console"),
        ("/consoles", "/console"),
        ("/healthz", "/console"),
        ("/console/\nx", "/console"),
        ("/console/" + "x" * 3000, "/console"),
    ],
)
def test_after_signing_in_the_way_leads_into_the_console_only(
    service: RunningService, wanted: str, expected: str
) -> None:
    """Nobody is sent to another website from our own address."""
    member(service.home)

    assert expected == let_in(service, next=wanted).headers["location"]


def test_whoever_is_not_signed_in_is_led_to_the_form_and_back(service: RunningService) -> None:
    """The page that was asked for is kept in the address."""
    answer = service.get("/console/records?method=custom&site=demo0001")

    assert 303 == answer.status_code
    assert (
        "/console/sign-in?next=%2Fconsole%2Frecords%3Fmethod%3Dcustom%26site%3Ddemo0001" == answer.headers["location"]
    )
    assert 'value="/console/records?method=custom&amp;site=demo0001"' in service.get(answer.headers["location"]).text


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("ann@example.org", "wrong"),
        ("nobody@example.org", PASSWORD),
        ("out@example.org", PASSWORD),
        ("new@example.org", PASSWORD),
        ("ann@example.org", "x" * 5000),
    ],
)
def test_every_refusal_looks_the_same(service: RunningService, login: str, password: str) -> None:
    """Whether a name exists, is disabled or has no password yet is told to nobody."""
    home = service.home
    member(home)
    member(home, "new@example.org", password=None)
    disable_member(home.place.staff, 1, member(home, "out@example.org").staff_id, reason=None, by=home.place.by)
    answer = send(service, login=login, password=password)
    plain = send(service, login="zzz@example.org", password="zzz")

    assert 403 == answer.status_code
    assert "set-cookie" not in answer.headers
    assert plain.text.replace("zzz@example.org", "LOGIN") == answer.text.replace(login, "LOGIN")
    assert password not in answer.text
    assert EntryKind.STAFF_SIGN_IN_FAILED == entries(home)[-1]["kind"]


def test_a_form_of_another_website_lets_nobody_in(service: RunningService) -> None:
    """Signing a victim in to the attacker's account is refused too; nothing is stored."""
    member(service.home)
    before = service.rows()
    foreign: list[dict[str, str]] = [
        {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
        {"origin": ORIGIN, "sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {},
    ]
    for headers in foreign:
        answer = send(service, headers=headers, login="ann@example.org", password=PASSWORD)
        assert 403 == answer.status_code
        assert "set-cookie" not in answer.headers

    assert {} == more_rows(before, service.rows())
    assert 303 == send(service, headers={"origin": ORIGIN}, login="ann@example.org", password=PASSWORD).status_code


def test_guessing_is_slowed_down_and_leaves_no_pile_of_entries(service: RunningService) -> None:
    """Five attempts in five minutes for an account from one address; what comes after is not even tried."""
    member(service.home)
    before = service.rows()
    answers = [send(service, login="ann@example.org", password=f"guess {n}") for n in range(30)]
    good = let_in(service)

    assert [403] * 5 + [429] * 25 == [one.status_code for one in answers]
    assert (429, "300") == (good.status_code, good.headers["retry-after"])
    assert {"deed": 5, "entry": 5, "pending": 5} == more_rows(before, service.rows())


def test_an_address_that_tries_many_names_is_slowed_down_too(service: RunningService) -> None:
    """Twenty attempts in five minutes from one address."""
    answers = [send(service, login=f"n{n}@example.org", password="guess") for n in range(25)]

    assert [403] * 20 + [429] * 5 == [one.status_code for one in answers]


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b"login=a&password=" + b"x" * 20_000, "application/x-www-form-urlencoded", 413),
        (b"login=%ff&password=x", "application/x-www-form-urlencoded", 400),
        (b"\xff=1", "application/x-www-form-urlencoded", 400),
        (b"&".join(b"a=1" for _ in range(500)), "application/x-www-form-urlencoded", 400),
        (json.dumps({"login": "a"}).encode(), "application/json", 415),
        (b"login=a&password=b", "text/plain", 415),
        (b"--x\r\n\r\n--x--", "multipart/form-data; boundary=x", 415),
        (b"", "application/x-www-form-urlencoded", 422),
        (b"login=&password=", "application/x-www-form-urlencoded", 422),
        (b"login=%00&password=%00", "application/x-www-form-urlencoded", 422),
    ],
)
def test_what_is_no_form_is_told_so(service: RunningService, body: bytes, media_type: str, status: int) -> None:
    """A page with a sentence, never a traceback, and nothing stored."""
    before = service.rows()
    answer = service.request("POST", "/console/sign-in", content=body, headers={**OWN, "content-type": media_type})

    assert status == answer.status_code
    assert "text/html" in answer.headers["content-type"]
    assert {} == more_rows(before, service.rows())


def test_what_was_typed_comes_back_as_text(service: RunningService) -> None:
    """The name is kept in the form, and no markup of it comes to life; the password never comes back."""
    answer = send(service, login='"><script>alert(1)</script>', password="secret word")

    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text
    assert "secret word" not in answer.text


def test_a_link_shows_whom_it_lets_in_and_then_does_so_once(service: RunningService) -> None:
    """Opening it uses nothing up; its button does, and leads to choosing a password."""
    home = service.home
    new = member(home, password=None)
    secret = invite_again(home.place.staff, 1, new.staff_id, by=home.place.by).secret
    path = f"/console/link/{secret}"
    before = service.rows()
    pages = [service.get(path) for _ in range(3)]

    assert [200] * 3 == [page.status_code for page in pages]
    assert "Ann Example" in pages[0].text
    assert {} == more_rows(before, service.rows())
    first, second = send(service, path), send(service, path)
    assert (303, "/console/account") == (first.status_code, first.headers["location"])
    assert first.headers["set-cookie"].startswith(f"{COOKIE}=")
    assert (404, False) == (second.status_code, "set-cookie" in second.headers)
    assert second.text == service.get("/console/link/" + "0" * 64).text == service.get(path).text


def test_a_link_from_another_websites_form_is_not_used_up(service: RunningService) -> None:
    """Nor is anybody signed in by it."""
    home = service.home
    secret = invite_again(home.place.staff, 1, member(home).staff_id, by=home.place.by).secret
    path = f"/console/link/{secret}"

    assert 403 == send(service, path, headers={"origin": "https://evil.example"}).status_code
    assert 303 == send(service, path).status_code


def test_over_plain_http_from_elsewhere_nobody_is_let_in(tmp_path: Any) -> None:
    """A session on plain http could be taken over on the way; on loopback there is no way."""
    for url, status in (("http://consent.example.net", 403), ("http://127.0.0.1:8601", 303)):
        folder = tmp_path / str(status)
        home = open_home(settings_of(folder, public_url=url), HandClock(), CountedRandomness())
        from support.places import found

        found(home.place)
        member(home)
        with run_service(home) as service:
            answer = service.request(
                "POST",
                "/console/sign-in",
                data={"login": "ann@example.org", "password": PASSWORD},
                headers={"sec-fetch-site": "same-origin"},
            )
            assert status == answer.status_code
            if status == 303:
                assert answer.headers["set-cookie"].startswith("askfirst_session=")
                assert "Secure" not in answer.headers["set-cookie"]
        home.close()


def test_signing_out_ends_the_session_and_takes_the_cookie(service: RunningService) -> None:
    """The cookie is worth nothing afterwards, even where it was copied."""
    ann = desk(service)
    answer = ann.post("/console/sign-out")

    assert (303, "/console/sign-in") == (answer.status_code, answer.headers["location"])
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert 303 == ann.get("/console/account").status_code


def test_signing_out_everywhere_ends_every_session(service: RunningService) -> None:
    """One click for a lost computer."""
    ann = desk(service)
    others = [sign_in(service, ann.member) for _ in range(3)]
    ann.post("/console/account/sign-out-everywhere")

    assert [303] * 4 == [one.get("/console/account").status_code for one in (ann, *others)]
    assert entries(service.home, EntryKind.STAFF_SIGNED_OUT)[-1]["everywhere"]


def test_a_password_is_chosen_and_then_lets_in(service: RunningService) -> None:
    """From the first link to the second day."""
    ann = desk(service, login="ann@example.org")
    answer = ann.post("/console/account/password", {"new": PASSWORD, "again": PASSWORD})

    assert (303, "/console/account?done=password") == (answer.status_code, answer.headers["location"])
    assert 303 == let_in(service).status_code
    wrong = ann.post("/console/account/password", {"current": "x", "new": "short", "again": "y"})
    assert 422 == wrong.status_code
    assert {"is not your password", "must have 12 to 256 characters", "is not the same as the new password"} <= {
        said
        for said in ("is not your password", "must have 12 to 256 characters", "is not the same as the new password")
        if said in wrong.text
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"word": ""},
        {"word": "0" * 64},
        {"word": "ü"},
    ],
)
def test_a_change_without_the_word_of_this_session_is_refused(service: RunningService, changes: dict[str, str]) -> None:
    """A cookie alone changes nothing: not from another site, not with another session's word."""
    ann = desk(service)
    before = service.rows()
    answer = ann.post("/console/sign-out", changes)

    assert 403 == answer.status_code
    assert {} == more_rows(before, service.rows())
    assert 200 == ann.get("/console/account").status_code


def test_another_sessions_word_is_not_this_ones(service: RunningService) -> None:
    """Not even one of the same person."""
    ann = desk(service)
    other = sign_in(service, ann.member)

    assert 403 == ann.post("/console/sign-out", {"word": other.signed_in.form_word}).status_code


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site", "origin": "https://evil.example"},
        {"sec-fetch-site": "none", "origin": ORIGIN},
        {"sec-fetch-site": "same-site", "origin": "https://www.example.net"},
    ],
)
def test_a_change_sent_by_another_page_is_refused_even_with_the_word(
    service: RunningService, headers: dict[str, str]
) -> None:
    """Two locks, and each holds alone."""
    ann = desk(service)

    assert 403 == ann.post("/console/sign-out", **headers).status_code
    assert 200 == ann.get("/console/account").status_code


def test_a_member_who_is_disabled_meanwhile_is_out_with_the_next_page(service: RunningService) -> None:
    """No page more, although the cookie is still there."""
    home = service.home
    bob = desk(service, "auditor")
    assert 200 == bob.get("/console/account").status_code
    member(home)
    disable_member(home.place.staff, 1, bob.member.staff_id, reason=None, by=home.place.by)

    assert 303 == bob.get("/console/account").status_code


def test_nothing_about_who_signs_in_is_logged(service: RunningService, caplog: pytest.LogCaptureFixture) -> None:
    """Neither names nor addresses nor secrets."""
    member(service.home)
    with caplog.at_level("DEBUG"):
        let_in(service)
        send(service, login="ann@example.org", password="wrong word")

    said = caplog.text
    assert not [word for word in ("ann@", "wrong word", PASSWORD, "203.0.113") if word in said]
    assert urlencode({"login": "ann@example.org"}) not in said
