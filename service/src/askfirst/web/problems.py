"""The one place where errors become HTTP: RFC 9457 problem documents (formats.md, 6.3)."""

import json
from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.responses import Response

from askfirst.core.errors import MethodNotAllowed, NotFound, Problem, RateLimited, Unauthorized, Unavailable, Unforeseen
from askfirst.web.metrics import refused

MEDIA_TYPE = "application/problem+json"

STATUS: Mapping[str, int] = {
    "unknown-site": 404,
    "origin-missing": 403,
    "origin-not-allowed": 403,
    "unsupported-content-type": 415,
    "body-too-large": 413,
    "malformed-body": 400,
    "invalid-decision": 422,
    "unknown-policy": 422,
    "unknown-build": 422,
    "unknown-language": 422,
    "unknown-purpose": 422,
    "missing-purpose": 422,
    "unknown-rule": 422,
    "accounts-off": 422,
    "method-mismatch": 422,
    "receipt-required": 403,
    "decision-conflict": 409,
    "decision-erased": 410,
    "method-not-allowed": 405,
    "rate-limited": 429,
    "unavailable": 503,
    "unforeseen": 500,
    "not-found": 404,
    "unauthorized": 401,
    "forbidden": 403,
    "invalid-query": 400,
    "invalid-site-file": 422,
    "unlawful-policy": 422,
    "policy-conflict": 409,
    "on-hold": 409,
}


def problem_body(problem: Problem) -> bytes:
    """Return the problem document of an error, and count it."""
    refused(problem.code)
    document = {
        "type": f"/problems/{problem.code}",
        "title": problem.title,
        "status": STATUS[problem.code],
        "detail": problem.detail,
        **problem.members(),
    }
    return json.dumps(document, ensure_ascii=False).encode("utf-8", "backslashreplace")


def problem_headers(problem: Problem) -> dict[str, str]:
    """Return the headers that an error's answer carries beside its document."""
    headers = {"Content-Type": MEDIA_TYPE, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    match problem:
        case Unavailable() | RateLimited():
            headers["Retry-After"] = str(problem.retry_after)
        case MethodNotAllowed():
            headers["Allow"] = ", ".join(problem.allowed)
        case Unauthorized():
            headers["WWW-Authenticate"] = 'Bearer realm="askfirst"'
        case _:
            pass
    return headers


def problem_response(problem: Problem, path: str = "") -> Response:
    """Return the answer to a request to `path` that `problem` refuses."""
    headers = problem_headers(problem)
    # Whoever may read a log from a page of any origin may read there, too, what it does not have.
    if path.startswith("/log/"):
        headers["Access-Control-Allow-Origin"] = "*"
    return Response(problem_body(problem), STATUS[problem.code], headers)


def problem_of(error: Exception) -> Problem:
    """Return what a caller is told of any error: a Problem as it is, what Starlette refuses, or that we failed."""
    match error:
        case Problem():
            return error
        case HTTPException(status_code=404):
            return NotFound()
        case HTTPException(status_code=405):
            allowed = (error.headers or {}).get("Allow", "GET")
            return MethodNotAllowed([method.strip() for method in allowed.split(",")])
        case _:
            return Unforeseen()
