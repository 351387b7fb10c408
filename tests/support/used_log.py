"""A log in which everything was made and changed that has an entry."""

from uuid import UUID

from sqlalchemy import select

from askfirst.storage import tables as t
from askfirst.storage.alerts import SqlAlerts
from askfirst.storage.forgetting import SqlForgetting
from askfirst.storage.webhooks import SqlWebhookRoom
from askfirst.usecases.alerts import Noticed, Rule, acknowledge, settle
from askfirst.usecases.holds import lift_hold, place_hold
from askfirst.usecases.set_up import change_origins, change_retention
from askfirst.usecases.staff import add_member, change_member, choose_language, disable_member, enable_member
from askfirst.usecases.tokens import issue_token, revoke_token
from askfirst.usecases.webhooks import add_webhook, remove_webhook
from support.places import PAGE
from support.running_service import RunningService
from support.time_and_ids import HOUR


def use(log: RunningService) -> dict[str, str]:
    """Make and change everything in log 1, and return the ids of what there is."""
    home = log.home
    place, by, room = home.place, home.place.by, home.place.staff
    site = place.directory().sites["demo0001"].site
    change_retention(place.catalogue, change_origins(place.catalogue, site, (PAGE,), by=by), 90, by=by)
    for name in ("first", "second"):
        issue_token(room, 1, name=name, role="auditor", sites=None, days=30, by=by)
    with room.transaction() as transaction:
        first, second = (one.token_id for one in transaction.tokens(1))
    revoke_token(room, 1, second, by=by)
    owner = add_member(room, 1, login="ann", name="Ann", role="owner", sites=None, by=by).member
    choose_language(room, 1, owner.staff_id, language="en", by=by)
    member = add_member(room, 1, login="ben", name="Ben", role="editor", sites=("demo0001",), by=by).member
    change_member(room, 1, member.staff_id, role="auditor", sites=None, by=by)
    disable_member(room, 1, member.staff_id, reason=None, by=by)
    enable_member(room, 1, member.staff_id, by=by)
    disable_member(room, 1, member.staff_id, reason="gone", by=by)
    webhooks = SqlWebhookRoom(place.engine)
    kept, gone = (
        add_webhook(
            webhooks,
            place.ledger,
            1,
            url=f"https://example.org/{name}",
            events=("decision.recorded",),
            sites=None,
            known_sites=("demo0001",),
            by=by,
        )
        for name in ("kept", "gone")
    )
    remove_webhook(webhooks, gone, by=by)
    forgetting = SqlForgetting(place.engine)
    held = place_hold(forgetting, 1, site="demo0001", known_sites=["demo0001"], reason="A dispute.", by=by)
    lifted = place_hold(forgetting, 1, site="shop0001", known_sites=["shop0001"], reason="Another one.", by=by)
    with home.place.engine.connect() as connection:
        named = connection.execute(select(t.record.c.record_id).order_by(t.record.c.record_id).limit(1)).scalar_one()
    person = place_hold(forgetting, 1, record_id=named, reason="A third one.", by=by)
    alerts = SqlAlerts(place.engine)
    noticed = [Noticed(Rule.FLOOD, "demo0001", {"refused": 60}), Noticed(Rule.CHECKPOINT_LATE, "", {"seconds": 90})]
    settle(alerts, 1, noticed, looked_for=(), by=by)
    late, flood = sorted(alerts.open_alerts(1), key=lambda one: one.site_key)
    acknowledge(alerts, 1, str(UUID(bytes=flood.alert_id)), by=by)
    home.clock.forward(HOUR)
    settle(alerts, 1, [], looked_for=(Rule.CHECKPOINT_LATE,), by=by)
    lift_hold(forgetting, 1, str(UUID(bytes=lifted.hold_id)), reason="It ended.", by=by)
    log.settle()
    ids = {"token": first, "revoked": second, "owner": owner.staff_id, "member": member.staff_id}
    ids |= {
        "flood": flood.alert_id,
        "late": late.alert_id,
        "webhook": kept.webhook_id,
        "hold": held.hold_id,
        "person": person.hold_id,
        "lifted": lifted.hold_id,
    }
    return {name: str(UUID(bytes=one)) for name, one in ids.items()}
