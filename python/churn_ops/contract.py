"""The contract with TypeScript: made of ``src/contract/`` by ``scripts/make-contract.mjs``, never by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, NotRequired, TypeAlias, TypedDict

PROTOCOL = 1
FOREST_FORMAT = 1

Stage = Literal[
    "None",
    "Staging",
    "Production",
    "Archived",
]
MethodName = Literal[
    "warm",
    "train",
    "training.warm",
    "training.check",
    "report",
    "reproduce",
    "table.export",
    "registry.versions",
    "registry.journal",
    "registry.apply",
    "registry.finish",
    "registry.verify",
    "registry.columns",
    "registry.golden",
    "registry.compare",
    "registry.retest",
    "registry.skill",
    "registry.check",
    "serving.compile_forest",
    "store.reachable",
    "store.schema",
    "store.upgrade",
    "store.relocation",
    "store.relocate",
    "store.check",
    "store.mend",
    "prune.inventory",
    "prune.apply",
    "notices.send",
    "drift.window",
    "drift.measure",
    "drift.retraining_table",
]
ErrorCode = Literal[
    "API_KEY_MISSING",
    "ARTIFACTS_UNREACHABLE",
    "BRIDGE_PROTOCOL",
    "BUG",
    "BUSY",
    "CHAMPION_GONE",
    "CONFIG_INVALID",
    "DATABASE_UNREACHABLE",
    "DATA_CHANGED",
    "DATA_DATES",
    "DATA_EMPTY",
    "DATA_ENCODING",
    "DATA_HEADER",
    "DATA_INVALID",
    "DATA_LEAK",
    "DATA_ONE_CLASS",
    "DATA_TOO_FEW",
    "DATA_UNREADABLE",
    "DISK_FULL",
    "ENDPOINT_REFUSED",
    "ENDPOINT_UNREACHABLE",
    "ENGINE_UNAVAILABLE",
    "ENVIRONMENT_INSTALL",
    "ENVIRONMENT_NOT_READY",
    "FOLDER_UNSAFE",
    "GRID_INVALID",
    "INTERRUPTED",
    "MODEL_INTEGRITY",
    "MODEL_NAME_INVALID",
    "NOT_WRITABLE",
    "NO_CHAMPION",
    "NO_MEASURED_VERSION",
    "NO_ROLLBACK_TARGET",
    "NO_VERSIONS",
    "PICKLE_REFUSED",
    "PLATFORM_UNSUPPORTED",
    "POLICY_INVALID",
    "PORT_IN_USE",
    "PYTHON_DIED",
    "PYTHON_ERROR",
    "PYTHON_MISSING",
    "PYTHON_PACKAGES",
    "PYTHON_TIMEOUT",
    "PYTHON_VENV_MISSING",
    "PYTHON_VERSION",
    "REGISTRY_DISAGREES",
    "SCHEMA_MISMATCH",
    "SEARCH_FAILED",
    "SERVER_START",
    "SIGNATURE_MISSING",
    "STORE_DAMAGED",
    "STORE_DELETED",
    "STORE_MOVED",
    "STORE_SCHEMA",
    "STORE_UNREACHABLE",
    "URL_INVALID",
    "USAGE",
    "VERSION_UNKNOWN",
]


class Stages:
    """The stages by name."""

    NONE: Final = "None"
    STAGING: Final = "Staging"
    PRODUCTION: Final = "Production"
    ARCHIVED: Final = "Archived"


class Alias:
    """Aliases of versions."""

    CHAMPION: Final = "champion"
    CHALLENGER: Final = "challenger"
    PREVIOUS: Final = "previous"


class Tag:
    """Tags in MLflow, of versions, runs, experiments and registered models."""

    ATTEMPT: Final = "churnops.attempt"
    BEST_VERSION: Final = "churnops.best_version"
    CALIBRATED: Final = "churnops.calibrated"
    DATA_MANIFEST: Final = "churnops.data_manifest"
    DATA_SHA256: Final = "churnops.data_sha256"
    DUPLICATE_OF: Final = "churnops.duplicate_of"
    ENDED_BECAUSE: Final = "churnops.ended_because"
    ESTIMATOR: Final = "churnops.estimator"
    F1: Final = "churnops.f1_score"
    F1_HIGH: Final = "churnops.f1_score_high"
    F1_LOW: Final = "churnops.f1_score_low"
    F1_OOF: Final = "churnops.f1_oof"
    FAILURE: Final = "churnops.failure"
    GIT_COMMIT: Final = "churnops.git_commit"
    GIT_DIRTY: Final = "churnops.git_dirty"
    HELD_METHOD: Final = "churnops.held_method"
    KEY: Final = "churnops.key"
    KNOWN_CUSTOMERS: Final = "churnops.known_customers"
    LATEST_SEARCH: Final = "churnops.latest_search"
    LOCK_SHA256: Final = "churnops.lock_sha256"
    MANIFEST: Final = "churnops.manifest"
    MEMBERS: Final = "churnops.members"
    MODEL: Final = "churnops.model"
    MOVE_PREFIX: Final = "churnops.move."
    OWNER: Final = "churnops.owner"
    PACKAGE_VERSION: Final = "churnops.package_version"
    PARAMS: Final = "churnops.params"
    PARENT_RUN_ID: Final = "churnops.parent_run_id"
    PRUNED: Final = "churnops.pruned"
    REASON: Final = "churnops.reason"
    ROLLED_BACK: Final = "churnops.rolled_back"
    SCHEMA_SHA256: Final = "churnops.schema_sha256"
    SEARCH: Final = "churnops.search"
    SEARCH_KEY: Final = "churnops.search_key"
    SEED: Final = "churnops.seed"
    SPLIT: Final = "churnops.split"
    SPLIT_SEED: Final = "churnops.split_seed"
    STORE: Final = "churnops.store"
    THRESHOLD: Final = "churnops.threshold"
    THRESHOLD_RULE: Final = "churnops.threshold_rule"
    TRAINING: Final = "churnops.training"


class TrainingRules:
    """What every training goes by and no setting changes."""

    TEST_SHARE: Final = 0.2
    LEAST_TEST_SHARE: Final = 0.15
    MOST_TEST_SHARE: Final = 0.25
    MINIMUM_ROWS: Final = 10
    FOLDS: Final = 5
    MINIMUM_VOTES: Final = 18
    MINIMUM_COVERAGE: Final = 0.99
    LEAK_REFUSED: Final = 0.99
    LEAK_WARNED: Final = 0.9
    BOOTSTRAP_DRAWS: Final = 2000
    FEW_CHURNERS: Final = 30
    TOP_SHARE: Final = 0.1
    INTERVAL_LOW: Final = 0.025
    INTERVAL_HIGH: Final = 0.975
    INTERVAL_DEVIATIONS: Final = 1.959963984540054
    GAIN_RISK: Final = 0.05
    COPIES_BY_CHANCE: Final = 0.5
    AGREEMENT_SAMPLE: Final = 20000
    NEARLY_CONSTANT: Final = 0.99
    LEAK_FOLDS: Final = 5
    LOGISTIC_ITERATIONS: Final = 2000
    SEEN_VALUES: Final = 1000
    EXAMPLE_ROWS: Final = 5


class SearchRanking:
    """What orders the candidates of a search, the best first."""

    METRIC: Final = "f1_oof"
    TIE_BREAK: Final = "version"


class DriftRules:
    """What a report of drift tells beside the scores."""

    TOLD_BLANK_SHARE: Final = 0.1
    TOLD_NEW_VALUES: Final = 3


class EvidenceRules:
    """How much the evidence of a version shows."""

    IMPORTANCE_ROWS: Final = 1000
    IMPORTANCE_REPEATS: Final = 3
    IMPORTANCE_DRAWN: Final = 25
    IMPORTANCE_LISTED: Final = 15
    CALIBRATION_BINS: Final = 10
    SLICE_ROWS: Final = 30
    SLICE_VALUES: Final = 6
    SLICE_CHANCE: Final = 0.05
    LEADERBOARD_DRAWN: Final = 30
    LEADERBOARD_LISTED: Final = 10


class StoreRules:
    """Limits that are applied to a store, under its lock or before a model is loaded."""

    GOLDEN_ROWS: Final = 100
    GOLDEN_TOLERANCE: Final = 1e-9
    MOVE_SECONDS: Final = 60
    LEFT_OVER_SECONDS: Final = 60
    OWNERLESS_SECONDS: Final = 86400
    WHOLE_CHECK_BYTES: Final = 1073741824


class Warming(TypedDict):
    modules: list[str]


class Nothing(TypedDict):
    pass


class TrainingRequest(TypedDict):
    store: StoreAddress
    experiment: str
    artifacts: str | None
    search: SearchPlan
    calibrate: bool
    split: Literal["random", "id", "time"]
    seed: int
    splitSeed: int
    waitSeconds: float
    dataset: Dataset
    invalidRecords: list[int]
    schema: TableSchema
    candidates: list[CandidatePlan]
    threshold: ThresholdRule
    force: bool
    packageVersion: str
    lockSha256: str


class StoreAddress(TypedDict):
    trackingUri: str
    model: str


class SearchPlan(TypedDict):
    kind: Literal["grid", "random", "optuna"]
    iterations: int
    folds: int | None
    spaces: list[SearchSpace]


class SearchSpace(TypedDict):
    estimator: EstimatorName
    prefix: str
    grid: dict[str, list[float | str | bool | None]]


EstimatorName = Literal[
    "forest",
    "extra-trees",
    "hist-gradient-boosting",
    "logistic-regression",
]


class Dataset(TypedDict):
    path: str
    sha256: str
    rows: int
    source: NotRequired[str]


TableSchema = TypedDict(
    "TableSchema",
    {
        "$schema": "NotRequired[str]",
        "name": "str",
        "id": "str | None",
        "date": "str | None",
        "target": "Target",
        "features": "list[Column]",
    },
)


class Target(TypedDict):
    column: str
    positive: str
    negative: str


Column: TypeAlias = "NumberColumn | CategoryColumn"


class NumberColumn(TypedDict):
    name: str
    kind: Literal["number"]
    integer: bool
    minimum: NotRequired[float]
    maximum: NotRequired[float]
    blank: bool
    sensitive: NotRequired[bool]


class CategoryColumn(TypedDict):
    name: str
    kind: Literal["category"]
    values: list[str]
    closed: bool
    blank: bool
    sensitive: NotRequired[bool]


class CandidatePlan(TypedDict):
    name: str
    estimator: EstimatorName
    params: Params


Params: TypeAlias = "dict[str, float | str | bool | None]"


ThresholdRule: TypeAlias = "BestF1 | Half | Capacity | Cost"


class BestF1(TypedDict):
    kind: Literal["f1"]


class Half(TypedDict):
    kind: Literal["0.5"]


class Capacity(TypedDict):
    kind: Literal["capacity"]
    share: float


class Cost(TypedDict):
    kind: Literal["cost"]
    contactCost: float
    saveRate: float
    value: float | str


class TrainingOutcome(TypedDict):
    split: TrainingSplit
    candidates: list[Candidate]
    failed: list[FailedCandidate]
    parentRunId: str
    experimentId: str
    phases: dict[str, float]
    warnings: list[str]


class TrainingSplit(TypedDict):
    trainRows: int
    testRows: int
    trainCustomers: int
    testCustomers: int
    joinedIds: int
    splitSeed: int
    kind: Literal["random", "id", "time"]
    knownCustomers: int
    trainFrom: NotRequired[str]
    trainUntil: NotRequired[str]
    testFrom: NotRequired[str]
    testUntil: NotRequired[str]
    leftOut: NotRequired[LeftOut]


class LeftOut(TypedDict):
    rows: int
    customers: int


class Candidate(TypedDict):
    name: str
    estimator: EstimatorName
    params: Params
    version: str
    runId: str
    threshold: float
    metrics: Metrics
    reused: bool


Metrics: TypeAlias = "dict[str, float | None]"


class FailedCandidate(TypedDict):
    name: str
    estimator: EstimatorName
    params: Params
    reason: str
    runId: str


class TableCheck(TypedDict):
    dataset: Dataset
    invalidRecords: list[int]
    schema: TableSchema
    split: Literal["random", "id", "time"]
    splitSeed: int
    folds: int | None


class ReportRequest(TypedDict):
    store: StoreAddress
    version: str
    output: str
    waitSeconds: float


class Evidence(TypedDict):
    version: str
    runId: str
    files: list[str]


class ReproductionRequest(TypedDict):
    store: StoreAddress
    version: str
    data: str | None
    packageVersion: str
    lockSha256: str


class Reproduction(TypedDict):
    version: str
    runId: str
    equal: bool
    compared: Compared
    differences: list[Difference]
    surroundings: list[Difference]


class Compared(TypedDict):
    metrics: int
    predictions: int


class Difference(TypedDict):
    what: str
    recorded: float | str | None
    now: float | str | None


class TableExport(TypedDict):
    source: ExportSource
    schema: TableSchema
    folder: str


ExportSource: TypeAlias = "ParquetSource | SqlSource"


class ParquetSource(TypedDict):
    kind: Literal["parquet"]
    path: str


class SqlSource(TypedDict):
    kind: Literal["sql"]
    url: str
    query: str


class ExportedTable(TypedDict):
    path: str
    rows: int
    source: str


class VersionsRequest(TypedDict):
    store: StoreAddress
    toAct: bool


class ModelVersion(TypedDict):
    version: str
    runId: str | None
    stage: Literal["None", "Staging", "Production", "Archived"]
    recordedStage: Literal["None", "Staging", "Production", "Archived"] | None
    aliases: list[str]
    f1: float | None
    f1Low: float | None
    f1High: float | None
    f1Oof: float | None
    threshold: float | None
    createdAt: str
    parentRunId: str | None
    inLatestSearch: bool
    dataSha256: str | None
    manifestSha256: str | None
    reason: str | None
    rolledBackAt: str | None
    duplicateOf: str | None
    unfinished: list[str]
    looks: list[GateEvidence]


class GateEvidence(TypedDict):
    outcome: Literal["better", "not-worse", "tie", "worse", "refused", "not-enough-data"]
    gate: Literal["superior", "not-worse"]
    metric: str
    margin: float
    champion: GateSide
    challenger: GateSide
    difference: float | None
    low: float | None
    interval: Sequence[float] | None
    smallestVisible: float | None
    rows: int
    churners: int
    customers: int | None
    churnedCustomers: int | None
    power: NotWorsePower | None
    dropped: int
    rowsSha256: str
    source: str


class GateSide(TypedDict):
    version: str
    score: float | None


class NotWorsePower(TypedDict):
    equalPasses: float
    isEnough: bool
    neededChurners: float
    tolerance: float


class StoreRequest(TypedDict):
    store: StoreAddress


JournalEntry = TypedDict(
    "JournalEntry",
    {
        "at": "str",
        "actor": "str",
        "action": "str",
        "model": "NotRequired[str]",
        "version": "str",
        "previous": "str | None",
        "from": "str",
        "to": "str",
        "reason": "str",
        "policy": "str",
        "policySha256": "NotRequired[str | None]",
        "evidence": "NotRequired[GateEvidence | None]",
        "state": "NotRequired[str]",
    },
)


class ApplyRequest(TypedDict):
    store: StoreAddress
    waitSeconds: float
    action: str
    moves: list[Move]
    champion: str | None
    previous: str | None
    holder: str | None
    policy: str
    actor: str
    policyRules: NotRequired[PolicyRules | None]
    evidence: NotRequired[GateEvidence | None]
    look: NotRequired[Look | None]
    challenger: NotRequired[str | None]
    rolledBack: NotRequired[RolledBack]
    allowPickle: NotRequired[str | None]


Move = TypedDict(
    "Move",
    {
        "version": "str",
        "from": "Literal['None', 'Staging', 'Production', 'Archived']",
        "to": "Literal['None', 'Staging', 'Production', 'Archived']",
        "reason": "str",
        "f1": "float | None",
        "rankedBy": "str",
        "rank": "int | None",
    },
)


class PolicyRules(TypedDict):
    gate: Literal["superior", "not-worse"]
    margin: float
    tolerance: float
    confidence: float
    floor: float
    metric: Literal["f1", "precision@capacity", "profit"]
    capacity: float
    profit: Profit
    minChurners: int
    draws: int
    seed: int


class Profit(TypedDict):
    value: float
    cost: float


class Look(TypedDict):
    version: str
    reason: str


class RolledBack(TypedDict):
    set: list[str]
    clear: list[str]


class Applied(TypedDict):
    changed: int
    journal: list[JournalEntry]
    notes: list[str]


class LockedRequest(TypedDict):
    store: StoreAddress
    waitSeconds: float


class Finished(TypedDict):
    finished: list[JournalEntry]


class VerifyRequest(TypedDict):
    store: StoreAddress
    version: str
    allowPickle: str | None


class VerifiedFiles(TypedDict):
    folder: str | None
    notes: list[str]


class VersionRequest(TypedDict):
    store: StoreAddress
    version: str


class KnownColumn(TypedDict):
    name: str
    kind: Literal["number", "category"] | None
    integer: NotRequired[bool]
    sensitive: bool
    required: bool
    values: list[str] | None


class GoldenAnswers(TypedDict):
    columns: list[str]
    rows: list[list[float | str | None]]
    probabilities: list[float]


class CompareRequest(TypedDict):
    store: StoreAddress
    pairs: list[ComparePair]
    fresh: CheckedTable | None
    metric: GateMetric
    seed: int
    confidence: float


class ComparePair(TypedDict):
    baseline: str
    candidate: str
    rows: Literal["held-out", "file"]
    newerOnly: bool
    draws: int
    required: bool


class CheckedTable(TypedDict):
    dataset: Dataset
    invalidRecords: list[int]
    schema: TableSchema


GateMetric: TypeAlias = "F1Metric | PrecisionMetric | ProfitMetric"


class F1Metric(TypedDict):
    kind: Literal["f1"]


class PrecisionMetric(TypedDict):
    kind: Literal["precision@capacity"]
    capacity: float


class ProfitMetric(TypedDict):
    kind: Literal["profit"]
    value: float
    cost: float


class Problem(TypedDict):
    problem: str


class PairedComparison(TypedDict):
    rows: int
    churners: int
    customers: int
    churnedCustomers: int
    dropped: int
    rowsSha256: str
    comparison: Comparison | None


class Comparison(TypedDict):
    baseline: float
    candidate: float
    difference: float
    low: float
    interval: Sequence[float]
    standardError: float


class RetestRequest(TypedDict):
    store: StoreAddress
    versions: list[str]
    champion: str | None
    fresh: CheckedTable
    metric: GateMetric
    draws: int
    seed: int
    confidence: float


class RetestProblem(TypedDict):
    problem: str
    version: str


class Retested(TypedDict):
    version: str
    rows: int
    churners: int
    dropped: int
    score: float | None
    interval: Sequence[float] | None
    againstChampion: Comparison | None


class SkillRequest(TypedDict):
    store: StoreAddress
    version: str
    fresh: CheckedTable | None
    draws: int
    seed: int


class SkillFacts(TypedDict):
    rows: int
    churners: int
    customers: int
    churnedCustomers: int
    stayedCustomers: int
    f1: float
    f1FlagAll: float
    gain: float
    gainLow: float
    auc: float | None
    aucLow: float | None
    aucHigh: float | None
    thresholdRule: str | None


class GoldenRowsRequest(TypedDict):
    store: StoreAddress
    version: str
    columns: list[str]
    allowPickle: str | None


class GoldenRows(TypedDict):
    goldenRows: int
    notes: list[str]


class ForestRequest(TypedDict):
    store: StoreAddress
    version: str
    folder: str
    adversarialRows: int
    boundaryRows: int
    goldenRows: int
    seed: int


class NotCompilable(TypedDict):
    reason: str


class CompiledForest(TypedDict):
    manifestSha256: str
    rows: int


class ReachableRequest(TypedDict):
    store: StoreAddress
    experiment: str
    artifacts: str | None


StoreUpgrade = TypedDict(
    "StoreUpgrade",
    {
        "upgraded": "bool",
        "from": "str | None",
        "to": "str | None",
        "backup": "str | None",
    },
)


Relocation = TypedDict(
    "Relocation",
    {
        "from": "list[str]",
        "to": "str",
        "places": "dict[str, int]",
        "isEmpty": "bool",
        "warnings": "list[str]",
    },
)


Relocated = TypedDict(
    "Relocated",
    {
        "from": "list[str]",
        "to": "str",
        "places": "dict[str, int]",
        "isEmpty": "bool",
        "warnings": "list[str]",
        "backup": "str | None",
    },
)


class Finding(TypedDict):
    invariant: str
    ok: bool
    message: str
    subjects: list[str]
    code: str | None
    cure: NotRequired[str]


class Inventory(TypedDict):
    versions: list[VersionFacts]
    models: list[OrphanedModel]
    searches: list[SearchRun]
    folders: list[WorkFolder]


class VersionFacts(TypedDict):
    version: str
    made: bool
    search: str | None
    split: str | None
    bytes: float
    usedBy: str | None
    servedBy: int | None
    busy: bool


class OrphanedModel(TypedDict):
    id: str
    busy: bool
    ageDays: float
    bytes: float
    status: str
    whole: bool
    pruned: bool


class SearchRun(TypedDict):
    id: str
    busy: bool
    ageDays: float
    bytes: float
    versions: list[str]
    waiting: bool
    latest: bool
    pruned: bool


class WorkFolder(TypedDict):
    id: str
    busy: bool
    ageDays: float
    bytes: float


class PruneRequest(TypedDict):
    store: StoreAddress
    waitSeconds: float
    versions: list[str]
    models: list[str]
    searches: list[str]
    folders: list[str]


class Pruned(TypedDict):
    deleted: list[str]
    freedBytes: float
    skipped: list[str]


class Notice(TypedDict):
    urls: list[str]
    title: str
    text: str


class NoticeOutcome(TypedDict):
    failed: list[int]


class WindowRequest(TypedDict):
    store: StoreAddress
    version: str
    schema: TableSchema
    source: WindowSource
    sample: int
    seed: int
    file: str
    changes: list[ColumnChange]


WindowSource: TypeAlias = "HeldOutSource | FileSource"


class HeldOutSource(TypedDict):
    kind: Literal["held-out"]


class FileSource(TypedDict):
    kind: Literal["file"]
    dataset: Dataset
    invalidRecords: list[int]


ColumnChange: TypeAlias = "RandomIntegers | Scale"


RandomIntegers = TypedDict(
    "RandomIntegers",
    {
        "kind": "Literal['random-integers']",
        "column": "str",
        "from": "float",
        "to": "float",
    },
)


class Scale(TypedDict):
    kind: Literal["scale"]
    column: str
    factor: float


class Window(TypedDict):
    rows: list[list[str | float | bool | None]]
    columns: list[str]
    labelled: bool
    sameData: bool


class DriftRequest(TypedDict):
    store: StoreAddress
    version: str
    schema: TableSchema
    file: str
    answers: list[Scored]
    limits: DriftLimits
    reportFolder: str


class Scored(TypedDict):
    label: float
    probability: float | None
    threshold: float | None


class DriftLimits(TypedDict):
    share: float
    count: float
    numberMethod: str
    categoryMethod: str
    columnThreshold: float


class DriftReport(TypedDict):
    columns: list[ColumnScore]
    performance: Performance | None
    reports: ReportPaths | None
    rows: float
    warnings: list[str]


class ColumnScore(TypedDict):
    name: str
    method: str
    score: float | None


class Performance(TypedDict):
    rows: float
    reference: dict[str, float | None]
    window: dict[str, float | None]


class ReportPaths(TypedDict):
    html: str
    json: str


class RetrainingRequest(TypedDict):
    store: StoreAddress
    version: str
    schema: TableSchema
    file: str
    path: str


class RetrainingTable(TypedDict):
    path: str
    rows: float
    newRows: float


StageMove = TypedDict(
    "StageMove",
    {
        "version": "str",
        "from": "Literal['None', 'Staging', 'Production', 'Archived']",
        "to": "Literal['None', 'Staging', 'Production', 'Archived']",
        "reason": "str",
    },
)


class MeasuredSkill(TypedDict):
    rows: int
    churners: int
    customers: int
    churnedCustomers: int
    stayedCustomers: int
    f1: float
    f1FlagAll: float
    gain: float
    gainLow: float
    auc: float | None
    aucLow: float | None
    aucHigh: float | None
