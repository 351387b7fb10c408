"""A real OpenID Connect provider in a process of its own , and a browser that goes there."""

import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx

PEOPLE: list[dict[str, Any]] = [
    {"sub": "ann", "email": "ann@corp.example", "name": "Ann Corp", "groups": ["everybody", "consent-owners"]},
    {"sub": "bob", "email": "bob@corp.example", "name": "Bob Corp", "groups": ["shop-audit"]},
    {"sub": "eve", "email": "eve@corp.example", "name": "Eve Corp", "groups": ["everybody"]},
]
ROLES = "consent-owners=owner, shop-audit=auditor:shop0001"


@contextmanager
def identity_provider() -> Iterator[str]:
    """Run the provider, and give its issuer."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    people = [part for one in PEOPLE for part in ("--user-claims", json.dumps(one))]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port), "-n", "true", *people]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    issuer = f"http://127.0.0.1:{port}"
    try:
        transport = httpx.HTTPTransport(retries=10)
        with httpx.Client(transport=transport) as client:
            for _attempt in range(200):
                try:
                    client.get(f"{issuer}/.well-known/openid-configuration").raise_for_status()
                    break
                except httpx.ConnectError:
                    assert process.poll() is None, "the provider ended"
        yield issuer
    finally:
        process.terminate()
        process.wait(30)


def signed_in_at(address: str, who: str | None) -> dict[str, str]:
    """Sign in at the provider as a browser does, and return what the way back carries; None: refuse there."""
    form = {"sub": who} if who else {"action": "deny"}
    answer = httpx.post(address, data=form, follow_redirects=False)
    assert answer.status_code == 302, answer.text
    query = urlsplit(answer.headers["location"]).query
    return dict(httpx.QueryParams(query))


def cookie_of(header: str) -> str:
    """Return `name=value` of a Set-Cookie header."""
    found = re.match(r"[^;]+", header)
    assert found is not None
    return found[0]
