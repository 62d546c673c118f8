"""Write stages, aliases and tags of a model's versions, each step so that doing it again changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from mlflow.exceptions import MlflowException

from churn_ops.contract import Alias, ApplyRequest, JournalEntry, ModelVersion, Move, RolledBack, Stage, Stages, Tag
from churn_ops.registry.moves import entries
from churn_ops.registry.versions import read_tagged
from churn_ops.versions.moves import TaggedMove, moves_of

if TYPE_CHECKING:
    from mlflow import MlflowClient


class Writer:
    """The versions of a model as they were read, and what was written to them since.

    Parameters
    ----------
    client : mlflow.MlflowClient
        An open store.
    model : str
        Name of the registered model.
    check_lock : callable
        Raises when the lock of the store is not ours any more.
    """

    def __init__(self, client: MlflowClient, model: str, check_lock: Callable[[], None]) -> None:
        self.client = client
        self.model = model
        self.check_lock = check_lock
        self.written: set[str] = set()
        self.journal: list[JournalEntry] = []
        self.read()

    def read(self) -> None:
        """Read the versions again."""
        read = read_tagged(self.client, self.model)
        self.versions: dict[str, ModelVersion] = {facts["version"]: facts for facts, _ in read}
        self.tags: dict[str, dict[str, str]] = {facts["version"]: tags for facts, tags in read}

    def holder(self, alias: str) -> str | None:
        """Version that had an alias when the versions were read."""
        return next((number for number, version in self.versions.items() if alias in version["aliases"]), None)

    def holder_now(self, alias: str) -> str | None:
        """Version that has an alias at this moment."""
        found = self.client.get_registered_model(self.model).aliases.get(alias)
        return None if found is None else str(found)

    def name(self, alias: str, version: str | None) -> None:
        """Give an alias to a version; None takes it away."""
        if version is None:
            self.client.delete_registered_model_alias(self.model, alias)
        else:
            self.client.set_registered_model_alias(self.model, alias, version)

    def tag(self, version: str, name: str, value: str) -> None:
        """Set a tag of a version."""
        self.client.set_model_version_tag(self.model, version, name, value)
        self.tags[version][name] = value
        self.written.add(version)

    def put(self, version: str, stage: Stage) -> None:
        """Put a version into a stage; what else is in production leaves it in the same write: never none, never two."""
        others = [other for other in self.in_production() if other != version] if stage == Stages.PRODUCTION else []
        if self.versions[version]["stage"] == stage and not others:
            return
        self._transition(version, stage, others)
        self.versions[version]["stage"] = stage
        for other in others:
            self.versions[other]["stage"] = Stages.ARCHIVED
        self.written.add(version)

    def _transition(self, version: str, stage: str, others: list[str]) -> None:
        def to(number: str, wanted: str, archive: bool) -> None:
            # As a number: MLflow compares it with numbers, and PostgreSQL refuses a text there (mlflow#24592).
            self.client.transition_model_version_stage(
                self.model,
                cast(str, int(number)),
                wanted,
                archive_existing_versions=archive,
            )

        try:
            to(version, stage, stage == Stages.PRODUCTION)
        except MlflowException as error:
            # A server in front of PostgreSQL makes a text of it again; there, both are in production for a moment.
            if "integer <> character varying" not in str(error):
                raise
            to(version, stage, False)
            for other in others:
                to(other, Stages.ARCHIVED, False)

    def in_production(self) -> list[str]:
        """Versions in stage Production when they were read."""
        return [number for number, version in self.versions.items() if version["stage"] == Stages.PRODUCTION]

    def move(self, move: Move, entry: JournalEntry) -> None:
        """Change a version's stage and reason and record it; what is recorded already is not recorded twice.

        The entry comes first and the reason last: with the reason in place, nothing of the move is missing.
        """
        version = move["version"]
        if not self._is_recorded(move):
            self.tag(version, entries.tag_of(entry), json.dumps({**entry, "state": "done"}))
            self.journal.append(entry)
        self.put(version, move["to"])
        if self.tags[version].get(Tag.REASON) != move["reason"]:
            self.tag(version, Tag.REASON, move["reason"])

    def must_move(self, move: Move) -> bool:
        """Tell whether anything of a move is missing."""
        version = self.versions[move["version"]]
        return version["stage"] != move["to"] or version["reason"] != move["reason"]

    def mark_rolled_back(self, marks: RolledBack | None) -> None:
        """Set and take away the marks of a rollback."""
        if marks is None:
            return
        for version in marks["set"]:
            if version in self.versions and Tag.ROLLED_BACK not in self.tags[version]:
                self.tag(version, Tag.ROLLED_BACK, entries.now())
        for version in marks["clear"]:
            if version in self.versions and Tag.ROLLED_BACK in self.tags[version]:
                self.client.delete_model_version_tag(self.model, version, Tag.ROLLED_BACK)
                del self.tags[version][Tag.ROLLED_BACK]
                self.written.add(version)

    def name_challenger(self, plan: ApplyRequest | TaggedMove) -> None:
        """Give the alias ``challenger`` as planned; a plan that does not speak of it leaves it."""
        wanted, named = plan.get("challenger"), self.holder(Alias.CHALLENGER)
        if "challenger" not in plan or wanted == named or (wanted is not None and wanted not in self.versions):
            return
        self.name(Alias.CHALLENGER, wanted)
        self.written.add(wanted or named or "")

    def _is_recorded(self, move: Move) -> bool:
        # Whoever was killed after recording a move begins it again.
        done = [entry for entry in moves_of(self.tags[move["version"]]).values() if entry.get("state") == "done"]
        done = sorted((entry for entry in done if entry["action"] != "gate"), key=lambda entry: entry["at"])
        return bool(done) and (done[-1]["to"], done[-1]["reason"]) == (move["to"], move["reason"])
