"""What decisions cost on the sealed test of AI4I over many splits: our policies beside the usual ways to set a threshold.

One model throughout, scikit-learn's HistGradientBoostingClassifier as it comes, so that only the decision differs. A miss costs 20
false alarms; the second time at most 3 % of the rows may be flagged. All ways choose on the same out-of-fold predictions (5
folds); TunedThresholdClassifierCV gets the same folds and a scorer that says what we ask for.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import log_loss, make_scorer
from sklearn.model_selection import TunedThresholdClassifierCV
from threadpoolctl import threadpool_limits

from tests.benchmarks.pictures import draw
from tests.benchmarks.rows import Row
from trainers.data.load import DataSpec, Table, load
from trainers.data.split import Split, SplitSpec, assign
from trainers.evaluation.calibrate import Calibrated, calibrate
from trainers.evaluation.calibration import CalibrationMethod
from trainers.evaluation.crossfit import crossfit
from trainers.evaluation.decide import scored
from trainers.evaluation.threshold.choose import rule_for
from trainers.evaluation.threshold.spec import ExpectedCost, ThresholdSpec
from trainers.portable.rules import Cut

AI4I = Path(__file__).parents[2] / "examples/data/ai4i2020.csv"
EXCLUDED = ("UDI", "Product ID", "TWF", "HDF", "PWF", "OSF", "RNF")
SPLITS = 20
MISS = 20.0
CAPACITY = 0.03
COST = ThresholdSpec(expected_cost=ExpectedCost(false_negative=MISS, false_positive=1))
LIMITED = COST.model_copy(update={"capacity": CAPACITY})
BY_TYPE = COST.model_copy(update={"segment_on": ("Type",), "min_segment_cases": 20})
PEERS = {"half": "0.5", "f1": "best F1", "tuned": "TunedThresholdClassifierCV"}
NAMES = (
    *(f"threshold_{policy}_{peer}" for policy in ("cost", "capacity") for peer in PEERS),
    "threshold_by_type",
    "calibration_log_loss",
)
Flags = Mapping[str, np.ndarray]


def rows() -> Iterator[Row]:
    """Judges every way to decide on every split."""
    table = load(DataSpec(uri=str(AI4I), target="Machine failure", positive_class="1", exclude=EXCLUDED))
    with threadpool_limits(1):  # small fits, whose threads would only wait for each other on a busy machine
        found = [_split(table, seed) for seed in range(SPLITS)]
    for policy, limited in (("cost", False), ("capacity", True)):
        costs = {way: np.array([each[policy][way][0] for each in found]) for way in ("ours", *PEERS)}
        shares = {way: np.array([each[policy][way][1] for each in found]) for way in ("ours", *PEERS)}
        for peer, name in PEERS.items():
            note = f"{name}; {_paired(costs['ours'], costs[peer])}"
            if limited:
                note += f"; flagged {_flagged(shares['ours'])} and {_flagged(shares[peer])}"
            yield Row(f"threshold_{policy}_{peer}", costs["ours"].mean(), costs[peer].mean(), "cost", "< 1", note)
        _picture(policy, costs)
    ours, shared = (np.array([each["by_type"][way][0] for each in found]) for way in ("ours", "shared"))
    note = f"one threshold for all types; {_paired(ours, shared)}"
    yield Row("threshold_by_type", ours.mean(), shared.mean(), "cost", "told", note)
    after, before = (np.array([each["log_loss"][way][0] for each in found]) for way in ("ours", "given"))
    kept = int(sum(each["log_loss"]["ours"][1] for each in found))
    note = f"as the model gives them; calibration kept in {kept} of {len(found)} splits; {_paired(after, before)}"
    yield Row("calibration_log_loss", after.mean(), before.mean(), "log loss", "<= 1.0", note)


def _split(table: Table, seed: int) -> dict[str, dict[str, tuple[float, float]]]:
    """Cost and share flagged on the sealed test of one split, by policy and way to decide."""
    split = assign(table, SplitSpec(stratify_on=("Type",), seed=seed))
    X = table.features.assign(Type=table.features["Type"].astype("category"))
    out_of_fold = [
        _fitted(X, table.target, fold.train).predict_proba(X.iloc[fold.validation])[:, 1] for fold in split.folds
    ]
    dev = np.concatenate([fold.validation for fold in split.folds])
    test = split.open_test("bench", "to compare ways to decide")
    model = _fitted(X, table.target, split.development)
    probabilities = model.predict_proba(X.iloc[test])[:, 1]
    seen = np.concatenate(out_of_fold)

    def judged(spec: ThresholdSpec, rule: Cut | None = None) -> tuple[float, float]:
        rule = rule or rule_for(scored(table, dev, seen, spec), spec)
        return _cost(table.target[test], scored(table, test, probabilities, spec).flagged_by(rule))

    half, f1 = judged(COST, Cut(0.5)), judged(ThresholdSpec(metric="f1"))
    told = {
        name: {"ours": judged(spec), "half": half, "f1": f1, "tuned": _tuned(X, table, split, test, score)}
        for name, spec, score in (("cost", COST, _score), ("capacity", LIMITED, _limited_score))
    }
    calibrated = _calibrated(table, split, out_of_fold, model)
    losses = (
        log_loss(table.target[test], each.predict_proba(X.iloc[test])[:, 1]) for each in (calibrated.model, model)
    )
    return {
        **told,
        "by_type": {"ours": judged(BY_TYPE), "shared": told["cost"]["ours"]},
        "log_loss": dict(zip(("ours", "given"), ((loss, float(calibrated.kept)) for loss in losses), strict=True)),
    }


def _fitted(X: pd.DataFrame, y: np.ndarray, rows: np.ndarray) -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(categorical_features="from_dtype", random_state=0).fit(X.iloc[rows], y[rows])


def _tuned(X: pd.DataFrame, table: Table, split: Split, test: np.ndarray, score: Callable) -> tuple[float, float]:
    """scikit-learn's own way, with the same folds."""
    place = {row: i for i, row in enumerate(split.development)}
    folds = [tuple(np.array([place[row] for row in rows]) for rows in (f.train, f.validation)) for f in split.folds]
    tuned = TunedThresholdClassifierCV(
        HistGradientBoostingClassifier(categorical_features="from_dtype", random_state=0),
        scoring=make_scorer(score),
        cv=folds,
    )
    tuned.fit(X.iloc[split.development], table.target[split.development])
    return _cost(table.target[test], tuned.predict(X.iloc[test]) == 1)


