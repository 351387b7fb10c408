"""The form editor: a site's next policy as forms that work without a script."""

from askfirst.web.console.editor.files import DraftFiles
from askfirst.web.console.editor.pages import DraftPages
from askfirst.web.console.editor.preview import Previews
from askfirst.web.console.editor.publishing import Publishing
from askfirst.web.console.frame import Frame
from askfirst.web.live import Live
from askfirst.web.staff_routes import StaffRoute

__all__ = ["editor_routes"]


def editor_routes(live: Live, frame: Frame) -> list[StaffRoute]:
    """Return every address of the editor. They come before those that have the number of a policy in this place."""
    pages = DraftPages(live, frame)
    return [
        *Previews(live, frame, pages).routes(),
        *DraftFiles(live, pages).routes(),
        *Publishing(live, pages).routes(),
        *pages.routes(),
    ]
