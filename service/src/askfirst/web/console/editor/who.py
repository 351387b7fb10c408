"""Who asks: the controller and its privacy policy."""

from askfirst.web.console.editor.fields import Field, Group
from askfirst.web.console.editor.part import Part, View


def _groups(view: View) -> list[Group]:
    return [
        Group(
            key="draft.controller",
            lead="draft.controller_lead",
            path=("controller",),
            fields=(
                Field(("controller", "name"), "draft.name"),
                Field(("controller", "address"), "draft.address"),
                Field(("controller", "contact"), "draft.contact", hint="draft.contact_hint"),
                Field(("controller", "country"), "draft.country", hint="draft.country_hint", empty="null"),
            ),
        ),
        Group(
            key="draft.privacy_policy",
            lead="draft.privacy_policy_lead",
            path=("privacy_policy",),
            fields=tuple(
                Field(("privacy_policy", language), named=language, language=language) for language in view.languages
            ),
        ),
    ]


PART = Part("who", ("controller", "privacy_policy"), _groups)
