"""The pages about staff and tokens: changes with their entries, and nobody else's people."""

import re
from html import unescape
from uuid import UUID

import pytest

from askfirst.core.kinds import EntryKind
from support.running_service import RunningService
from support.staff import Desk, desk, entries, member
from support.table_rows import more_rows


def page_of(who: Desk, other: Desk) -> str:
    return f"/console/staff/{UUID(bytes=other.member.staff_id)}"


def test_a_new_member_comes_in_by_the_link_that_is_shown_once(service: RunningService) -> None:
    """Added, let in, limited to the site; the link is nowhere on the next page."""
    owner = desk(service)
    fields = {"name": "Eve", "login": "Eve@Example.org", "role": "auditor", "sites": "shop0001"}
    made = owner.post("/console/staff/add", fields)
    link = re.search(r"https://consent\.example\.net(/console/link/[0-9a-f]{64})", made.text)

    assert 200 == made.status_code
    assert link is not None
    own = {"origin": "https://consent.example.net"}
    answer = service.request("POST", link[1], headers=own)
    cookie = answer.headers["set-cookie"].partition(";")[0]
    assert "Eve, auditor for shop0001" in service.get("/console/account", cookie=cookie).text
    assert link[1] not in owner.get("/console/staff").text
    created = entries(service.home, EntryKind.STAFF_CREATED)[-1]
    assert (["shop0001"], str(UUID(bytes=owner.member.staff_id))) == (created["sites"], created["by"])


def test_another_role_counts_from_the_next_page_on(service: RunningService) -> None:
    """Nobody has to sign in again to have less."""
    owner, auditor = desk(service), desk(service, "auditor")
    assert 200 == auditor.get("/console/records").status_code
    answer = owner.post(f"{page_of(owner, auditor)}/change", {"role": "editor"})

    assert (303, f"{page_of(owner, auditor)}?done=changed") == (answer.status_code, answer.headers["location"])
    assert 403 == auditor.get("/console/records").status_code
    assert "The role was changed." in owner.get(answer.headers["location"]).text


def test_a_disabled_member_is_out_and_comes_back_only_by_a_new_link(service: RunningService) -> None:
    """Disable, enable, link: each with its entry, the reason kept."""
    owner, bob = desk(service), desk(service, "auditor")
    owner.post(f"{page_of(owner, bob)}/disable", {"reason": "Left us."})
    assert 303 == bob.get("/console/records").status_code
    assert 422 == owner.post(f"{page_of(owner, bob)}/link").status_code
    owner.post(f"{page_of(owner, bob)}/enable")
    assert 303 == bob.get("/console/records").status_code
    assert "/console/link/" in owner.post(f"{page_of(owner, bob)}/link").text

    assert "Left us." == entries(service.home, EntryKind.STAFF_DISABLED)[-1]["reason"]
    assert [{"disabled": False}, {"sign_in_link": "made"}] == [
        one["changes"] for one in entries(service.home, EntryKind.STAFF_CHANGED)
    ]


def test_another_organisations_people_are_nobody(service: RunningService) -> None:
    """Every page and form answers as for an id that nobody has, and nothing changes."""
    owner, foreign = desk(service), desk(service, "auditor", slug="other")
    nobody = f"/console/staff/{UUID(int=7)}"
    before = service.rows()
    for deed in ("change", "link", "sign-out", "disable", "enable"):
        fields = {"role": "owner", "reason": "x"}
        answers = [owner.post(f"{path}/{deed}", fields) for path in (page_of(owner, foreign), nobody)]
        assert [404, 404] == [answer.status_code for answer in answers]
        assert answers[0].content == answers[1].content
    assert owner.get(page_of(owner, foreign)).content == owner.get(nobody).content
    assert 404 == owner.get("/console/staff/nonsense").status_code

    assert {} == more_rows(before, service.rows())
    assert 200 == foreign.get("/console/records").status_code
    assert "other@example.org" not in owner.get("/console/staff").text


@pytest.mark.parametrize(
    ("path", "fields", "said"),
    [
        ("/console/staff/add", {"name": "", "login": "x y", "role": "king"}, "must be one of auditor, editor, owner"),
        ("/console/staff/add", {"name": "E", "login": "e@e", "role": "owner", "sites": "other0001"}, "none of this"),
        ("/console/staff/add", {"name": "<b>E</b>", "login": "", "role": "owner"}, "must be an e-mail address"),
        ("/console/staff/tokens/add", {"name": "x", "role": "owner", "days": "1e9"}, "must be 1 to 365"),
        ("/console/staff/tokens/add", {"name": "x", "role": "owner", "days": "-1"}, "must be 1 to 365"),
        ("/console/staff/tokens/add", {"name": "", "role": "owner", "days": "٣"}, "must have 1 to 200"),
        ("/console/staff/tokens/add", {"name": "x", "role": "", "days": "1"}, "must be one of"),
    ],
)
def test_a_faulty_form_comes_back_with_what_is_wrong(
    service: RunningService, path: str, fields: dict[str, str], said: str
) -> None:
    """422, the sentence beside the field, what was typed kept as text, nothing stored and no entry."""
    owner = desk(service)
    before = service.rows()
    answer = owner.post(path, fields)

    assert 422 == answer.status_code
    assert said in unescape(answer.text)
    assert "<b>E</b>" not in answer.text
    assert {} == more_rows(before, service.rows())


def test_a_token_is_shown_once_opens_the_api_and_is_revoked(service: RunningService) -> None:
    """Its text is on one page only; after revoking it opens nothing."""
    owner = desk(service)
    made = owner.post("/console/staff/tokens/add", {"name": "Nightly", "role": "auditor", "days": "7"})
    secret = re.search(r"askfirst_[0-9a-f]{64}", made.text)
    assert secret is not None
    bearer = {"authorization": f"Bearer {secret[0]}"}
    assert 200 == service.get("/api/v1/records", **bearer).status_code
    page = owner.get("/console/staff").text
    revoke = re.search(r"/console/staff/tokens/[0-9a-f-]{36}/revoke", page)
    assert revoke is not None
    assert secret[0] not in page
    assert 303 == owner.post(revoke[0]).status_code

    assert 401 == service.get("/api/v1/records", **bearer).status_code
    assert 404 == owner.post(f"/console/staff/tokens/{UUID(int=9)}/revoke").status_code
    assert 404 == owner.post("/console/staff/tokens/nonsense/revoke").status_code
    foreign = desk(service, slug="other")
    assert 404 == foreign.post(revoke[0]).status_code


def test_the_last_owner_can_not_lock_everybody_out(service: RunningService) -> None:
    """Neither by disabling themselves nor by taking a smaller role."""
    owner = desk(service)
    member(service.home, "half@example.org", "owner", ("demo0001",))
    for deed, fields in (
        ("disable", {}),
        ("change", {"role": "auditor"}),
        ("change", {"role": "owner", "sites": "demo0001"}),
    ):
        answer = owner.post(f"{page_of(owner, owner)}/{deed}", fields)
        assert 422 == answer.status_code
        assert "is the last owner of the whole organisation" in unescape(answer.text)

    assert 200 == owner.get("/console/staff").status_code
