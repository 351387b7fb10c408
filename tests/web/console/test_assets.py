"""The console's files: kept by browsers as long as they are the same."""

import re

from support.running_service import RunningService
from support.staff import desk


def test_every_file_that_a_page_names_is_there_and_may_be_kept(service: RunningService) -> None:
    """Under an address that changes with the content, compressed, of its own type; modules find each other."""
    page = desk(service).get("/console").text + desk(service, "auditor").get("/console/records").text
    named = set(re.findall(r'(?:href|src)="(/console/assets/[^"]+)"', page))
    types = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}

    assert {"console.css", "page.js"} <= {path.rpartition("/")[2] for path in named}
    for path in named:
        answer = service.get(path, accept_encoding="br")
        assert (200, "br", "public, max-age=31536000, immutable") == (
            answer.status_code,
            answer.headers["content-encoding"],
            answer.headers["cache-control"],
        )
        assert types[path.rpartition(".")[2]] == answer.headers["content-type"]
        assert 304 == service.get(path, if_none_match=answer.headers["etag"], accept_encoding="br").status_code
        for imported in re.findall(r'from "\./([a-z.]+)"', answer.text):
            assert 200 == service.get(f"{path.rpartition('/')[0]}/{imported}").status_code


def test_nothing_else_is_served_from_there(shared_service: RunningService) -> None:
    """No other file, no other digest, no way up."""
    for path in ("console.css", "0000000000000000/console.css", "x/../../console.css", "%2e%2e/app.py", ""):
        assert 404 == shared_service.get(f"/console/assets/{path}").status_code
