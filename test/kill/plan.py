"""Which rounds there are to run, from the options."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from kill import cases, warm
from kill.checks import Facts
from kill.lanes import Job
from kill.result import Result
from kill.rounds import Case, play
from kill.stores import PostgresStores, SqliteStores, Stores, start_cluster

PARTS = ("points", "random")

#: Of each part: the short form, and the long one.
_ROUNDS = {"points": (14, 1000), "random": (10, 200)}


@contextmanager
def prepared(options: argparse.Namespace, base: Path) -> Iterator[list[Job]]:
    """Make the stores, play an unbroken round on each, and give the jobs; servers end with the block."""
    wanted = options.only.split(",") if options.only else list(PARTS)
    count = {part: options.rounds or _ROUNDS[part][options.long] for part in wanted}
    with ExitStack() as stack:
        jobs: list[Job] = []
        kinds = _stores(options, base, stack, jobs)
        for number, stores in enumerate(kinds):
            unbroken = _unbroken(stores, base)
            if unbroken.broken:
                jobs.append(Job("unbroken", stores.name, "unbroken", lambda result=unbroken: result))
                continue
            jobs += _forked(options, base, stores, unbroken, count, share=(number, len(kinds)))
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


def _unbroken(stores: Stores, base: Path) -> Result:
    # The first one tells what is imported late; with that imported, the second one is as long as those that are killed.
    modules = base / f"modules-{stores.name}"
    os.environ["CHURN_OPS_KILL_MODULES"] = str(modules)
    play(stores, base / f"first-{stores.name}", Case("unbroken"), None)
    del os.environ["CHURN_OPS_KILL_MODULES"]
    if modules.exists():
        warm.imports_of(modules.read_text().split())
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


def _job(stores: Stores, folder: Path, case: Case, expected: Facts) -> Job:
    return Job(case.kind, stores.name, case.title, lambda: play(stores, folder, case, expected))
