"""What one service process on one core does, beside the barest Starlette that does the same kind of work."""

import time
from collections import defaultdict

from sqlalchemy import func, select

from askfirst.storage.engine import open_engine
from askfirst.storage.tables import record
from bench.load import CONNECTIONS, Load, middle, wrk
from bench.row import Row, Section
from bench.servers import ORIGIN, Service, bare, fetch, postgresql, service

SECONDS = 4
ROUNDS = 3


def measure() -> Section:
    """Return requests a second for the site script, and for decisions on each database."""
    found: dict[str, list[Load]] = defaultdict(list)
    with service() as ours:
        script = f"{ours.url}/s/bench.js"
        ready, etag = fetch(script, encoding="br")
        policy = f"{ours.url}/p/bench.json"
        told, version = fetch(policy, encoding="br")
        with bare(ready) as ceiling, bare(told) as other:
            for number in range(ROUNDS):  # in turn, so that what else the machine does meets both alike
                decision = posting(ours, number)
                found["bare 200"].append(wrk(f"{ceiling}/ready", SECONDS))
                found["200"].append(wrk(script, SECONDS, "Accept-Encoding: br"))
                found["bare 304"].append(wrk(f"{ceiling}/ready", SECONDS, 'If-None-Match: "ready"'))
                found["304"].append(wrk(script, SECONDS, "Accept-Encoding: br", f"If-None-Match: {etag}"))
                found["bare policy 200"].append(wrk(f"{other}/ready", SECONDS))
                found["policy 200"].append(wrk(policy, SECONDS, "Accept-Encoding: br"))
                found["bare policy 304"].append(wrk(f"{other}/ready", SECONDS, 'If-None-Match: "ready"'))
                found["policy 304"].append(wrk(policy, SECONDS, "Accept-Encoding: br", f"If-None-Match: {version}"))
                found["bare post"].append(wrk(f"{ceiling}/post", SECONDS, script="decide.lua", **decision))
                found["post"].append(wrk(f"{ours.url}/d/bench", SECONDS, script="decide.lua", **decision))
                time.sleep(1)  # what still waits is sequenced and signed in this time, and not in the next one's
            kept = stored(ours, sum(load.requests for load in found["post"]))
            with postgresql() as url, service(url) as theirs:
                for number in range(ROUNDS):
                    decision = posting(theirs, number)
                    found["bare post 2"].append(wrk(f"{ceiling}/post", SECONDS, script="decide.lua", **decision))
                    found["post 2"].append(wrk(f"{theirs.url}/d/bench", SECONDS, script="decide.lua", **decision))
                    time.sleep(1)
                stored(theirs, sum(load.requests for load in found["post 2"]))
        got = {name: middle(loads) for name, loads in found.items()}
    return Section(
        "Service",
        f"One server process on core 0, wrk on core 1 with {CONNECTIONS} connections over loopback; median of {ROUNDS} "
        f"runs of {SECONDS} s, in turn with the peer. The peer is a bare Starlette route under the same uvicorn, with "
        f"the same {len(ready):,} or {len(told):,} ready bytes (ours is a plain ASGI endpoint, so it can come out ahead). Each decision has an id of its own; rate limit, CORS, idempotency, "
        f"sequencing and signing of checkpoints are on. PostgreSQL runs with its default settings on core 1, beside wrk. Afterwards {kept:,} records stood in the SQLite database for "
        f"{got['post'].requests:,} counted answers (what is in flight when wrk stops is stored and not counted).",
        [
            _script("site script, 200", got["200"], got["bare 200"]),
            _script("site script, 304", got["304"], got["bare 304"]),
            _script("policy, 200", got["policy 200"], got["bare policy 200"]),
            _script("policy, 304", got["policy 304"], got["bare policy 304"]),
            _decision("decision, SQLite `synchronous=FULL`", got["post"], got["bare post"], 5_000),
            _decision("decision, PostgreSQL", got["post 2"], got["bare post 2"], 7_000),
        ],
    )


def _decision(work: str, ours: Load, ceiling: Load, goal: int) -> Row:
    beside = f"{_rate(ceiling)}, p99 {ceiling.p99:.1f} ms: bare POST that reads JSON and keeps nothing"
    measured = f"{_rate(ours)}, p50 {ours.p50:.0f} ms, p99 {ours.p99:.0f} ms"
    return Row(work, measured, beside, f"at least {goal:,}/s", ours.rate >= goal)


def posting(ours: Service, number: int) -> dict[str, str]:
    return {
        "BENCH_PREFIX": ours.prefix,
        "BENCH_SUFFIX": ours.suffix,
        "BENCH_ORIGIN": ORIGIN,
        "BENCH_SEED": str(time.time_ns() // 1_000_000 % 1_000_000_000 + number),
    }


def stored(ours: Service, counted: int) -> int:
    """Return how many records there are; raise RuntimeError if an answer was counted that is not stored."""
    engine = open_engine(ours.database)
    with engine.connect() as connection:
        found = connection.execute(select(func.count()).select_from(record)).scalar_one()
    engine.dispose()
    if found < counted:
        raise RuntimeError(f"{counted} decisions were answered, and {found} are stored")
    return int(found)


def _script(work: str, ours: Load, ceiling: Load) -> Row:
    share = f"{ours.rate / ceiling.rate:.0%} of it"
    return Row(
        work, f"{_rate(ours)}, {share}", f"{_rate(ceiling)} bare Starlette", "at least 20,000/s", ours.rate >= 20_000
    )


def _rate(load: Load) -> str:
    return f"{load.rate:,.0f}/s"
