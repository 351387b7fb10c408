"""GET /api/v1/openapi.json: the API as OpenAPI 3.1, made from what its addresses say about themselves."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from askfirst.core import errors
from askfirst.core.errors import Problem
from askfirst.web.api_schemas import SCHEMAS
from askfirst.web.operations import Operation, Parameter
from askfirst.web.problems import MEDIA_TYPE, STATUS
from askfirst.web.staff_routes import StaffRoute

ADDRESS: Final = "/api/v1/openapi.json"
# What every address may answer with; 400 is what a path that nobody could mean gets.
_EVERYWHERE: Final = ("unauthorized", "forbidden", "invalid-query", "not-found", "unavailable", "unforeseen")
_WITH_BODY: Final = ("malformed-body", "body-too-large", "unsupported-content-type")
_NAMED: Final = re.compile(r"\{([a-z_]+)\}")


def openapi_document(routes: Iterable[StaffRoute], *, version: str, public_url: str) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of the addresses that say something about themselves."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        if route.says is not None:
            paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, route.says)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Askfirst",
            "version": version,
            "summary": "Find, show, count, export and prove consent records.",
            "description": "Every request is an entry of the ledger, committed before the answer is sent.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "servers": [{"url": public_url}],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "responses": {code: _refusal(code) for code in STATUS},
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token of `askfirst token issue` or of the console's Staff page.",
                }
            },
        },
    }


def openapi_response(document: Mapping[str, Any]) -> Any:
    """Return the handler that gives the document to anybody: it tells nothing that the docs do not."""
    body = json.dumps(document, ensure_ascii=False).encode()

    async def handler(_request: Request) -> Response:
        return Response(body, media_type="application/json", headers={"Cache-Control": "max-age=60"})

    return handler


def _operation(route: StaffRoute, says: Operation) -> dict[str, Any]:
    roles = " or ".join(sorted(route.roles))
    whole = " of the whole organisation" if route.whole else ""
    refusals = [*_EVERYWHERE, *(_WITH_BODY if says.body is not None else ()), *says.problems]
    by_status: dict[str, list[str]] = {}
    for code in dict.fromkeys(refusals):
        by_status.setdefault(str(STATUS[code]), []).append(code)
    described = {name: _parameter(one, "path") for name, one in ((one.name, one) for one in says.path)}
    in_path = [
        described.get(name, {"name": name, "in": "path", "required": True, "schema": {"type": "string"}})
        for name in _NAMED.findall(route.path)
    ]
    answer = {
        "description": says.answer.says,
        "headers": {
            "Cache-Control": {"schema": {"const": "no-store"}},
            **{name: {"schema": schema} for name, schema in says.headers.items()},
        },
        "content": {media: {"schema": schema} for media, schema in says.answer.content.items()},
    }
    operation: dict[str, Any] = {
        "operationId": says.id,
        "summary": says.summary,
        "description": f"For {roles}{whole}. Leaves the ledger entry `{route.entry}`.",
        "tags": [says.tag],
        "parameters": [*in_path, *(_parameter(one, "query") for one in says.query)],
        "responses": {
            **{str(status): answer for status in (says.status, *says.also)},
            **{status: _one_or_several(codes) for status, codes in by_status.items()},
        },
    }
    if says.body is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": says.body}}}
    return operation


def _parameter(one: Parameter, place: str) -> dict[str, Any]:
    needed = {"required": True} if place == "path" or one.needed else {}
    return {"name": one.name, "in": place, "description": one.says, **needed, "schema": one.schema}


def _one_or_several(codes: list[str]) -> dict[str, Any]:
    if len(codes) == 1:
        return {"$ref": f"#/components/responses/{codes[0]}"}
    first, *others = (_refusal(code) for code in codes)
    return {**first, "description": " ".join([first["description"], *(one["description"] for one in others)])}


def _refusal(code: str) -> dict[str, Any]:
    kind = next(
        one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, Problem) and one.code == code
    )
    said = re.sub(r"\s+", " ", kind.__doc__ or "").strip()
    return {
        "description": f"`{code}`: {said}",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
