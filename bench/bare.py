"""The ceiling: Starlette routes that answer the same ready bytes, and one that only reads the JSON it is sent."""

import os
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

_READY = Path(os.environ["BENCH_READY"]).read_bytes()
_TAG = '"ready"'


async def ready(request: Request) -> Response:
    """Answer ready bytes, or 304 to who has them."""
    if request.headers.get("if-none-match") == _TAG:
        return Response(status_code=304, headers={"etag": _TAG})
    return Response(_READY, media_type="text/javascript", headers={"etag": _TAG, "content-encoding": "br"})


async def post(request: Request) -> JSONResponse:
    """Read JSON and answer."""
    return JSONResponse({"v": (await request.json())["v"]}, 201)


app = Starlette(routes=[Route("/ready", ready), Route("/post", post, methods=["POST"])])
