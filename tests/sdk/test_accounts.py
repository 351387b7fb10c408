"""A choice that counts for an account (REQUIREMENTS ASK-14): two browsers, one person, a device that others use too."""

import asyncio
import json
import time
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from askfirst_sdk import Askfirst
from askfirst_sdk.account_cookies import AccountCookies
from askfirst_sdk.accounts import Accounts, SignedIn
from askfirst_sdk.asgi import ConsentMiddleware, consent_of_scope
from askfirst_sdk.errors import ConfigurationError
from askfirst_sdk.mount import Mount
from askfirst_sdk.page import Page
from askfirst_sdk.testing import PretendSite, no_answer
from sdk.mounted import HOST, NAME, REFUSED, SITE, Answered, Site, recorder_token, service
from sdk.test_mount import FORM, form
from support.places import publish
from support.served import Served

KEY = "a secret of the website, of 32 bytes or more"
WORDS = {"told": "It counts for your account.", "notice": "Your answer & yours counts here too."}
ASIDE = f"{NAME}-aside"


def of(request: Any) -> str | None:
    """Return who a request says that it is from: what a session would know."""
    if "headers" in request:
        return next((value.decode() for name, value in request["headers"] if name == b"x-user"), None)
    user: str | None = request.get("HTTP_X_USER")
    return user


