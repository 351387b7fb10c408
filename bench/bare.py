"""The ceiling: Starlette that answers ready bytes, and one that only reads the JSON it is sent."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

_READY = bytes(9 * 1024)


async def ready(_request: Request) -> Response:
    """Answer with ready bytes."""
    return Response(_READY)


async def post(request: Request) -> JSONResponse:
    """Read JSON and answer."""
    return JSONResponse({"v": (await request.json())["v"]}, 201)


app = Starlette(routes=[Route("/ready", ready), Route("/post", post, methods=["POST"])])
