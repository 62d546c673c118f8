"""What the store holds of versions: tags, files, rows of their search, honest answers; the one reader of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from churn_ops.contract import Tag
from churn_ops.errors import ChurnOpsError
from churn_ops.integrity import verify, verify_file
from churn_ops.store.mlflow_errors import mlflow_errors
from churn_ops.versions.answers import Answers, read_answers
from churn_ops.versions.purpose import Purpose
from churn_ops.versions.stored_columns import RowCustomers, read_customers

if TYPE_CHECKING:
    from churn_ops.store.registry_reader import RegistryClient
    from churn_ops.versions.rows import Rows

Read = TypeVar("Read")
Side = Literal["reference", "held_out"]
# How MLflow says that there is no such version; anything else is a fault of the store.
_UNKNOWN = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")


class StoredVersions:
    """Reads what the store holds of the versions of a model, each file once.

    Parameters
    ----------
    client : mlflow.MlflowClient or RegistryReader
        An open store; the latter where no model is loaded.
    model : str
        Name of the registered model.
    purpose : Purpose
        Words for the errors.
    """

    def __init__(self, client: RegistryClient, model: str, purpose: Purpose) -> None:
        self.client = client
        self.model = model
        self._purpose = purpose
        self._versions: dict[str, Any] = {}
        self._answers: dict[tuple[str, Side], Answers] = {}
        self._trained: dict[str, frozenset[str]] = {}
        self._tables: dict[tuple[str, Side], Rows] = {}
        self._customers: dict[tuple[str, Side], RowCustomers] = {}
        self._folders: dict[str, Path] = {}
        #: What could not be checked of the versions whose folder was asked for.
        self.notes: tuple[str, ...] = ()

    def registered(self, version: str) -> Any:
        """Give a version as the registry holds it.

        Raises
        ------
        ChurnOpsError
            ``VERSION_UNKNOWN``.
        """
        if version not in self._versions:
            try:
                self._versions[version] = self.client.get_model_version(self.model, version)
            except (*mlflow_errors(), LookupError) as error:
                if not isinstance(error, LookupError) and getattr(error, "error_code", None) not in _UNKNOWN:
                    raise
                raise ChurnOpsError(
                    "VERSION_UNKNOWN",
                    f"The registry has no version {version} of {self.model}. {self._purpose.state}",
                    "Run `churn-ops models` to list its versions.",
                    {"version": version},
                ) from error
        return self._versions[version]

    def tags(self, version: str) -> dict[str, str]:
        """Give all tags of a version.

        Raises
        ------
        ChurnOpsError
            ``VERSION_UNKNOWN``.
        """
        return dict(self.registered(version).tags)

    def tag(self, version: str, name: str) -> str:
        """Give a tag of a version that training writes.

        Raises
        ------
        ChurnOpsError
            ``VERSION_UNKNOWN``, or ``MODEL_INTEGRITY`` when the tag is not there.
        """
        tags = self.tags(version)
        if name not in tags:
            raise self.unusable(version, f"it has no tag {name}, so churn-ops did not train it")
        return tags[name]

    def is_ours(self, version: str) -> bool:
        """Tell whether training stored rows and answers for a version."""
        return Tag.THRESHOLD in self.tags(version)

    def rows(self, version: str, side: Side) -> Rows:
        """Read the rows of one side of the split, with their features.

        Raises
        ------
        ChurnOpsError
            ``VERSION_UNKNOWN`` or ``MODEL_INTEGRITY``.
        """
        # Not at the top: whose rows they are is read without pandas.
        from churn_ops.versions.rows import read_rows

        return self._of_search(version, side, self._tables, read_rows)

    def customers(self, version: str, side: Side) -> RowCustomers:
        """Read whose rows those of one side are, without their features.

        Raises
        ------
        ChurnOpsError
            ``VERSION_UNKNOWN`` or ``MODEL_INTEGRITY``.
        """
        return self._of_search(version, side, self._customers, read_customers)

    def _of_search(
        self, version: str, side: Side, known: dict[tuple[str, Side], Read], read: Callable[[Path], Read]
    ) -> Read:
        search = self.tag(version, Tag.PARENT_RUN_ID)
        if (search, side) not in known:
            path = verify_file.verified_data(self.client, search, f"{side}.parquet")
            known[search, side] = self.readable(version, path, read)
        return known[search, side]

    def answers(self, version: str, side: Side) -> Answers:
        """Read the stored answers to the rows of one side, in their order, to the last digit.

        Raises
        ------
        ChurnOpsError
            ``VERSION_UNKNOWN`` or ``MODEL_INTEGRITY``.
        """
        if (version, side) not in self._answers:
            threshold = float(self.tag(version, Tag.THRESHOLD))
            name = f"predictions/{side}.csv"
            path = verify_file.verified_file(self.client, self.model, version, self.tags(version), name)
            self._answers[version, side] = self.readable(version, path, lambda path: read_answers(path, threshold))
        return self._answers[version, side]

    def trained_keys(self, version: str) -> frozenset[str]:
        """Read the keys of the rows that a version trained on; they are the same for all versions of a search."""
        search = self.tag(version, Tag.PARENT_RUN_ID)
        if search not in self._trained:
            self._trained[search] = frozenset(self.answers(version, "reference").keys.tolist())
        return self._trained[search]

    def folder(self, version: str, allow_pickle: bool = False) -> Path:
        """Give the folder of a version's files, checked; a pickle is refused unless it is allowed."""
        if version not in self._folders:
            checked = verify.verified(self.client, self.model, version, self.tags(version), allow_pickle)
            self._folders[version] = checked.folder
            self.notes += checked.notes
        return self._folders[version]

    def readable(self, version: str, path: Path, read: Callable[[Path], Read]) -> Read:
        """Read a file; whatever a damaged one makes the reader raise means the same.

        Raises
        ------
        ChurnOpsError
            ``MODEL_INTEGRITY``.
        """
        try:
            return read(path)
        except Exception as error:
            raise self.unusable(version, f"{path.name} cannot be read: {str(error)[:200]}") from error

    def unusable(self, version: str, why: str) -> ChurnOpsError:
        """Make the error of a version that does not serve the purpose."""
        return ChurnOpsError(
            "MODEL_INTEGRITY",
            f"Version {version} {self._purpose.cannot}: {why}. {self._purpose.state}",
            self._purpose.hint,
            {"version": version},
        )
