"""Signing in with an identity provider: a real one in its own process, and everything that can be wrong on the way."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from askfirst.core.errors import ConfigurationFault, IdentityRefused
from askfirst.identity_provider import OpenIdProvider
from askfirst.settings import read_settings
from askfirst.usecases.openid import read_rules
from askfirst.usecases.staff import disable_member
from support.identity_provider import PEOPLE, ROLES, cookie_of, identity_provider, signed_in_at
from support.places import Home, furnish, open_home, settings_of
from support.running_service import RunningService, run_service
from support.staff import PASSWORD, entries, member
from support.time_and_ids import CountedRandomness, HandClock

COOKIE = "__Host-askfirst_openid"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """Run one provider for all these tests."""
    with identity_provider() as running:
        yield running


def home_with(folder: Path, issuer: str, **changes: Any) -> Home:
    folder.mkdir(exist_ok=True)
    secret = folder / "secret"
    secret.write_text("the provider's secret\n", encoding="utf-8")
    given = {
        "openid_issuer": issuer,
        "openid_client_id": "askfirst",
        "openid_secret_file": secret,
        "openid_organisation": "example",
        "openid_roles": ROLES,
        **changes,
    }
    home = open_home(settings_of(folder / "home", **given), HandClock(), CountedRandomness("openid"))
    furnish(home.place)
    return home


@pytest.fixture
def federated(tmp_path: Path, issuer: str) -> Iterator[RunningService]:
    """Give a service whose staff come in with the provider."""
    home = home_with(tmp_path / "f", issuer)
    with run_service(home) as service:
        yield service
    home.close()


def there(service: RunningService, wanted: str = "/console/records") -> tuple[str, str]:
    """Go to the provider: return its address and the cookie that is kept meanwhile."""
    answer = service.get(f"/console/openid/start?next={wanted}")
    assert answer.status_code == 303, answer.text
    return answer.headers["location"], cookie_of(answer.headers["set-cookie"])


def back(service: RunningService, carried: dict[str, str], cookie: str) -> Any:
    query = "&".join(f"{name}={value}" for name, value in carried.items())
    return service.get(f"/console/openid/callback?{query}", cookie=cookie)


def test_whom_the_provider_vouches_for_is_let_in(federated: RunningService) -> None:
    """An account is made at the first time, with the role of the group; the session is like any other."""
    address, cookie = there(federated)
    asked = parse_qs(urlsplit(address).query)
    answer = back(federated, signed_in_at(address, "bob"), cookie)

    assert (303, "/console/records") == (answer.status_code, answer.headers["location"])
    assert ["S256"] == asked["code_challenge_method"]
    assert asked["state"] != asked["nonce"]
    [kept, session] = sorted(answer.headers.get_list("set-cookie"))
    assert kept.startswith(f'{COOKIE}="";')
    page = federated.get("/console/account", cookie=cookie_of(session)).text
    assert "Bob Corp, auditor for shop0001" in page
    assert "bob@corp.example" in page
    assert "No password is kept here." in page
    assert "New password" not in page
    made, came = entries(federated.home, "staff:created")[-1], entries(federated.home, "staff:signed_in")[-1]
    assert ("auditor", ["shop0001"], made["account"]) == (made["role"], made["sites"], came["by"])
    assert "openid" == came["method"]


def test_who_comes_again_is_the_same_and_has_the_role_of_today(federated: RunningService) -> None:
    """One account for one person; a role that was changed by hand is the provider's again."""
    place = federated.home.place
    for _ in range(2):
        address, cookie = there(federated)
        assert 303 == back(federated, signed_in_at(address, "ann"), cookie).status_code
    [ann] = [one for one in place.staff.members(1) if one.identity]
    with place.staff.transaction() as transaction:
        transaction.put_member(replace(ann, role="auditor"))
    address, cookie = there(federated)
    back(federated, signed_in_at(address, "ann"), cookie)

    [again] = [one for one in place.staff.members(1) if one.identity]
    assert ("owner", ann.staff_id) == (again.role, again.staff_id)
    assert 1 == len(entries(federated.home, "staff:created"))
    assert {"role": "owner"} == entries(federated.home, "staff:changed")[-1]["changes"]


def refused(service: RunningService, answer: Any, reason: str) -> None:
    """The same page for every reason, and an entry that has it."""
    assert (303, "/console/sign-in?fault=openid") == (answer.status_code, answer.headers["location"])
    assert "session" not in "".join(one for one in answer.headers.get_list("set-cookie") if "_session=" in one)
    last = entries(service.home, "staff:sign_in_failed")[-1]
    assert ("openid", reason) == (last["method"], last["reason"])
    assert "You were not let in." in service.get("/console/sign-in?fault=openid").text


def test_whoever_has_no_role_or_was_disabled_stays_out(federated: RunningService) -> None:
    """No account is made for the first, and the second's stays shut."""
    address, cookie = there(federated)
    refused(federated, back(federated, signed_in_at(address, "eve"), cookie), "no group of theirs has a role here")
    assert () == federated.home.place.staff.members(1)
    address, cookie = there(federated)
    back(federated, signed_in_at(address, "bob"), cookie)
    place = federated.home.place
    [bob] = [one for one in place.staff.members(1) if one.identity]
    member(federated.home, login="owner@example.org")  # whoever is the last owner can not be disabled
    disable_member(place.staff, 1, bob.staff_id, reason=None, by=place.by)
    address, cookie = there(federated)
    refused(federated, back(federated, signed_in_at(address, "bob"), cookie), "the account is disabled")


