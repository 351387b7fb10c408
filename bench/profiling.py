"""Where the time of one request goes, and what is left if all of ours took none: `make bench-profile`, which writes PROFILE.md.

py-spy looks at the serving process from outside two hundred times a second, while wrk loads it as in the other benches.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from nacl.signing import SigningKey

from bench import append_profile, banner_profile, cores, machine, verifying_profile
from bench.audit import database, issued, looking_up, subjects
from bench.load import Load, wrk
from bench.servers import Home, bare, home
from bench.service import posting

RESULTS = Path(__file__).with_name("PROFILE.md")
SECONDS = 10
_PY_SPY = str(Path(sys.executable).with_name("py-spy"))
_RATE = 200
_SIGNATURES = 1000
_WRITING = "writing: rows, driver, commit (SQLite: the writer's thread; PostgreSQL: the event loop)"
# The first that is found in a sample, from the innermost frame outwards, says what it was spent on. What a driver or
# libsodium does in C is seen as the line of Python that called it.
# What the threads beside the event loop's do; their time is the kernel's count of each.
_THREADS = {
    "askfirst-writer": _WRITING,
    "askfirst-lookups": "reading for look-ups (its thread)",
    "askfirst-node": "giving places, counting, signing checkpoints (their threads)",
}
_SIGNING = "signing the receipt (Ed25519), writing its token"
# What the event loop's thread does: the first of these that is found in a sample, from the innermost frame outwards.
# What libsodium does in C is seen as the line of Python that called it.
_PARTS = {
    r"/nacl/|askfirst_sdk/(signing|token)\.py": _SIGNING,
    r"storage/(postgres_batches|batch_rows)\.py|/psycopg": _WRITING,
    r"storage/(group|writer|lookups)\.py|/threading\.py": "handing over to a thread of the database and back",
    r"askfirst/(core|usecases|storage)/|askfirst_sdk/|/rfc8785|uuid_utils|randomness\.py|/hmac\.py": "checking, sealing, hashing, drawing ids",
    r"/askfirst/|/pydantic/|/prometheus_client/": "our end of HTTP: headers, origin, limits, metrics, answer",
}
_SERVER = "uvicorn, Starlette, the event loop, the kernel's network"
_OTHERS = "other threads"


@dataclass(frozen=True)
class Profile:
    """One kind of request under load: its rate, how busy each core was (0 to 1), seconds of the process by part, and the
    seconds that they were counted in."""

    work: str
    load: Load
    busy: tuple[float, float]
    spent: Mapping[str, float]
    seconds: float

    def each(self, part: str) -> float:
        """Return the microseconds that a request spends on a part."""
        return self.spent.get(part, 0.0) / self.seconds / self.load.rate * 1e6


@dataclass(frozen=True)
class Floors:
    """What is there without us, in microseconds of one core: a bare POST, a signature, a check of one."""

    post: float
    get: float
    sign: float
    check: float


def main() -> None:
    """Measure and write."""
    load = machine.load()
    floors = _floors()
    profiles = [profile for name in ("SQLite", "PostgreSQL") for profile in _profiles(name, floors)]
    lines = ["# Where the time goes", "", *machine.description(datetime.now(UTC), load, "make bench-profile"), ""]
    lines += [*_table(profiles), "", *_said(floors, profiles), ""]
    lines += append_profile.said([work for name in ("SQLite", "PostgreSQL") for work in _appending(name)])
    lines += verifying_profile.said({name: _steps(name) for name in ("SQLite", "PostgreSQL")})
    lines += banner_profile.said()
    RESULTS.write_text("\n".join(lines), encoding="utf-8")
    print(RESULTS.read_text(encoding="utf-8"))


def _appending(name: str) -> list[append_profile.Work]:
    with database(name) as url:
        return append_profile.works(name, url)


def _steps(name: str) -> verifying_profile.Steps:
    with database(name) as url:
        return verifying_profile.steps(url)


def _floors() -> Floors:
    with bare(b"x" * 300) as url, home() as made, made.serving() as (ours, _):
        post = median(wrk(f"{url}/post", 4, script="decide.lua", **posting(ours, one)).rate for one in range(3))
        get = median(wrk(f"{url}/ready", 4).rate for _ in range(3))
    key, message = SigningKey.generate(), b"m" * 400
    signature = key.sign(message).signature
    check = _each(lambda: key.verify_key.verify(message, signature))
    return Floors(1e6 / post, 1e6 / get, _each(lambda: key.sign(message)), check)


def _each(do: Callable[[], object]) -> float:
    """Return the microseconds of one call: of the quickest of five rounds, since this is to be a floor."""
    rounds = []
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(_SIGNATURES):
            do()
        rounds.append((time.perf_counter() - start) / _SIGNATURES * 1e6)
    return min(rounds)


def _profiles(name: str, floors: Floors) -> Iterator[Profile]:
    with database(name) as url, home(url) as made, made.serving() as (ours, pid):
        decide = f"{ours.url}/d/bench"
        yield _profile(
            f"decision, {name}",
            pid,
            floors.sign / 1e6,
            lambda: wrk(decide, SECONDS, script="decide.lua", **posting(ours, 0)),
        )
        with _people(made) as environment:
            yield _profile(
                f"look-up with its entry, {name}",
                pid,
                0.0,
                lambda: wrk(ours.url, SECONDS, script="lookup.lua", **environment),
            )


@contextmanager
def _people(made: Home) -> Iterator[dict[str, str]]:
    token = issued(made)
    with tempfile.NamedTemporaryFile("w", encoding="ascii") as file:
        file.write("\n".join(map(looking_up, subjects(made.database))))
        file.flush()
        yield {"BENCH_PATHS": file.name, "BENCH_TOKEN": token}


def _profile(work: str, pid: int, signed: float, load: Callable[[], Load]) -> Profile:
    """`signed`: the seconds of signing for each request."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(1) as pool:
        stacks = Path(folder) / "stacks"
        loading = pool.submit(load)
        time.sleep(1)
        looked, threads, begun = cores.ticks(), _threads(pid), time.monotonic()
        words = ["taskset", "-c", "1", _PY_SPY, "record", "--pid", str(pid), "--format", "raw", "--full-filenames"]
        words += ["--threads", "--gil", "--nonblocking", "--rate", str(_RATE)]
        words += ["--duration", str(SECONDS - 3), "--output", str(stacks)]
        subprocess.run(words, check=True, capture_output=True)
        seconds, busy, after = time.monotonic() - begun, cores.busy(looked, cores.ticks()), _threads(pid)
        worked = {thread: ticks - threads.get(thread, 0) for thread, ticks in after.items()}
        spent = parts(stacks.read_text(encoding="utf-8"), _RATE, pid, worked)
        found = loading.result()
    # libsodium signs without the lock of Python, where the profiler does not look.
    signing = min(spent[_SERVER], signed * found.rate * seconds)
    spent[_SERVER] -= signing
    spent[_SIGNING] = spent.get(_SIGNING, 0.0) + signing
    return Profile(work, found, busy, spent, seconds)


