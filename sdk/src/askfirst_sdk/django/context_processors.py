"""`consent` and `askfirst` in every template."""

from typing import Any

from django.http import HttpRequest

from .site import consent_of, page_of

__all__ = ["askfirst"]


def askfirst(request: HttpRequest) -> dict[str, Any]:
    """Return the visitor's consent, unread, and what makes the pieces of HTML for this response."""
    return {"consent": consent_of(request), "askfirst": page_of(request)}
