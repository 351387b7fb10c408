"""What becomes of answers: how long they last, how far they reach, what speaks for visitors, and who is told."""

from typing import Final

from askfirst.core.signals import Signals
from askfirst.web.console.editor.fields import Choice, Field, Group, read, rows
from askfirst.web.console.editor.part import Part, View

_TOOLS: Final = tuple(Signals.model_fields)


def _groups(view: View) -> list[Group]:
    asked = tuple(
        Choice(str(one.get("id")), named=str(read(one, ("name", view.language)) or one.get("id")))
        for one in rows(view.members, "purposes")
        if one.get("mode") is not None
    )
    return [
        Group(
            "draft.lasting",
            path=("lifetime_days",),
            fields=(
                Field(("lifetime_days",), "draft.lifetime_days", "number", hint="draft.lifetime_hint", default="182"),
                Field(("retention_days",), "draft.retention_days", "number", hint="draft.retention_hint", empty="null"),
            ),
        ),
        Group(
            "draft.gpc",
            lead="draft.gpc_lead",
            path=("gpc",),
            fields=(Field(("gpc",), "draft.gpc_field", "picks", choices=asked),),
        ),
        Group(
            "draft.sharing",
            path=("sharing",),
            fields=(
                Field(("sharing", "domain"), "draft.domain", hint="draft.domain_hint", empty="null"),
                Field(("sharing", "partitioned"), "draft.partitioned", "yes"),
            ),
        ),
        Group(
            "draft.recording",
            fields=(
                Field(("wait_for_receipt",), "draft.wait_for_receipt", "yes"),
                Field(("page_path",), "draft.page_path", "yes"),
                Field(("count_views",), "draft.count_views", "yes"),
            ),
        ),
        Group(
            "draft.signals",
            lead="draft.signals_lead",
            path=("signals",),
            fields=tuple(Field(("signals", tool), f"tool.{tool}", "tool") for tool in _TOOLS),
        ),
    ]


PART = Part(
    "answers",
    ("lifetime_days", "retention_days", "gpc", "sharing", "wait_for_receipt", "page_path", "count_views", "signals"),
    _groups,
)