def parts(stacks: str, rate: int, loop: int, worked: Mapping[int, float]) -> dict[str, float]:
    """Return the seconds that a process spent on each part.

    `stacks` are lines `thread (0x1F): name;frame;frame count` or `thread (31): ...`, the innermost frame last, sampled so many times a second where
    a thread held the lock of Python; `loop` is the thread of the event loop; `worked` are the seconds of each thread.
    """
    found: dict[str, float] = defaultdict(float)
    names: dict[int, str] = {}
    for line in stacks.splitlines():
        stack, _, count = line.rpartition(" ")
        thread, *frames = stack.split(";")
        told = re.match(r"thread \((\w+)\)(?:: (.*))?", thread)
        if told is None:
            raise RuntimeError(f"py-spy names its threads in another way: {thread}")
        number = int(told[1], 0)
        names[number] = told[2] or ""
        if number == loop:
            found[_part(frames)] += int(count) / rate
    # What the loop's thread did without that lock: reading from the network and writing to it.
    found[_SERVER] += max(0.0, worked.get(loop, 0.0) - sum(found.values()))
    for number, seconds in worked.items():
        if number != loop:
            name = names.get(number, "")
            part = next((part for known, part in _THREADS.items() if name.startswith(known)), _OTHERS)
            found[part] += seconds
    return dict(found)


