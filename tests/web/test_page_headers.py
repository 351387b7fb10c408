"""Every page of the service, of staff or not, found or not, is under a strict policy and runs no script inside it."""

import re

import pytest
from starlette.routing import Route

from support.running_service import RunningService
from support.staff import desk

VALUES = {
    "site": "demo0001",
    "slug": "example",
    "language": "en",
    "digest": "0" * 64,
    "record": "019ecb1d-0400-7000-8000-000000000001",
    "secret": "nothing",
    "code": "not-found",
    "path": "nothing",
}
_INLINE = re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")|\son[a-z]+=|javascript:", re.IGNORECASE)


def addresses(service: RunningService) -> list[str]:
    """Return every address that can be opened, with values that lead somewhere or nowhere."""
    routes = [one for one in service.app.routes if isinstance(one, Route)]
    opened = [one.path for one in routes if one.methods is None or "GET" in one.methods]
    return sorted({re.sub(r"\{(\w+)(:\w+)?\}", lambda found: VALUES.get(found[1], "nothing"), path) for path in opened})


@pytest.mark.parametrize("signed_in", [True, False])
def test_every_page_is_under_a_strict_policy(service: RunningService, signed_in: bool) -> None:
    """No inline script, no frame around it, no guessing of types, and no page in a shared cache."""
    at = desk(service) if signed_in else None
    seen = 0
    for address in [*addresses(service), "/console/sign-in", "/console/nothing/here", "/nothing"]:
        if address == "/console/events":
            continue  # a stream that does not end
        answer = at.get(address, accept="text/html") if at else service.get(address, accept="text/html")
        if not answer.headers.get("content-type", "").startswith("text/html"):
            assert "<script" not in answer.text or answer.headers["content-type"].startswith(
                ("text/javascript", "application/")
            ), address
            continue
        seen += 1
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy or "sandbox" in policy, address
        assert "unsafe-inline" not in policy.replace("style-src 'unsafe-inline'", ""), address
        assert "unsafe-eval" not in policy, address
        assert "frame-ancestors" in policy or "sandbox" in policy, address
        assert "nosniff" == answer.headers["x-content-type-options"], address
        assert "no-store" in answer.headers["cache-control"], address
        if "script-src 'self'" in policy:
            assert not _INLINE.search(answer.text), (address, _INLINE.search(answer.text))

    assert seen > (15 if signed_in else 2)
