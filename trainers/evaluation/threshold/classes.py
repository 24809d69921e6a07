"""How one of several classes is decided: by what mistakes cost, or by a weight for each class that suits a metric."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from trainers.evaluation import confusion
from trainers.evaluation.crossfit import CrossFit
from trainers.evaluation.threshold.spec import MistakeCost, ThresholdSpec
from trainers.portable.rules import Weighing, most_probable
from trainers.report.values import ClassDecision, ClassOutcome, ClassWeights

METRICS: Mapping[str, confusion.FromCounts] = {
    "f1_macro": partial(confusion.macro, confusion.f1s),
    "f1_weighted": partial(confusion.weighted, confusion.f1s),
    "jaccard_macro": partial(confusion.macro, confusion.jaccards),
    "balanced_accuracy": confusion.balanced_accuracy,
    "accuracy": confusion.accuracy,
    "matthews_corrcoef": confusion.matthews_corrcoef,
}
STEPS = 1000  # values of a weight that are tried at once; with more distinct ones, even quantiles of them
ROUNDS = 20


@dataclass(frozen=True)
class ChosenClasses:
    """The decision of a target with several classes.

    Attributes:
        rule: What decides, here and in the logged model.
        baseline: The best baseline's rule, by the same policy.
        decision: What the report says of it; None where nothing was asked for and the most probable class is taken.
    """

    rule: Weighing
    baseline: Weighing
    decision: ClassDecision | None


@dataclass(frozen=True)
class ClassPolicy:
    """What a good decision among k classes is.

    Attributes:
        words: In words.
        costs: (k, k) cost by true and decided class; zeros where none are given.
        objective: What is maximised, (m,) of counts (m, k, k).
        rule: The best rule for class indices (n,) and probabilities (n, k).
    """

    words: str
    costs: np.ndarray
    objective: confusion.FromCounts
    rule: Callable[[np.ndarray, np.ndarray], Weighing]


def choose_classes(
    y: np.ndarray,
    probabilities: np.ndarray,
    baseline: np.ndarray,
    classes: Sequence[object],
    spec: ThresholdSpec,
    folds: CrossFit,
) -> ChosenClasses:
    """Chooses how one of k classes is decided.

    Args:
        y: (n,) class indices.
        probabilities: (n, k) out-of-fold probabilities.
        baseline: (n, k) those of the best baseline.
        classes: Labels by class index.
        spec: The policy.
        folds: Where the folds are among the rows.
    """
    k = len(classes)
    policy = class_policy(spec, classes)
    if policy is None:
        return ChosenClasses(most_probable(k), most_probable(k), None)
    rule, theirs = policy.rule(y, probabilities), policy.rule(y, baseline)
    labels = rule.labels(probabilities)
    held_out = labels.copy()
    for fold in folds.taught:
        rows, teachers = folds.folds[fold], folds.teachers[fold]
        held_out[rows] = policy.rule(y[teachers], probabilities[teachers]).labels(probabilities[rows])
    judged = np.concatenate([np.empty(0, np.int64), *(folds.folds[fold] for fold in folds.taught)])
    decision = ClassDecision(
        policy=policy.words,
        labels=tuple(str(label) for label in classes),
        matrix=tuple(ClassWeights(row) for row in rule.matrix),
        chosen=class_outcome(y, labels, policy),
        most_probable=class_outcome(y, probabilities.argmax(axis=1), policy),
        baseline=class_outcome(y, theirs.labels(baseline), policy),
        held_out=class_outcome(y[judged], held_out[judged], policy) if len(judged) else None,
    )
    return ChosenClasses(rule, theirs, decision)


def class_policy(spec: ThresholdSpec, classes: Sequence[object]) -> ClassPolicy | None:
    """The policy that a spec asks for; None for the most probable class."""
    k = len(classes)
    if spec.cost_matrix:
        costs = cost_table(spec.cost_matrix, classes)
        words = f"least expected cost, with {_told(spec.cost_matrix)}, and 1 for any other mistake"
        least = Weighing(tuple(tuple(float(-cost) for cost in row) for row in costs))
        return ClassPolicy(words, costs, lambda counts: -(counts * costs).sum(axis=(1, 2)), lambda y, p: least)
    if spec.metric:
        metric = METRICS[spec.metric]
        words = f"highest {spec.metric}, by a weight for each class"
        return ClassPolicy(words, np.zeros((k, k)), metric, partial(_weighed, metric))
    return None


def cost_table(mistakes: Sequence[MistakeCost], classes: Sequence[object]) -> np.ndarray:
    """(k, k) costs by true and decided class; a mistake that is not listed costs 1, a right decision nothing."""
    place = {str(label): i for i, label in enumerate(classes)}
    costs: np.ndarray = 1.0 - np.eye(len(classes))
    for mistake in mistakes:
        costs[place[mistake.truth], place[mistake.decided]] = mistake.cost
    return costs


def class_outcome(y: np.ndarray, labels: np.ndarray, policy: ClassPolicy) -> ClassOutcome:
    """What deciding these class indices does to rows of class indices ``y``."""
    counts = _counts(y, labels, len(policy.costs))[None]
    return ClassOutcome(
        objective=float(policy.objective(counts)[0]),
        cost=float((counts[0] * policy.costs).sum()),
        recalls=tuple(float(each) for each in confusion.recalls(counts)[0]),
        precisions=tuple(float(each) for each in confusion.precisions(counts)[0]),
    )


def _told(mistakes: Sequence[MistakeCost]) -> str:
    shown = [f"{m.cost:g} for {m.decided} where {m.truth} is true" for m in mistakes[:4]]
    return ", ".join(shown) + (f" and {len(mistakes) - 4} more" if len(mistakes) > 4 else "")


def _weighed(metric: confusion.FromCounts, y: np.ndarray, probabilities: np.ndarray) -> Weighing:
    """Weights of the classes, by coordinate ascent from equal ones: no other value of any single weight is better."""
    weights = np.ones(probabilities.shape[1])
    best = _score(metric, y, probabilities, weights)
    for _ in range(ROUNDS):
        before = best
        for each in range(len(weights)):
            tried = weights.copy()
            tried[each] = _best_weight(metric, y, probabilities, weights, each)
            score = _score(metric, y, probabilities, tried)
            if score > best:
                weights, best = tried, score
        if best <= before:
            break
    weights = weights / np.exp(np.log(weights).mean())
    return Weighing(tuple(tuple(float(v) for v in row) for row in np.diag(weights)))


def _best_weight(
    metric: confusion.FromCounts, y: np.ndarray, probabilities: np.ndarray, weights: np.ndarray, each: int
) -> float:
    """The best weight of one class while the others stay; of equally good ones the nearest to the present one."""
    weighed = probabilities * weights
    weighed[:, each] = -1.0
    other = weighed.argmax(axis=1)
    # The class is decided from the weight on at which it reaches the best other one.
    reached = np.divide(
        weighed.max(axis=1),
        probabilities[:, each],
        out=np.full(len(y), np.inf),
        where=probabilities[:, each] > 0,
    )
    distinct = np.unique(reached[np.isfinite(reached)])
    if not len(distinct):
        return float(weights[each])
    if len(distinct) > STEPS:
        distinct = np.unique(np.quantile(distinct, np.linspace(0, 1, STEPS)))
    tried = np.concatenate([distinct[:1] / 2, (distinct[1:] + distinct[:-1]) / 2, distinct[-1:] * 2])
    tried = np.unique(tried[tried > 0])
    k, switched = len(weights), np.searchsorted(tried, reached, side="right")
    moved = switched < len(tried)
    change = np.zeros((len(tried), k, k))
    np.add.at(change, (switched[moved], y[moved], other[moved]), -1)
    np.add.at(change, (switched[moved], y[moved], each), 1)
    scores = metric(_counts(y, other, k) + np.cumsum(change, axis=0))
    level = np.flatnonzero(scores == scores.max())
    return float(tried[level[np.argmin(np.abs(np.log(tried[level] / weights[each])))]])


def _score(metric: confusion.FromCounts, y: np.ndarray, probabilities: np.ndarray, weights: np.ndarray) -> float:
    return float(metric(_counts(y, (probabilities * weights).argmax(axis=1), len(weights))[None])[0])


def _counts(y: np.ndarray, labels: np.ndarray, k: int) -> np.ndarray:
    """(k, k) rows by true and decided class."""
    return np.bincount(k * y + labels, minlength=k * k).reshape(k, k)