def _score(y: np.ndarray, labels: np.ndarray) -> float:
    return -_cost(y, labels == 1)[0]


def _limited_score(y: np.ndarray, labels: np.ndarray) -> float:
    cost, flagged = _cost(y, labels == 1)
    return -cost if flagged <= CAPACITY else -1e6 * flagged


def _calibrated(
    table: Table, split: Split, predictions: Sequence[np.ndarray], model: HistGradientBoostingClassifier
) -> Calibrated:
    y_folds = [table.target[fold.validation] for fold in split.folds]
    folds = crossfit(split, range(len(split.folds)))
    return calibrate(model, y_folds, predictions, folds, None, CalibrationMethod.AUTO, 2)


def _cost(y: np.ndarray, flagged: np.ndarray) -> tuple[float, float]:
    return float(MISS * (y[~flagged] == 1).sum() + (y[flagged] == 0).sum()), float(flagged.mean())


def _paired(ours: np.ndarray, theirs: np.ndarray) -> str:
    """Mean difference over the splits with its standard error, and how often ours is lower or level."""
    difference = ours - theirs
    error = difference.std(ddof=1) / np.sqrt(len(difference)) if len(difference) > 1 else float("nan")
    level = int((difference <= 0).sum())
    return f"difference {difference.mean():.3g}, standard error {error:.2g}; no higher in {level} of {len(ours)} splits"


def _flagged(shares: np.ndarray) -> str:
    return f"{shares.mean():.1%} (over the capacity in {int((shares > CAPACITY).sum())})"


def _picture(policy: str, costs: Mapping[str, np.ndarray]) -> None:
    order = np.argsort(costs["ours"])
    series = {name: (range(1, len(order) + 1), costs[way][order]) for way, name in {"ours": "ours", **PEERS}.items()}
    under = f", at most {CAPACITY:.0%} flagged" if policy == "capacity" else ""
    draw(f"threshold_{policy}", series, "splits, the cheapest by our policy first", f"cost on the sealed test{under}")
