"""For the tests of those who use the SDK: consent as it comes out, and visitors who bring real receipts."""

from .consents import granted, no_answer, refused
from .site import PretendSite

__all__ = ["PretendSite", "granted", "no_answer", "refused"]
