"""Books of a running search: which trials are open, what each has finished, and what it all adds up to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from tuning.course import Proposal
from tuning.journal import FoldRecord, Journal
from tuning.objective import FoldResult, Objective
from tuning.racing import Race
from tuning.result import SearchError, SearchEvent, SearchResult, TrialOutcome, TrialState, best_of


@dataclass
class OpenTrial:
    """A trial that has not ended.

    Attributes:
        proposal: What it tries.
        records: Its finished folds, in fold order.
        verdict: Why it was stopped, in a sentence; empty while it goes on.
        deaths: Workers that died under it.
    """

    proposal: Proposal
    records: list[FoldRecord] = field(default_factory=list)
    verdict: str = ""
    deaths: int = 0

    def outcome(self, state: TrialState, reason: str = "") -> TrialOutcome:
        """The trial as it stands."""
        scored = [(r.score, r) for r in self.records if r.score is not None]
        return TrialOutcome(
            number=self.proposal.number,
            study=self.proposal.study,
            params=self.proposal.params,
            state=state,
            fold_scores=tuple(score for score, _ in scored),
            fit_seconds=sum(record.fit_seconds for _, record in scored),
            reason=reason,
            details=tuple(record.details for _, record in scored),
        )


@dataclass
class Ledger:
    """Keeps the books; every entry goes to the journal and is reported.

    Attributes:
        objective: Compares predictions when a trial is taken up from the journal.
        race: The test that stops trials.
        journal: Where finished folds are kept.
        planned: Fold fits if nothing ends early.
        report: Told of every entry.
    """

    objective: Objective
    race: Race
    journal: Journal
    planned: int
    report: Callable[[SearchEvent], None]
    open: dict[int, OpenTrial] = field(default_factory=dict)
    _ended: dict[int, TrialOutcome] = field(default_factory=dict)
    _best: TrialOutcome | None = None
    _fits: int = 0
    _resumed: int = 0
    _saved: int = 0

    def begin(self, proposal: Proposal) -> TrialOutcome | None:
        """Opens a trial; returns its outcome at once if the journal has all of it."""
        trial = self.open[proposal.number] = OpenTrial(proposal)
        trial.records = self.journal.folds(proposal.study, proposal.params)
        self._fits += len(trial.records)
        self._resumed += len(trial.records)
        if trial.records:
            trial.verdict = self._replay(proposal)
        return self._settle(proposal.number)

    def add(self, number: int, results: Sequence[FoldResult | str], verdict: str) -> TrialOutcome | None:
        """Enters finished folds of a trial; returns its outcome if that was the last it needed.

        Args:
            number: Of the trial.
            results: Of its next folds, in order; a text is the reason of a failure.
            verdict: Why the race stopped it, or empty.
        """
        trial = self.open[number]
        for result in results:
            fold = len(trial.records)
            trial.records.append(self.journal.add(trial.proposal.study, trial.proposal.params, fold, result))
        self._fits += len(results)
        trial.verdict = verdict
        return self._settle(number)

    def fail(self, number: int, reason: str) -> TrialOutcome:
        """Closes a trial that cannot go on."""
        trial = self.open[number]
        fold, proposal = len(trial.records), trial.proposal
        trial.records.append(self.journal.add(proposal.study, proposal.params, fold, reason))
        return self._close(number, TrialState.FAILED, reason)

    def result(self, ended_by: str, wall: float) -> SearchResult:
        """Adds up the ended trials.

        Raises:
            SearchError: No trial that searches a space was completed, or no trial at all.
        """
        outcomes = tuple(self._ended[number] for number in sorted(self._ended))
        searched = [o for o in outcomes if o.study.space] or outcomes
        if not any(o.state is TrialState.COMPLETED for o in searched):
            cause = next((o.reason for o in reversed(searched) if o.reason), ended_by)
            raise SearchError(
                f"No configuration was scored on all folds. {cause} Mend the cause, or allow more trials or time."
            )
        return SearchResult(
            outcomes=outcomes,
            fits=self._fits,
            fits_without_racing=self._fits + self._saved,
            resumed_fits=self._resumed,
            fit_seconds=sum(o.fit_seconds for o in outcomes),
            wall=wall,
            ended_by=ended_by,
            read_predictions=self.predictions,
        )

    def predictions(self, outcome: TrialOutcome) -> list[np.ndarray]:
        """Predictions of the finished folds of a trial."""
        return self.journal.predictions(outcome.study, outcome.params)

    def finished_predictions(self, number: int) -> list[np.ndarray]:
        """Predictions of the folds that an open trial has finished."""
        trial = self.open[number]
        return self.journal.predictions(trial.proposal.study, trial.proposal.params) if trial.records else []

    def _replay(self, proposal: Proposal) -> str:
        """Decides again what was decided after the last fold in the journal."""
        if proposal.rival is None:
            return ""
        ours = self.journal.predictions(proposal.study, proposal.params)
        return proposal.race.verdict(self.objective, ours, self.predictions(proposal.rival))

    def _settle(self, number: int) -> TrialOutcome | None:
        """Closes a trial that needs no more folds; reports it in any case."""
        trial = self.open[number]
        if trial.records and trial.records[-1].score is None:
            return self._close(number, TrialState.FAILED, trial.records[-1].reason)
        if trial.verdict:
            self._saved += self.race.folds - len(trial.records)
            return self._close(number, TrialState.STOPPED, trial.verdict)
        if len(trial.records) >= self.race.folds:
            return self._close(number, TrialState.COMPLETED, "")
        self._tell(trial.outcome(TrialState.RUNNING))
        return None

    def _close(self, number: int, state: TrialState, reason: str) -> TrialOutcome:
        outcome = self._ended[number] = self.open.pop(number).outcome(state, reason)
        self._best = best_of(o for o in (self._best, outcome) if o)
        self._tell(outcome)
        return outcome

    def _tell(self, outcome: TrialOutcome) -> None:
        folds = self.race.folds * len(self._ended) + sum(len(trial.records) for trial in self.open.values())
        self.report(SearchEvent(outcome, folds, self.planned, len(self._ended), self._best))
