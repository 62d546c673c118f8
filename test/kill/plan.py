"""Which rounds there are to run, from the options."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from kill import cases, cli, disk, programs, replies, together, warm
from kill.checks import Facts
from kill.lanes import Job
from kill.result import Result
from kill.rounds import Case, play
from kill.stores import PostgresStores, SqliteStores, Stores, start_cluster

PARTS = ("points", "random", "cli", "disk", "replies", "together")

#: Of each part: the short form, and the long one.
_ROUNDS = {
    "points": (10, 1000),
    "random": (10, 200),
    "cli": (3, 54),
    "disk": (3, 16),
    "replies": (2, len(replies.DROPS)),
    "together": (1, 3),
}


@contextmanager
def prepared(options: argparse.Namespace, base: Path) -> Iterator[list[Job]]:
    """Make the stores, play an unbroken round on each, and give the jobs; servers end with the block."""
    wanted = options.only.split(",") if options.only else list(PARTS)
    count = {part: options.rounds or _ROUNDS[part][options.long] for part in wanted}
    with ExitStack() as stack:
        jobs: list[Job] = []
        kinds = _stores(options, base, stack, jobs) if count.keys() - {"cli"} else []
        for number, stores in enumerate(kinds):
            if number == 0:
                _import_late_modules(stores, base)
            unbroken = _unbroken(stores, base)
            if unbroken.broken:
                jobs.append(Job("unbroken", stores.name, "unbroken", lambda result=unbroken: result))
                continue
            if isinstance(stores, SqliteStores):
                jobs += _replies(base, stores, unbroken.facts, count.get("replies", 0))
                jobs += _disk(base, stores, unbroken.facts, count.get("disk", 0))
            jobs += _together(base, stores, count.get("together", 0))
            jobs += _forked(options, base, stores, unbroken, count, share=(number, len(kinds)))
        if "cli" in count:
            # The longest rounds first, so that none of them starts when the other lane has run out of work.
            jobs = [*_real(options, base, count["cli"]), *jobs]
        if options.match:
            jobs = [job for job in jobs if options.match in job.case]
        yield jobs


def _stores(options: argparse.Namespace, base: Path, stack: ExitStack, jobs: list[Job]) -> list[Stores]:
    names = options.stores.split(",") if options.stores else ["sqlite", "postgresql"]
    found: list[Stores] = [SqliteStores(base)] if "sqlite" in names else []
    if "postgresql" in names:
        cluster = start_cluster()
        if isinstance(cluster, str):
            missing = Result("point", "postgresql", "all", skipped=cluster)
            jobs.append(Job("point", "postgresql", "all", lambda: missing))
        else:
            stack.callback(cluster.close)
            print(f"PostgreSQL of {cluster.origin}: {cluster.bin}", file=sys.stderr, flush=True)
            found.append(PostgresStores(cluster))
    return found


def _import_late_modules(stores: Stores, base: Path) -> None:
    # The work tells what it imports late; with that imported here, every round is as short as it can be.
    modules = base / "modules"
    os.environ["CHURN_OPS_KILL_MODULES"] = str(modules)
    play(stores, base / "first", Case("unbroken"), None)
    del os.environ["CHURN_OPS_KILL_MODULES"]
    if modules.exists():
        warm.imports_of(modules.read_text().split())


def _unbroken(stores: Stores, base: Path) -> Result:
    result = play(stores, base / f"unbroken-{stores.name}", Case("unbroken"), None)
    print(f"unbroken round on {stores.name}: {result.seconds:.1f} s", file=sys.stderr, flush=True)
    return result


def _forked(
    options: argparse.Namespace,
    base: Path,
    stores: Stores,
    unbroken: Result,
    count: dict[str, int],
    share: tuple[int, int],
) -> list[Job]:
    mine, shares = share
    chosen: list[Case] = []
    if "points" in count:
        # The short form takes most of its sample on SQLite, which everybody has.
        few = count["points"] if options.long or mine == 0 else max(1, count["points"] // 3)
        chosen += cases.sampled(cases.at_points(), few, options.seed)
    if "random" in count:
        own = count["random"] // shares + (mine < count["random"] % shares)
        chosen += cases.at_random(own, unbroken.seconds, options.seed + mine)
    return [_job(stores, base / f"{stores.name}-{at}", case, unbroken.facts) for at, case in enumerate(chosen)]


def _together(base: Path, stores: Stores, count: int) -> list[Job]:
    def job(number: int, form: str) -> Job:
        folder = base / f"{stores.name}-together-{number}"
        return Job("at once", stores.name, form, lambda: together.play(stores, folder, form))

    # The real program on SQLite alone: how it differs from forked processes, its start, is the same on both.
    real = stores.name == "sqlite" and programs.why_not() is None
    forms = [form for form in together.FORMS if form != "real" or real]
    return [job(number, forms[number % len(forms)]) for number in range(count)]


def _disk(base: Path, stores: SqliteStores, expected: Facts, count: int) -> list[Job]:
    if count == 0:
        return []
    missing = disk.why_not(base / "disk-tried")
    if missing is not None:
        skipped = Result("disk full", stores.name, "all", skipped=missing)
        return [Job("disk full", stores.name, "all", lambda: skipped)]

    def job(kilobytes: int) -> Job:
        folder = base / f"disk-{kilobytes}"
        return Job("disk full", stores.name, f"{kilobytes} kB", lambda: disk.play(stores, folder, kilobytes, expected))

    return [job(kilobytes) for kilobytes in disk.sizes(base, stores, count)]


def _replies(base: Path, stores: SqliteStores, expected: Facts, count: int) -> list[Job]:
    def job(number: int, drop: replies.Drop) -> Job:
        folder = base / f"replies-{number}"
        return Job("lost reply", "http", drop.title, lambda: replies.play(stores, folder, drop, expected))

    return [job(number, drop) for number, drop in enumerate(replies.DROPS[:count])]


def _real(options: argparse.Namespace, base: Path, count: int) -> list[Job]:
    missing = programs.why_not()
    if missing is not None:
        skipped = Result("cli", "sqlite", "all", skipped=missing)
        return [Job("cli", "sqlite", "all", lambda: skipped)]
    stores = SqliteStores(base)
    # The short form does not measure how long the program takes: little more than its imports did here.
    seconds = cli.lengths(base / "cli-unbroken", stores) if options.long else cli.guessed(warm.seconds())
    print(f"unbroken program: {seconds}", file=sys.stderr, flush=True)

    def job(number: int, case: cli.CliCase) -> Job:
        folder = base / f"cli-{number}"
        return Job("cli", stores.name, case.title, lambda: cli.play(stores, folder, case, seconds))

    return [job(number, case) for number, case in enumerate(cli.cases(count, options.seed))]


def _job(stores: Stores, folder: Path, case: Case, expected: Facts) -> Job:
    return Job(case.kind, stores.name, case.title, lambda: play(stores, folder, case, expected))
