"""Check Askfirst consent receipts offline before you measure."""

from .client import Askfirst
from .consent import Consent
from .reason import Reason

__all__ = ["Askfirst", "Consent", "Reason"]
