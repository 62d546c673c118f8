"""The kill tests as a program: ``python -m kill`` with ``test`` and ``python`` on the path.

It imports the libraries once; nearly every round is forked from it. The short form samples, the long form (``--long``)
does every named point on both kinds of store, 200 random kills and 50 rounds of the real program.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from kill import left_over, plan, summary, warm
from kill.lanes import run


def main() -> int:
    """Run what the arguments ask for; 0 when nothing is broken."""
    options = _options()
    print(f"seed {options.seed} (CHURN_OPS_KILL_SEED)", file=sys.stderr, flush=True)
    base = Path(tempfile.mkdtemp(prefix="churn-ops-kill-"))
    # Whatever is started takes its temporary files from here, so that what is left can be told from others' files.
    tempfile.tempdir = os.environ["TMPDIR"] = str(base / "tmp")
    (base / "tmp").mkdir()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return _run(options, base)
    finally:
        if os.environ.get("CHURN_OPS_KILL_KEEP") is None:
            shutil.rmtree(base, ignore_errors=True)


def _run(options: argparse.Namespace, base: Path) -> int:
    begun = time.monotonic()
    before = left_over.entries()
    warm.imports()
    results = []
    with plan.prepared(options, base) as jobs:
        for number, result in enumerate(run(jobs, options.lanes), start=1):
            results.append(result)
            for text in result.broken:
                print(f"BROKEN {result.kind}, {result.store}, {result.case}: {text}", file=sys.stderr, flush=True)
            if number % 20 == 0 or number == len(jobs):
                spent = (time.monotonic() - begun) / 60
                print(f"{number} of {len(jobs)} rounds, {spent:.1f} minutes", file=sys.stderr, flush=True)
    left = [*left_over.processes_of(base), *left_over.abandoned(before)]
    total = summary.tally(results)
    minutes = (time.monotonic() - begun) / 60
    print(summary.text(total, options.seed, left, minutes))
    if options.json:
        rows = [{**vars(result), "facts": None} for result in results]
        document = {**total, "left": left, "seed": options.seed, "minutes": minutes, "results": rows}
        options.json.write_text(json.dumps(document, indent=1))
    return 1 if total["broken"] or left else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="kill")
    parser.add_argument("--long", action="store_true", help="every point, both stores, 200 random kills, 50 real runs")
    parser.add_argument("--only", default="", help=f"parts, by comma: {', '.join(plan.PARTS)}")
    parser.add_argument("--stores", default="", help="sqlite, postgresql")
    parser.add_argument("--rounds", type=int, help="so many of each part")
    parser.add_argument("--match", default="", help="only rounds whose title has this text")
    parser.add_argument("--lanes", type=int, default=2)
    parser.add_argument("--json", type=Path, help="write all results here")
    named = os.environ.get("CHURN_OPS_KILL_SEED")
    parser.add_argument("--seed", type=int, default=int(named) if named else random.SystemRandom().randrange(10**6))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
