"""The method ``report``: the evidence of one version, from the store alone."""

from __future__ import annotations

import shutil
from pathlib import Path

from churn_ops.contract import Evidence, ReportRequest
from churn_ops.process import atomic_file, lifetime
from churn_ops.progress import Progress
from churn_ops.store import place as store_place
from churn_ops.store.connect import connect
from churn_ops.store.locks.store_lock import store_lock
from churn_ops.store.state_folder import state_folder
from churn_ops.training.evidence.stored_version import facts_of, read_version


def report(request: ReportRequest, progress: Progress) -> Evidence:
    """Write card, pictures and tables of a version, log them to its run and keep a copy.

    Raises
    ------
    ChurnOpsError
        ``VERSION_UNKNOWN``, ``MODEL_INTEGRITY``, or of the store.
    """
    from churn_ops.training.commit.model_folder import work_folder
    from churn_ops.training.evidence.write import write_evidence

    store = request["store"]
    store_place.require_original(store["trackingUri"])
    client = connect(store["trackingUri"], must_exist=True)
    version = read_version(client, store["model"], request["version"])
    progress("report", 0, 0, f"drawing version {version.number}")
    facts = facts_of(client, version)
    output = Path(request["output"])
    output.mkdir(parents=True, exist_ok=True)
    work = work_folder(state_folder())
    try:
        files = [file.relative_to(work) for file in write_evidence(work, facts)]
        lifetime.end_if_orphaned()
        with store_lock(
            store["trackingUri"], "report", request["waitSeconds"], lambda text: progress("wait", 0, 0, text)
        ):
            client.log_artifacts(version.run_id, str(work))
        copies = []
        for file in files:
            copy = output / file
            copy.parent.mkdir(exist_ok=True)
            with atomic_file.draft(copy) as unfinished:
                shutil.copyfile(work / file, unfinished)
            copies.append(str(copy))
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return {"version": version.number, "runId": version.run_id, "files": copies}