@pytest.fixture(scope="module")
def served(furnished_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Give a service whose site ties choices to accounts."""
    with service(furnished_folder, tmp_path_factory.mktemp("tied") / "home") as running:
        publish(running.home.place, SITE, accounts={"en": WORDS, "de": WORDS})
        running.node.refresh()
        yield running


@pytest.fixture(scope="module")
def askfirst(served: Served) -> Iterator[Askfirst]:
    made = Askfirst(site=SITE, service_url=served.url)
    made.want_policy()
    assert made.ready(30)
    yield made
    made.close()


@pytest.fixture(scope="module")
def accounts(served: Served, askfirst: Askfirst) -> Accounts:
    return Accounts(askfirst, key=KEY, token=recorder_token(served), of=of, timeout=30)


class Browser:
    """One browser's cookies, and what its pages and the website's views do with them."""

    def __init__(self, site: Site, accounts: Accounts) -> None:
        self.site, self.accounts = site, accounts
        self.jar: dict[str, str] = {}
        self.user: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.jar.items())
        return {"host": HOST, **({"cookie": cookies} if cookies else {})}

    def keep(self, cookies: list[str] | tuple[str, ...]) -> None:
        """Do what Set-Cookie headers say."""
        for text in cookies:
            name, value = text.partition(";")[0].split("=", 1)
            assert "Secure" in text
            if "Max-Age=0;" in text:
                self.jar.pop(name, None)
            else:
                self.jar[name] = value

    def sign_in(self, user: str) -> SignedIn:
        self.user = user
        result = self.accounts.signed_in(user, self.headers)
        self.keep(result.cookies)
        return result

    def sign_out(self) -> None:
        self.user = None
        self.keep(self.accounts.signed_out(self.headers))

    def decide(self, **changes: Any) -> Answered:
        """Answer in the banner, as the snippet does: it names the receipt that it holds, and writes what it gets."""
        held = self.jar.get(NAME)
        body = json.loads(self.site.decision(**changes))
        if held is not None and not self.anonymous(held):
            body["receipt"] = held
        answer = self.ask("POST", "/askfirst/d", json.dumps(body).encode(), content_type="text/plain")
        assert 201 == answer.status, answer.body
        self.jar[NAME] = json.loads(answer.body)["receipt"]
        return answer

    def anonymous(self, token: str) -> bool:
        return self.site.askfirst.opened(token, time.time()).receipt.anonymous

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answered:
        more = {"x_user": self.user} if self.user is not None else {}
        answer = self.site.ask(method, path, body, cookie=self.headers.get("cookie", ""), **more, **headers)
        self.keep(answer.headers.get("set-cookie", []))
        return answer

    def consent(self) -> Any:
        """Return what a page's own server reads, through the middleware."""
        seen: list[Any] = []

        async def app(scope: Any, receive: Any, send: Any) -> None:
            seen.append(consent_of_scope(scope).read())

        headers = [(b"host", HOST.encode())]
        headers += [(b"cookie", self.headers["cookie"].encode())] if self.jar else []
        headers += [(b"x-user", self.user.encode())] if self.user is not None else []
        scope = {"type": "http", "scheme": "https", "headers": headers}
        asyncio.run(ConsentMiddleware(app, self.site.askfirst, accounts=self.accounts)(scope, None, None))  # type: ignore[arg-type]
        return seen[0]

    def allows(self) -> bool:
        allowed: bool = self.consent().allows("measurement")
        return allowed


@pytest.fixture(params=["asgi", "wsgi"])
def browsers(
    request: pytest.FixtureRequest, served: Served, askfirst: Askfirst, accounts: Accounts
) -> tuple[Browser, Browser]:
    """Give two browsers on different devices."""
    mount = Mount(askfirst, token=recorder_token(served), timeout=30, accounts=accounts)
    site = Site(served, askfirst, mount, request.param)
    return Browser(site, accounts), Browser(site, accounts)


def fresh() -> str:
    """Return an account that nobody has used."""
    return f"user-{time.perf_counter_ns()}"


def test_somebody_signed_in_is_not_asked_again_on_another_device(browsers: tuple[Browser, Browser]) -> None:
    """And is told so there, once."""
    (phone, laptop), user = browsers, fresh()
    first = phone.sign_in(user)
    phone.decide()
    second = laptop.sign_in(user)
    again = laptop.sign_in(user)

    assert (False, True, False) == (first.notice, second.notice, again.notice)
    assert (True, True) == (phone.allows(), laptop.allows())
    assert phone.consent().record_id == laptop.consent().record_id


def test_refusal_and_withdrawal_reach_as_far_as_consent(browsers: tuple[Browser, Browser]) -> None:
    """From either device to the other, when each asks the next time; and a new consent does too."""
    (phone, laptop), user = browsers, fresh()
    phone.sign_in(user)
    phone.decide()
    laptop.sign_in(user)
    laptop.decide(**{**REFUSED, "method": "withdraw"})
    phone.sign_in(user)
    assert (False, True, False, True) == (
        phone.allows(),
        phone.consent().answered,
        laptop.allows(),
        laptop.consent().answered,
    )

    phone.decide()
    laptop.sign_in(user)
    assert (True, True) == (phone.allows(), laptop.allows())
    laptop.decide(**REFUSED)
    phone.sign_in(user)
    assert (False, True) == (phone.allows(), phone.consent().answered)


@pytest.mark.parametrize("before", ["granted", "refused", "nothing"])
@pytest.mark.parametrize("account", ["granted", "refused", "nothing"])
def test_a_shared_devices_own_choice_is_untouched(browsers: tuple[Browser, Browser], before: str, account: str) -> None:
    """Whatever somebody chose who signed in there, and whatever they brought along."""
    (elsewhere, shared), user = browsers, fresh()
    if account != "nothing":
        elsewhere.sign_in(user)
        elsewhere.decide(**({} if account == "granted" else REFUSED))
    if before != "nothing":
        shared.decide(**({} if before == "granted" else REFUSED))
    own = dict(shared.jar)

    shared.sign_in(user)
    if account != "nothing":
        assert (account == "granted", True) == (shared.allows(), shared.consent().answered)
    shared.decide(**(REFUSED if account == "granted" else {}))
    shared.sign_in(user)
    shared.sign_out()

    assert own == shared.jar
    assert (before == "granted", before != "nothing") == (shared.allows(), shared.consent().answered)


def test_what_was_answered_signed_out_is_tied_to_nobody(browsers: tuple[Browser, Browser]) -> None:
    """It may have been somebody else's."""
    (shared, phone), user = browsers, fresh()
    shared.decide()
    shared.sign_in(user)

    assert not phone.sign_in(user).notice
    assert not phone.consent().answered


def test_a_session_that_is_over_leaves_no_choice_of_the_account_behind(browsers: tuple[Browser, Browser]) -> None:
    """Though nobody pressed "sign out": the server reads the device's own choice at once, the mount brings it back."""
    (phone, shared), user = browsers, fresh()
    phone.sign_in(user)
    phone.decide()
    shared.decide(**REFUSED)
    own = dict(shared.jar)
    shared.sign_in(user)
    assert shared.allows()

    shared.user = None
    assert (False, True) == (shared.allows(), shared.consent().answered)
    assert b"<time " in shared.ask("GET", "/askfirst/settings").body
    assert own == shared.jar


def test_another_person_on_the_same_device_does_not_inherit(browsers: tuple[Browser, Browser]) -> None:
    """Neither the choice of the one before, nor can the first one's come back to them."""
    (shared, _), first, second = browsers, fresh(), fresh()
    shared.sign_in(first)
    shared.decide()
    shared.sign_in(second)  # without signing out
    assert (False, False) == (shared.allows(), shared.consent().answered)

    shared.decide(**REFUSED)
    shared.sign_in(first)
    assert shared.allows()
    shared.sign_out()
    assert {} == shared.jar


def test_an_answer_of_who_is_signed_out_again_is_the_devices_own(browsers: tuple[Browser, Browser]) -> None:
    """After a session ran out: what the banner then wrote stays, and the account's choice is not changed."""
    (phone, shared), user = browsers, fresh()
    phone.sign_in(user)
    phone.decide()
    shared.sign_in(user)
    shared.user = None
    shared.decide(**REFUSED)

    assert ASIDE not in shared.jar
    assert (False, True) == (shared.allows(), shared.consent().answered)
    phone.sign_in(user)
    assert phone.allows()


def test_a_form_without_javascript_counts_for_the_account_too(browsers: tuple[Browser, Browser]) -> None:
    """And says on its page how far it reaches."""
    (phone, laptop), user = browsers, fresh()
    phone.sign_in(user)
    page = phone.ask("GET", "/askfirst/settings").body.decode()
    answered = phone.ask("POST", "/askfirst/answer", form(phone.site, "accept_all"), content_type=FORM)

    assert 303 == answered.status
    assert WORDS["told"] in page
    assert laptop.sign_in(user).notice
    assert laptop.allows()


def test_only_the_pseudonym_reaches_the_service(browsers: tuple[Browser, Browser], served: Served) -> None:
    """Nothing that is stored there holds the account's own id."""
    (phone, _), user = browsers, fresh()
    phone.sign_in(user)
    phone.decide()
    served.node.sequence()
    place = served.home.place
    parts = [entry.who or b"" for entry in place.ledger.entries(1, 0, 1000)]

    pseudonym = phone.accounts.pseudonym(user).encode()
    assert any(pseudonym in part for part in parts)
    assert not any(
        user.encode() in (entry.what or b"") + (entry.who or b"") for entry in place.ledger.entries(1, 0, 1000)
    )


def test_a_decision_by_phone_counts_for_the_account(browsers: tuple[Browser, Browser], served: Served) -> None:
    """`record` takes the pseudonym, and never an account's own id."""
    (laptop, _), user = browsers, fresh()
    askfirst, token = laptop.site.askfirst, recorder_token(served)
    given = {"token": token, "language": "en", "timeout": 30}
    askfirst.record(["measurement"], **given, account=laptop.accounts.pseudonym(user))  # type: ignore[arg-type]

    assert laptop.sign_in(user).notice
    assert laptop.allows()
    with pytest.raises(ConfigurationError, match="never sent"):
        askfirst.record(["measurement"], **given, account=user)  # type: ignore[arg-type]


def test_while_the_service_is_away_the_device_keeps_its_own(
    browsers: tuple[Browser, Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of the account's is known then, so nothing is taken for it; what was chosen in this session stays."""
    (phone, _), user = browsers, fresh()
    phone.decide()
    own = phone.jar[NAME]
    monkeypatch.setattr(phone.accounts, "_service_url", "http://127.0.0.1:1")
    first = phone.sign_in(user)
    assert (False, False, own) == (first.reached, first.notice, phone.jar[NAME])

    monkeypatch.undo()
    phone.decide(**REFUSED)
    chosen = phone.jar[NAME]
    monkeypatch.setattr(phone.accounts, "_service_url", "http://127.0.0.1:1")
    phone.sign_in(user)
    assert chosen == phone.jar[NAME]
    phone.sign_out()
    assert own == phone.jar[NAME]


def test_signing_in_without_waiting_in_an_event_loop(browsers: tuple[Browser, Browser]) -> None:
    """The same in a thread."""
    (phone, laptop), user = browsers, fresh()
    phone.sign_in(user)
    phone.decide()
    result = asyncio.run(laptop.accounts.signed_in_async(user, laptop.headers))

    assert (True, True) == (result.notice, result.reached)


def test_off_means_off(web_service: Served, web_token: str, reader: Askfirst) -> None:
    """A site whose policy does not say so: no cookie, no word, nothing tied; what was put aside before comes back."""
    accounts = Accounts(reader, key=KEY, token=web_token, of=of, timeout=30)
    result = accounts.signed_in("somebody", {"host": HOST})
    was_on = accounts.signed_in("somebody", {"host": HOST, "cookie": f"{ASIDE}=0123456789abcdef."})

    assert SignedIn(()) == result
    assert [NAME, ASIDE] == [text.partition("=")[0] for text in was_on.cookies]
    assert all("Max-Age=0" in text for text in was_on.cookies)
    assert "" == Page(reader, no_answer(), mount="/askfirst").account_notice()


def test_the_notice_and_the_first_layer_are_the_policys_words(askfirst: Askfirst) -> None:
    """Escaped, with the way to change the answer; the banner as HTML says how far it reaches."""
    page = Page(askfirst, no_answer(), mount="/askfirst", language="de")

    assert "Your answer &amp; yours counts here too." in page.account_notice()
    assert 'href="/askfirst/settings"' in page.account_notice()
    assert WORDS["told"] in page.banner()


def test_the_pseudonym_says_nothing_and_is_of_one_site() -> None:
    """Keyed, of fixed length, another one for each site, key and account; a number and its text are one account."""

    def made(site: str, key: str, account: str | int) -> str:
        askfirst = Askfirst(site=site, service_url="https://consent.example.org")
        return Accounts(askfirst, key=key, token="t", of=of).pseudonym(account)

    made_of = [made(*one) for one in (("site0001", KEY, "7"), ("site0002", KEY, "7"), ("site0001", KEY[::-1], "7"))]
    assert 3 == len(set(made_of))
    assert made_of[0] == made("site0001", KEY, 7) != made("site0001", KEY, "77")
    # Computed by hand from formats.md, 6.4.
    import base64
    import hashlib
    import hmac

    said = b"askfirst-account-v1\0site0001\0" + b"7"
    expected = base64.urlsafe_b64encode(hmac.new(KEY.encode(), said, hashlib.sha256).digest()).rstrip(b"=").decode()
    assert expected == made_of[0]


@pytest.mark.parametrize("key", ["", "short", b"x" * 31, None, 7])
def test_a_weak_key_is_told_at_start(key: Any) -> None:
    """Who could guess it could tell which account a pseudonym is of."""
    with pytest.raises(ConfigurationError, match="32 bytes"):
        Accounts(Askfirst(site=SITE, service_url="https://consent.example.org"), key=key, token="t", of=of)


@pytest.mark.parametrize("account", ["", "x" * 1025, None, True, 1.5, b"7", ["7"]])
def test_what_names_no_account_is_told(account: Any) -> None:
    """All signed-in visitors under one empty name would share one choice."""
    accounts = Accounts(Askfirst(site=SITE, service_url="https://consent.example.org"), key=KEY, token="t", of=of)
    with pytest.raises(ConfigurationError):
        accounts.pseudonym(account)


def test_a_reader_that_fetches_nothing_ties_nothing(web_service: Served, reader: Askfirst) -> None:
    """It has nobody to ask; and a mount without its token is not believed."""
    with pytest.raises(ConfigurationError):
        Accounts(PretendSite().askfirst, key=KEY, token="t", of=of)
    with pytest.raises(ConfigurationError, match="token"):
        Mount(reader, accounts=Accounts(reader, key=KEY, token="t", of=of))


# -- attacked -------------------------------------------------------------------------------------------------------


def test_a_cookie_that_somebody_planted_grants_nothing() -> None:
    """Neither under the name that a sibling sub-domain can write, nor twice, nor out of form."""
    site = PretendSite(SITE)
    cookies = AccountCookies(site.askfirst)
    grant, refusal = site.token("measurement"), site.token()
    planted = [
        f"{NAME}={refusal}; __Secure-askfirst-{SITE}-aside=0123456789abcdef.{grant}",
        f"{NAME}={refusal}; askfirst-{SITE}-aside=0123456789abcdef.{grant}",
    ]
    doubled = f"{ASIDE}=0123456789abcdef.{grant}; {ASIDE}=fedcba9876543210.{grant}"

    assert [None, None] == [cookies.aside(one, loopback=False) for one in planted]
    for broken in (doubled, f"{ASIDE}=x", f"{ASIDE}=", f"{ASIDE}=0123456789abcdef.a.b.c", f"{ASIDE}={grant}"):
        aside = cookies.aside(broken, loopback=False)
        assert aside is not None
        assert ("", False) == (aside.token, aside.is_for("A" * 43))
    # A receipt in it is checked like any other.
    forged = grant[:-4] + "AAAA"
    assert "" == cookies.header("", loopback=False)
    assert not site.askfirst.read(cookies.header(forged, loopback=False)).allows("measurement")


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.none(), st.binary(max_size=300), st.text(max_size=300), st.integers(), st.lists(st.text())))
def test_no_header_makes_it_raise(header: Any) -> None:
    """Whatever a visitor sends, and whatever type a framework hands over."""
    site = PretendSite(SITE)
    cookies = AccountCookies(site.askfirst)
    for text in (header, f"{ASIDE}={header}"):
        cookies.aside(text, loopback=False)
        browser = cookies.browser({"host": HOST, "cookie": text}, "https", None)  # type: ignore[dict-item]
        for cookie in (*cookies.left(browser), *cookies.entered(browser, "A" * 43, None, 60)[0]):
            assert "\n" not in cookie
            assert "\r" not in cookie
            SimpleCookie().load(cookie)


def test_a_megabyte_of_cookies_is_read_once() -> None:
    """In time that grows with its length and no faster."""
    cookies = AccountCookies(PretendSite(SITE).askfirst)
    took = []
    for size in (100_000, 1_000_000):
        header = f"{ASIDE}=;" * (size // len(f"{ASIDE}=;"))
        began = time.process_time()
        assert cookies.aside(header, loopback=False) is not None
        took.append(time.process_time() - began)

    assert took[1] < max(0.01, took[0]) * 60


@pytest.mark.parametrize("receipt", [7, [], {}, "", "x", "a.b", "\r\nSet-Cookie: x=y"])
def test_a_service_that_answers_nonsense_changes_nothing(
    browsers: tuple[Browser, Browser], monkeypatch: pytest.MonkeyPatch, receipt: Any
) -> None:
    """What is no receipt of this site is none of the account's."""
    phone = browsers[0]
    phone.decide()
    own = phone.jar[NAME]
    monkeypatch.setattr("askfirst_sdk.accounts.post", lambda *_a, **_k: {"v": 1, "receipt": receipt})
    result = phone.sign_in(fresh())

    assert (False, own) == (result.notice, phone.jar[NAME])
