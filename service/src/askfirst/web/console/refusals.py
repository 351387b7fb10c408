"""What the console shows where something is refused or broken: a page, or the way to signing in."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from askfirst.core.errors import Problem, Unauthorized
from askfirst.web.console.addresses import HOME, sign_in_address
from askfirst.web.console.frame import Frame
from askfirst.web.problems import problem_headers


def is_console(request: Request) -> bool:
    """Tell whether an address is one of the console's."""
    return request.url.path == HOME or request.url.path.startswith(f"{HOME}/")


def refusal(frame: Frame, request: Request, problem: Problem) -> Response:
    """Return the answer to a request of the console that `problem` refuses."""
    if isinstance(problem, Unauthorized):
        query = f"?{request.url.query}" if request.url.query else ""
        back = f"{request.url.path}{query}" if request.method == "GET" else HOME
        return RedirectResponse(sign_in_address(back), 303, {"Cache-Control": "no-store"})
    page = frame.problem_page(request, problem)
    kept = ("Retry-After", "Allow", "Cache-Control")
    page.headers.update({name: text for name, text in problem_headers(problem).items() if name in kept})
    return page
