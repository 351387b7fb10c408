"""Every word of both layers in one language, with the default beside it."""

from typing import Final

from askfirst import texts
from askfirst.core.errors import InvalidQuery
from askfirst.core.texts import AccountWords, Texts
from askfirst.site_file.words import account_words
from askfirst.web.console.editor.fields import Action, Field, Group, Path, put, read
from askfirst.web.console.editor.part import Part, View
from askfirst.web.console.forms import Form

_FIRST_LAYER: Final = ("text", "about", "accept", "reject", "settings", "banner_name", "reopen", "withdraw")
_SECOND_LAYER: Final = (
    *("title", "intro", "accept_all", "reject_all", "save", "close", "always_on", "on", "off"),
    *("last_answer", "not_answered", "how_to_withdraw", "consent_id", "copy", "copied"),
)
_TABLES: Final = (
    *("controller", "contact", "privacy_policy", "services", "provider", "cookies", "cookie_name"),
    *("cookie_purpose", "cookie_duration", "no_cookies"),
)
_NO_ACCOUNT_WORDS: Final = dict.fromkeys(AccountWords.model_fields, "")
_ABOUT_ACCOUNTS: Final = {"told": "draft.accounts_told", "notice": "draft.accounts_notice"}
_LONG: Final = 60  # characters from which a text gets a field of several lines


def text_names() -> list[str]:
    """Return the names of all texts but the durations, as the policy format has them."""
    return [field.alias or name for name, field in Texts.model_fields.items() if name != "durations"]


def _groups(view: View) -> list[Group]:
    named = {*_FIRST_LAYER, *_SECOND_LAYER, *_TABLES}
    others = tuple(name for name in text_names() if name not in named)
    action = (Action("defaults", "draft.take_defaults"),) if view.language in texts.languages() else ()
    opt_out = Field(
        ("opt_out_link", view.language),
        "draft.opt_out_link",
        language=view.language,
        hint="draft.opt_out_link_hint",
        empty="none",
    )
    accounts = tuple(
        Field(
            ("accounts", view.language, name),
            _ABOUT_ACCOUNTS[name],
            "text",
            language=view.language,
            default=default,
            empty="nothing",
        )
        for name, default in (account_words([view.language]).get(view.language) or _NO_ACCOUNT_WORDS).items()
    )
    return [
        Group(lead="draft.words_lead", path=("texts",), actions=action),
        Group("draft.first_layer", path=("texts", view.language), fields=_fields(view, _FIRST_LAYER)),
        Group("draft.second_layer", fields=_fields(view, _SECOND_LAYER)),
        Group("draft.tables", fields=_fields(view, _TABLES)),
        Group("draft.other_words", fields=(*_fields(view, others), opt_out)),
        Group("draft.accounts", lead="draft.accounts_lead", path=("accounts", view.language), fields=accounts),
        Group("draft.durations", lead="draft.durations_lead", fields=_durations(view), folded=True),
    ]


def _fields(view: View, names: tuple[str, ...]) -> tuple[Field, ...]:
    return tuple(_field(view, ("texts", view.language, name), f"text.{name}", name) for name in names)


def _durations(view: View) -> tuple[Field, ...]:
    found = []
    durations = read(view.members, ("texts", view.language, "durations"), {})
    for unit, said in durations.items() if isinstance(durations, dict) else ():
        path: Path = ("texts", view.language, "durations", unit)
        forms = [(*path, form) for form in said] if isinstance(said, dict) else [path]
        found += [_field(view, one, "", " ".join(map(str, one[3:]))) for one in forms]
    return tuple(found)


def _field(view: View, path: Path, key: str, name: str) -> Field:
    default = str(read(_defaults(view.language), path[2:], ""))
    long = max(len(default), len(str(read(view.members, path, "")))) > _LONG
    return Field(path, key, "text" if long else "line", named=name, language=view.language, default=default)


def _defaults(language: str) -> dict[str, object]:
    return texts.default_texts(language).model_dump(mode="json") if language in texts.languages() else {}


def _act(view: View, do: str, _form: Form) -> bool:
    if do != "defaults":
        return False
    if view.language not in texts.languages():
        raise InvalidQuery([("do", "there are no default words in this language")])
    put(view.members, ("texts", view.language), _defaults(view.language))
    return True


PART = Part("words", ("texts", "opt_out_link", "accounts"), _groups, _act, by_language=True)
