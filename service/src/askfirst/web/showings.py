"""POST /n/KEY: a page says that it showed the banner. Only a number rises; nothing of the visitor is read or kept."""

from starlette.requests import Request
from starlette.responses import Response

from askfirst.core.errors import BodyTooLarge, RateLimited, UnsupportedContentType
from askfirst.usecases.record_decision import check_page
from askfirst.usecases.showings import MAX_BYTES, Showings, showing
from askfirst.web.limits import AddressLimit
from askfirst.web.live import Live


class ShowingEndpoint:
    """The handler. One address may send as many as answers, counted apart: views must not use up what answers need."""

    def __init__(self, live: Live, showings: Showings, limit: AddressLimit) -> None:
        """Take what handlers share, where it is counted, and the limit for each address."""
        self._live, self._showings, self._limit = live, showings, limit

    async def shown(self, request: Request) -> Response:
        """POST /n/KEY: the policy's number and the language as plain text, from a page of the site."""
        site = self._live.directory.site(request.path_params["site"])
        origins = request.headers.getlist("origin")
        check_page(site, origins[0] if len(origins) == 1 else None)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "text/plain":
            raise UnsupportedContentType
        wait = self._limit.wait(request.scope.get("client"), site.site.site_key)
        if wait:
            raise RateLimited(wait)
        self._showings.count(showing(site, await _body(request), self._live.clock()))
        return Response(status_code=204, headers={"Cache-Control": "no-store"})


async def _body(request: Request) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_BYTES:
            raise BodyTooLarge(MAX_BYTES)
    return body
