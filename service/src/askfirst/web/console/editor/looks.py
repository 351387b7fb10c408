"""How the banner stands on the page and how it is dressed; accepting and refusing are always dressed alike."""

from typing import Final, get_args

from askfirst.core.policy_content import Layout
from askfirst.core.theme import COLOURS, DEFAULTS, colour, token
from askfirst.web.console.editor.fields import Choice, Field, Group, read
from askfirst.web.console.editor.part import Part, View

LAYOUTS: Final = tuple(
    Choice(layout, f"layout.{layout}") for layout in get_args(Layout.model_fields["first_layer"].annotation)
)


def _groups(view: View) -> list[Group]:
    theme = read(view.members, ("theme",), {})
    own = {name: str(value) for name, value in theme.items()} if isinstance(theme, dict) else {}
    groups = [
        Group(
            "draft.layout",
            path=("layout",),
            fields=(Field(("layout", "first_layer"), "draft.first_layer", "choice", choices=LAYOUTS),),
        ),
        Group(
            "draft.shape",
            lead="draft.shape_lead",
            path=("theme",),
            fields=(
                Field(("theme", "font"), "draft.font", hint="draft.font_hint", empty="none"),
                Field(("theme", "radius"), "draft.radius", hint="draft.radius_hint", empty="none"),
            ),
        ),
    ]
    for scheme in DEFAULTS:
        groups.append(
            Group(
                f"draft.colours_{scheme}",
                lead="draft.colours_lead",
                fields=tuple(
                    Field(
                        ("theme", token(name, scheme)),
                        f"colour.{name.replace('-', '_')}",
                        default=colour(
                            {key: one for key, one in own.items() if key != token(name, scheme)}, name, scheme
                        ),
                        empty="none",
                    )
                    for name in COLOURS
                ),
            )
        )
    return groups


PART = Part("looks", ("layout", "theme"), _groups)
