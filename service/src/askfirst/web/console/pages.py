"""All addresses of the console for people who are signed in."""

from askfirst.web.console.account import AccountPages
from askfirst.web.console.alerts import AlertPages
from askfirst.web.console.editor import editor_routes
from askfirst.web.console.entries import EntriesPage
from askfirst.web.console.events import Events
from askfirst.web.console.exports import ExportPages
from askfirst.web.console.frame import Frame
from askfirst.web.console.holds import HoldPages
from askfirst.web.console.keeping import KeepingPages
from askfirst.web.console.ledger import LedgerPage
from askfirst.web.console.overview import OverviewPage
from askfirst.web.console.people import PeoplePages
from askfirst.web.console.pictures import PicturesPage
from askfirst.web.console.policies import PoliciesPage
from askfirst.web.console.policy import PolicyPage
from askfirst.web.console.record import RecordPage
from askfirst.web.console.record_banner import RecordBanner
from askfirst.web.console.records import RecordsPage
from askfirst.web.console.retention import RetentionPage
from askfirst.web.console.sign_ins import SignInsPage
from askfirst.web.console.staff import StaffPages
from askfirst.web.console.statistics import StatisticsPage
from askfirst.web.console.tokens import TokenPages
from askfirst.web.console.webhooks import WebhookPages
from askfirst.web.limits import SignInLimit
from askfirst.web.live import Live
from askfirst.web.staff_routes import StaffRoute


def console_routes(live: Live, frame: Frame) -> list[StaffRoute]:
    """Return every address with its roles and the entry that it leaves."""
    return [
        *OverviewPage(live, frame).routes(),
        *StatisticsPage(live, frame).routes(),
        *Events(live, frame.words).routes(),
        *RecordsPage(live, frame).routes(),
        *RecordPage(live, frame).routes(),
        *RecordBanner(live).routes(),
        *AlertPages(live, frame).routes(),
        *KeepingPages(live).routes(),
        *PeoplePages(live, frame).routes(),
        *HoldPages(live, frame).routes(),
        *RetentionPage(live, frame).routes(),
        *ExportPages(live, frame).routes(),
        *WebhookPages(live, frame).routes(),
        *LedgerPage(live, frame).routes(),
        *EntriesPage(live, frame).routes(),
        *PoliciesPage(live, frame).routes(),
        # Before the page of a version, in whose place the draft stands.
        *editor_routes(live, frame),
        *PicturesPage(live, frame).routes(),
        *PolicyPage(live, frame).routes(),
        *AccountPages(live, frame, SignInLimit()).routes(),
        *TokenPages(live, frame).routes(),
        *SignInsPage(live, frame).routes(),
        *StaffPages(live, frame).routes(),
    ]
