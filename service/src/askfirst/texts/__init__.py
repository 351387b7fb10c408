"""The words that the service brings along, so that an operator only writes what is special to the site."""

from askfirst.texts.catalogue import default_purpose, default_texts, languages
from askfirst.texts.default_policy import default_draft

__all__ = ["default_draft", "default_purpose", "default_texts", "languages"]
