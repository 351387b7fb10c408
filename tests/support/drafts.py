"""Drafts of policies as tests of the editor need them."""

import json
from typing import Any

from askfirst.storage.drafts import SqlDrafts
from askfirst.usecases.directory import LiveSite, index
from askfirst.usecases.drafts import Draft, members_of, open_draft, save_draft
from support.places import Home
from support.running_service import RunningService
from support.staff import Desk

SITE = "demo0001"
ANOTHER = {"name": "Another Ltd", "address": "2 High Street, Exampleton", "contact": "hello@example.org"}


def live_site(home: Home, site: str = SITE) -> LiveSite:
    """Return a site as the catalogue has it now."""
    return index(home.place.catalogue.snapshot()).sites[site]


def draft_of(home: Home, site: str = SITE) -> Draft:
    """Return a site's draft as it is stored now."""
    return open_draft(SqlDrafts(home.place.engine), live_site(home, site))


def begin(home: Home, site: str = SITE, **changes: Any) -> Draft:
    """Store the next version of a draft: the current policy with changes, by whoever runs the tests."""
    live, drafts = live_site(home, site), SqlDrafts(home.place.engine)
    before = open_draft(drafts, live)
    members = {**(members_of(live.current.policy) if live.current else before.members), **changes}
    save_draft(drafts, live, members, part="who", expected=before.version, based_on=before.based_on, by=home.place.by)
    return open_draft(drafts, live)


def fields(draft: Draft, **given: Any) -> dict[str, Any]:
    """Return what the form of a page of this draft sends; dots in names are written `__`."""
    named = {name.replace("__", "."): value for name, value in given.items()}
    return {"version": str(draft.version), "based_on": str(draft.based_on), **named}


def post(who: Desk, path: str, draft: Draft, site: str = SITE, status: int = 303, **given: Any) -> str:
    """Send a form of the editor; return where it leads, or the page that came instead."""
    answer = who.post(f"/console/policies/{site}/draft{path}", fields(draft, **given))
    assert status == answer.status_code, answer.text
    return answer.headers["location"] if status == 303 else answer.text


def as_file(draft: Draft) -> str:
    """Return a draft as the text of a site file."""
    return json.dumps(dict(draft.members), ensure_ascii=False)


def stored(service: RunningService, site: str = SITE) -> Draft:
    """Return the draft that a service has stored."""
    return draft_of(service.home, site)
