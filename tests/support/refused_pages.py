"""What every page of the console does with what can not be searched, counted or placed."""

from html import unescape
from typing import Any

from support.running_service import RunningService
from support.staff import desk
from support.table_rows import more_rows


def refused(
    service: RunningService,
    path: str,
    form: dict[str, Any] | None = None,
    *,
    role: str = "auditor",
    status: tuple[int, ...] = (400,),
) -> str:
    """Ask as somebody new for a page, or send its form. It is refused with one of these and leaves no row; return what
    the page says."""
    who = desk(service, role, login=f"u{abs(hash((path, str(form))))}@example.org")
    before = service.rows()
    answer = who.get(path) if form is None else who.post(path, form)

    assert answer.status_code in status
    assert "<b>" not in answer.text
    assert "<script>" not in answer.text
    assert {} == more_rows(before, service.rows())
    return unescape(answer.text)
