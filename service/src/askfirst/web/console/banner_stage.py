"""A banner in a frame of the console: how it is to be looked at, and the answer that the frame gets."""

from dataclasses import dataclass
from typing import Literal, cast

from starlette.requests import Request
from starlette.responses import HTMLResponse

from askfirst.core.errors import InvalidQuery
from askfirst.usecases.banner_frame import LAYERS, SCHEMES, BannerFrame, Layer, Scheme


@dataclass(frozen=True, slots=True)
class Look:
    """Which layer is looked at, and in which colour scheme; empty is the browser's own."""

    layer: Layer = "first"
    scheme: Scheme | Literal[""] = ""


def read_look(request: Request, *others: str) -> Look:
    """Return how a banner is to be looked at. `others` are parameters that the address has besides.

    Raises InvalidQuery for what is no layer or scheme, and for an unknown parameter.
    """
    query = request.query_params
    layer, scheme = query.get("layer", "first"), query.get("scheme", "")
    # The width is that of the frame; a form sends it along.
    known = ("layer", "scheme", "width", *others)
    wrong = [(name[:64], "is no parameter here") for name in query if name not in known]
    if layer not in LAYERS:
        wrong.append(("layer", "must be first or second"))
    if scheme and scheme not in SCHEMES:
        wrong.append(("scheme", "must be light or dark"))
    if wrong:
        raise InvalidQuery(wrong)
    return Look(cast(Layer, layer), cast(Scheme, scheme))


def frame_response(frame: BannerFrame) -> HTMLResponse:
    """Return the answer that only a page of the console may frame."""
    headers = {
        "Content-Security-Policy": frame.content_policy,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Robots-Tag": "noindex",
    }
    return HTMLResponse(frame.html, headers=headers)
