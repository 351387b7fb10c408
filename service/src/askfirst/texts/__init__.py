"""The words that the service brings along, so that an operator only writes what is special to the site."""

from askfirst.texts.catalogue import (
    declaration_texts,
    default_purpose,
    default_texts,
    embed_texts,
    languages,
    nearest,
    script_words,
    unreviewed,
)
from askfirst.texts.default_policy import default_draft

__all__ = [
    "declaration_texts",
    "default_draft",
    "default_purpose",
    "default_texts",
    "embed_texts",
    "languages",
    "nearest",
    "script_words",
    "unreviewed",
]
