"""A committee of one family, each member fitted on rows weighted by what those before got wrong (AdaBoost).

Classes: SAMME (Zhu, Zou, Rosset and Hastie, "Multi-class AdaBoost", 2009). Numbers: AdaBoost.R2 with the linear loss
(Drucker, "Improving regressors using boosting techniques", 1997), with weights in place of weighted draws.

Rounds follow each other, since each needs the errors of the one before. What runs in parallel are the committees: that of
each fold and that of all development rows go through a round together.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from trainers.data.table import Table, Task
from trainers.ensembles.ensemble import Dropped, Ensemble, EnsembleError, Leader, Material, Part
from trainers.ensembles.spec import EnsembleKind, EnsembleSpec
from trainers.evaluation.metrics import to_labels
from trainers.families import registry
from trainers.fits import Failed, Fit, FitAll, Fitted, Outcome
from trainers.portable.ensemble import CommitteeClassifier, CommitteeRegressor, vote, weighted_median


@dataclass(frozen=True)
class _Committee:
    """A committee after some rounds.

    Attributes:
        name: Whose rows it is fitted on.
        rows: Training rows.
        scored: Rows it is scored on.
        weight: Weight of each training row in the next round; their mean is 1.
        members: Members so far.
        say: Weight of each member in the vote.
        goes_on: Whether there is a next round.
        dropped: The member that ended it, if one did.
    """

    name: str
    rows: np.ndarray
    scored: np.ndarray
    weight: np.ndarray
    members: tuple[Fitted, ...] = ()
    say: tuple[float, ...] = ()
    goes_on: bool = True
    dropped: tuple[Dropped, ...] = ()


def boosting(spec: EnsembleSpec, given: Material, fit_all: FitAll) -> Ensemble:
    """Boosts one family: a committee on the training rows of each fold, and one on all development rows.

    Raises:
        EnsembleError: The first member of a committee could not be fitted.
    """
    # The simplest family unless told: a strong one leaves no errors to weigh.
    simplest = sorted(given.leaders, key=lambda leader: registry.get(leader.family).complexity)
    leader = given.leader(spec.family, simplest)
    nothing = np.empty(0, dtype=np.int64)
    committees = [_begin("all development rows", given.split.development, nothing)]
    committees += [_begin(f"fold {k + 1}", f.train, f.validation) for k, f in enumerate(given.split.folds)]
    for _ in range(spec.members or 0):
        open_ones = [i for i, committee in enumerate(committees) if committee.goes_on]
        outcomes = fit_all([_job(committees[i], leader, given, keep_model=i == 0) for i in open_ones])
        for i, outcome in zip(open_ones, outcomes, strict=True):
            committees[i] = _next(committees[i], outcome, given.table)
    final, *by_fold = committees
    models = [member.pipeline for member in final.members]
    weights = [float(say) for say in np.array(final.say) / sum(final.say)]
    committee = CommitteeRegressor if given.task is Task.REGRESSION else CommitteeClassifier
    members = tuple(tuple(_scored(c, member) for member in c.members) for c in by_fold)
    fitted = [member for each in committees for member in each.members]
    return Ensemble(
        kind=EnsembleKind.BOOSTING,
        params={"family": leader.family, "members": spec.members, **leader.params},
        parts=tuple(Part(leader.family, weight, leader.params) for weight in weights),
        dropped=tuple(each for c in committees for each in c.dropped),
        predictions=tuple(_decide(fold, c.say, given.table) for c, fold in zip(by_fold, members, strict=True)),
        members=members,
        fits=len(fitted),
        fit_seconds=sum(member.seconds for member in fitted),
        assemble=lambda families: committee(models, weights),
    )


def _begin(name: str, rows: np.ndarray, scored: np.ndarray) -> _Committee:
    return _Committee(name, rows, scored, np.ones(len(rows)))


def _job(committee: _Committee, leader: Leader, given: Material, keep_model: bool) -> Fit:
    round_ = len(committee.members)
    return Fit(
        leader.family,
        leader.params,
        committee.rows,
        given.seed + round_,
        leader.rounds,
        np.concatenate([committee.rows, committee.scored]),
        weight=committee.weight,
        keep_model=keep_model,
        label=f"boosting round {round_ + 1}, {committee.name}",
    )


def _next(committee: _Committee, outcome: Outcome, table: Table) -> _Committee:
    """The committee with one more member and new weights, or the same one, ended."""
    label = f"round {len(committee.members) + 1}, {committee.name}"
    if isinstance(outcome, Failed):
        if not committee.members:
            raise EnsembleError(f"The first member for {committee.name} could not be fitted: {outcome.reason}")
        return replace(committee, goes_on=False, dropped=(Dropped(label, outcome.reason),))
    y, predictions = table.target[committee.rows], outcome.predictions[: len(committee.rows)]
    loss, guessing = _loss(y, predictions, table)
    error = float(np.average(loss, weights=committee.weight))
    if error <= 0:  # nothing is left to weigh; its word counts as one
        return _joined(committee, outcome, 1.0, goes_on=False)
    if error >= guessing:
        reason = f"Its weighted error on the training rows is {error:.3g}; from {guessing:.3g} it is no better than guessing."
        if not committee.members:
            return replace(
                _joined(committee, outcome, 1.0, goes_on=False), dropped=(Dropped(label, f"{reason} It stays alone."),)
            )
        return replace(committee, goes_on=False, dropped=(Dropped(label, reason),))
    say = float(np.log((1 - error) / error) + np.log(guessing / (1 - guessing)))
    weight = committee.weight * np.exp(say * loss)
    return replace(_joined(committee, outcome, say, goes_on=True), weight=weight / weight.mean())


def _joined(committee: _Committee, member: Fitted, say: float, *, goes_on: bool) -> _Committee:
    return replace(committee, members=(*committee.members, member), say=(*committee.say, say), goes_on=goes_on)


def _loss(y: np.ndarray, predictions: np.ndarray, table: Table) -> tuple[np.ndarray, float]:
    """Loss of each row, 0 to 1, and its mean for a member that guesses."""
    if table.task is Task.REGRESSION:
        missed = np.abs(y - predictions)
        return missed / max(float(missed.max()), 1e-300), 0.5
    return (to_labels(predictions) != y).astype(float), 1 - 1 / len(table.classes)


def _scored(committee: _Committee, member: Fitted) -> np.ndarray:
    return member.predictions[len(committee.rows) :]


def _decide(members: Sequence[np.ndarray], say: Sequence[float], table: Table) -> np.ndarray:
    """The committee's predictions from those of its members."""
    if table.task is Task.REGRESSION:
        return weighted_median(np.column_stack(members), np.asarray(say))
    labels = np.column_stack([to_labels(member) for member in members])
    probabilities = vote(labels, np.asarray(say), len(table.classes))
    return probabilities[:, 1] if table.task is Task.BINARY else probabilities