def test_a_local_account_of_the_same_name_is_not_taken_over(federated: RunningService) -> None:
    """Who has the name here keeps it: the provider's person gets another."""
    member(federated.home, "bob@corp.example", "owner")
    address, cookie = there(federated)
    back(federated, signed_in_at(address, "bob"), cookie)
    local, came = sorted(federated.home.place.staff.members(1), key=lambda one: one.identity is not None)

    assert ("bob@corp.example", "owner", None) == (local.login, local.role, local.identity)
    assert came.login.startswith("openid-")


def test_a_way_back_that_belongs_to_no_way_there_is_refused(federated: RunningService) -> None:
    """Another browser's, none, an invented or a used one: state, cookie and code have to belong together."""
    address, cookie = there(federated)
    carried = signed_in_at(address, "ann")
    other = there(federated)[1]
    reason = "the way back does not belong to a way there"
    for wrong, kept in (
        (carried, other),
        (carried, ""),
        (carried, f"{COOKIE}=nonsense"),
        ({**carried, "state": "x"}, cookie),
    ):
        refused(federated, back(federated, wrong, kept), reason)
    denied = signed_in_at(address, None)
    refused(
        federated, back(federated, {**denied, "state": carried["state"]}, cookie), "the identity provider let nobody in"
    )
    assert 303 == back(federated, carried, cookie).status_code
    away = "the identity provider can not be reached, or answers nonsense"
    refused(federated, back(federated, carried, cookie), away)
    refused(federated, back(federated, {**carried, "code": "invented"}, cookie), away)


def test_a_provider_that_is_away_lets_nobody_in(tmp_path: Path, issuer: str) -> None:
    """The page says so, and passwords work all the same."""
    home = home_with(tmp_path / "a", "http://127.0.0.1:9")
    with run_service(home) as service:
        refused(
            service,
            service.get("/console/openid/start"),
            "the identity provider can not be reached, or answers nonsense",
        )
        assert "Sign in with your organisation" in service.get("/console/sign-in").text
    home.close()


def provider_of(issuer: str, **changes: str) -> OpenIdProvider:
    given = {"name": "x", "issuer": issuer, "client_id": "askfirst", "secret": "s", "scope": "openid"}
    return OpenIdProvider(**{**given, "redirect_uri": "https://consent.example.net/back", **changes})


def code_for(provider: OpenIdProvider, nonce: str) -> str:
    return signed_in_at(provider.address("state", nonce, "v" * 64), "ann")["code"]


def test_a_token_is_for_this_request_and_this_service_only(issuer: str) -> None:
    """Another nonce, another client, another issuer's name: it is the provider's token, and it is not believed."""
    provider = provider_of(issuer)
    assert "ann" == provider.claims(code_for(provider, "one"), "one", "v" * 64)["sub"]
    with pytest.raises(IdentityRefused, match="does not hold: InvalidClaimError"):
        provider.claims(code_for(provider, "one"), "two", "v" * 64)
    other = provider_of(issuer, client_id="another")
    token = other._json("POST", other._endpoint("token_endpoint"), _form(code_for(other, "n")))["id_token"]
    with pytest.raises(IdentityRefused, match="does not hold"):
        provider._checked(token, "n", None)
    head, body, signature = token.split(".")
    for altered in (f"{head}.{body}.{signature[:-8]}AAAAAAAA", f"{head}.{body}x.{signature}", f"e30.{body}.", "", None):
        with pytest.raises(IdentityRefused):
            other._checked(altered, "n", None)
    with pytest.raises(IdentityRefused, match="calls itself by another name"):
        provider_of(f"{issuer}/").address("s", "n", "v")


def _form(code: str) -> dict[str, str]:
    return {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": "https://consent.example.net/back",
        "code_verifier": "v" * 64,
    }


def test_passwords_can_be_switched_off(tmp_path: Path, issuer: str) -> None:
    """No form, and no way in for whoever sends one all the same."""
    home = home_with(tmp_path / "p", issuer, local_sign_in=False)
    with run_service(home) as service:
        member(home)
        page = service.get("/console/sign-in").text
        sent = service.request(
            "POST",
            "/console/sign-in",
            data={"login": "ann@example.org", "password": PASSWORD},
            headers={"sec-fetch-site": "same-origin"},
        )

        assert 'type="password"' not in page
        assert "Sign in with your organisation&#39;s account" in page
        assert (403, True) == (sent.status_code, "Passwords are switched off here." in sent.text)
    home.close()


def test_without_a_provider_there_is_no_such_address(shared_service: RunningService) -> None:
    """Neither there nor back, and no button."""
    assert [404, 404] == [shared_service.get(f"/console/openid/{one}").status_code for one in ("start", "callback")]
    assert "Sign in with" not in shared_service.get("/console/sign-in").text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"openid_issuer": "https://login.example.org"},
            "name an identity provider, which also needs ASKFIRST_OPENID_CLIENT_ID",
        ),
        ({"openid_issuer": "http://login.example.org"}, "must be like https://login.example.org/realm"),
        ({"openid_roles": "x=king"}, "must be like consent-auditors=auditor"),
        ({"local_sign_in": False}, "allow no passwords and name no identity provider: nobody could sign in"),
    ],
)
def test_settings_that_nobody_could_sign_in_with_are_refused(changes: dict[str, Any], said: str) -> None:
    """At the start, with a sentence."""
    with pytest.raises(ConfigurationFault, match=said):
        read_settings(file=None, **changes)


def test_the_first_group_that_fits_counts() -> None:
    """Rules have an order; sites stand behind the role."""
    first, second = read_rules("a=owner, b b=editor:shop01+shop02,")

    assert ("a", "owner", None) == (first.group, first.role, first.sites)
    assert ("b b", "editor", ("shop01", "shop02")) == (second.group, second.role, second.sites)
    assert len(PEOPLE) == 3