def _part(frames: list[str]) -> str:
    for frame in reversed(frames):
        if re.search(r"/(uvicorn|starlette|uvloop|asyncio)/", frame):
            return _SERVER
        for pattern, part in _PARTS.items():
            if re.search(pattern, frame):
                return part
    return _SERVER


def _threads(pid: int) -> dict[int, float]:
    """Return the seconds that each thread of a process has run."""
    found = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        values = (task / "stat").read_text(encoding="ascii").rpartition(")")[2].split()
        found[int(task.name)] = (int(values[11]) + int(values[12])) / os.sysconf("SC_CLK_TCK")
    return found


def _table(profiles: list[Profile]) -> list[str]:
    known = dict.fromkeys([*_PARTS.values(), _SERVER, *_THREADS.values(), _OTHERS])
    yes = [part for part in known if any(round(profile.each(part)) for profile in profiles)]
    lines = [
        "Microseconds of the processor for one request, by what they are spent on. The server has core 0; wrk, PostgreSQL and the profiler have core 1. The profiler takes something from both, "
        "so that rates stand below those of RESULTS.md.",
        "",
        f"| spent on | {' | '.join(profile.work for profile in profiles)} |",
        f"|---|{'---:|' * len(profiles)}",
    ]
    lines += [f"| {part} | {' | '.join(f'{profile.each(part):.0f}' for profile in profiles)} |" for part in yes]
    for name, values in {
        "**all**": [f"{sum(profile.each(part) for part in yes):.0f}" for profile in profiles],
        "requests/s": [f"{profile.load.rate:,.0f}" for profile in profiles],
        "core 0 busy": [f"{profile.busy[0]:.0%}" for profile in profiles],
        "core 1 busy": [f"{profile.busy[1]:.0%}" for profile in profiles],
    }.items():
        lines.append(f"| {name} | {' | '.join(values)} |")
    return lines


def _said(floors: Floors, profiles: list[Profile]) -> list[str]:
    least = floors.post + floors.sign
    lines = [
        "## What is left without us",
        "",
        f"- A bare Starlette POST that reads JSON and keeps nothing takes {floors.post:.0f} µs here, and one Ed25519 signature by libsodium {floors.sign:.0f} µs: "
        f"a core that only did these two would answer {1e6 / least:,.0f} decisions/s, without a check, a hash, a database or a ledger.",
    ]
    for one in profiles:
        given = one.each(_SERVER) + one.each(_SIGNING)
        if one.each(_SIGNING):
            lines.append(
                f"- {one.work}: if all but the server under us and the signature took nothing, {1e6 / given:,.0f}/s; at {sum(map(one.each, one.spent)):.0f} µs with core 0 "
                f"busy all the time, {1e6 / sum(map(one.each, one.spent)):,.0f}/s."
            )
    return [
        *lines,
        f"- One check of an Ed25519 signature takes {floors.check:.0f} µs: one core checks {1e6 / floors.check:,.0f} receipts/s, two {2e6 / floors.check:,.0f}, if they do nothing "
        "else. A verification of the ledger with each receipt's signature can not be faster than that, nor the SDK's check of a receipt that it has not seen before.",
        f"- A bare GET of ready bytes takes {floors.get:.0f} µs. A look-up that leaves a durable entry of its own is a read and a commit.",
    ]


if __name__ == "__main__":
    main()
