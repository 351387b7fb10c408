"""The generated ledger is one that the service itself would have made."""

from bench.generator import generate
from sqlalchemy import func, select

from askfirst.storage.tables import record
from askfirst.usecases.verify_ledger import verify_ledger
from support.places import Home


def test_a_generated_ledger_holds_and_looks_lived_in(home: Home) -> None:
    """It verifies with all signatures; most refuse, some change their minds, and the days are all there."""
    generate(home.settings, 700, days=90, seed=7)
    verified = verify_ledger(home.place.directory, home.place.ledger, 1, anchor=home.anchors.read(1))
    days = func.count(func.distinct(record.c.server_time // 86_400_000))
    subjects = func.count(record.c.subject) - func.count(func.distinct(record.c.subject))
    with home.place.engine.connect() as connection:
        records, days, again = connection.execute(select(func.count(), days, subjects)).one()
        methods = dict(connection.execute(select(record.c.method, func.count()).group_by(record.c.method)).all())

    assert [] == verified.findings
    assert 1 == verified.checkpoints
    assert 700 == records
    assert 90 <= days <= 91
    assert again > 0
    assert {"reject_all", "accept_all", "custom", "withdraw"} == set(methods)
    assert methods["reject_all"] > methods["accept_all"] > methods["custom"] > methods["withdraw"]
