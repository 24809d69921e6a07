import numpy as np
import pytest

from tuning.course import Proposal
from tuning.journal import Journal
from tuning.ledger import Ledger
from tuning.objective import FoldResult, Study
from tuning.racing import Race
from tuning.result import SearchError, TrialState
from tuning.space import Parameter

FOLDS = 3
STUDY = Study("trees", {"x": Parameter.model_validate({"uniform": [0, 1]})}, {"x": 0.5})


class Means:
    folds = FOLDS

    def difference(self, ours, theirs):
        return float(np.mean(ours) - np.mean(theirs)), 0.01


def folds(*scores):
    return [FoldResult(score, 2.0, np.full(4, score), {"rounds": 3}) for score in scores]


def propose(number, x, rival=None):
    return Proposal(number, STUDY, {"x": x}, rival, Race(FOLDS))


@pytest.fixture
def books(tmp_path):
    def open_books():
        events = []
        journal = Journal(tmp_path, {"seed": 1})
        return Ledger(Means(), Race(FOLDS), journal, 30, events.append), events

    return open_books


def test_a_trial_is_completed_by_its_last_fold(books):
    ledger, events = books()
    assert ledger.begin(propose(0, 0.1)) is None
    assert ledger.add(0, folds(0.5), "") is None
    outcome = ledger.add(0, folds(0.6, 0.7), "")
    assert outcome.state is TrialState.COMPLETED
    assert outcome.fold_scores == (0.5, 0.6, 0.7)
    assert outcome.mean == pytest.approx(0.6)
    assert outcome.fit_seconds == 6.0
    assert outcome.details == ({"rounds": 3},) * 3
    assert [(e.trial.state, e.fits_done, e.trials_done) for e in events] == [
        ("running", 0, 0),
        ("running", 1, 0),
        ("completed", 3, 1),
    ]
    assert events[-1].best == outcome
    assert events[-1].fits_planned == 30


def test_sums_with_a_stopped_and_a_failed_trial(books):
    ledger, events = books()
    for number in range(3):
        ledger.begin(propose(number, 0.1 * number))
    ledger.add(0, folds(0.5, 0.6, 0.7), "")
    stopped = ledger.add(1, folds(0.1), "behind")
    failed = ledger.add(2, [*folds(0.2), "ValueError: no"], "")
    assert (stopped.state, stopped.reason) == (TrialState.STOPPED, "behind")
    assert (failed.state, failed.reason, failed.fold_scores) == (TrialState.FAILED, "ValueError: no", (0.2,))
    assert events[-1].fits_done == 9
    result = ledger.result("done", 1.0)
    assert (result.fits, result.fits_without_racing, result.resumed_fits) == (6, 8, 0)
    assert result.best(STUDY) == result.best() == result.outcomes[0]
    np.testing.assert_array_equal(np.concatenate(result.predictions(stopped)), np.full(4, 0.1))


def test_what_the_journal_has_is_taken_up_with_the_same_verdicts(books):
    ledger, _ = books()
    ledger.begin(propose(0, 0.1))
    best = ledger.add(0, folds(0.5, 0.6, 0.7), "")
    ledger.begin(propose(1, 0.2, best))
    stopped = ledger.add(1, folds(0.1), Race(FOLDS).verdict(Means(), [np.full(4, 0.1)], [np.full(4, 0.5)]))
    assert stopped.state is TrialState.STOPPED
    ledger.begin(propose(2, 0.3))
    failed = ledger.fail(2, "its worker died")
    ledger.begin(propose(3, 0.4, best))
    ledger.add(3, folds(0.9), "")
    ledger.journal.__exit__()

    again, _ = books()
    assert again.begin(propose(0, 0.1)) == best
    assert again.begin(propose(1, 0.2, best)) == stopped
    assert again.begin(propose(2, 0.3)) == failed
    assert again.begin(propose(3, 0.4, best)) is None
    assert len(again.finished_predictions(3)) == 1
    again.add(3, folds(0.9, 0.9), "")
    result = again.result("done", 1.0)
    assert result.best().number == 3
    assert (result.fits, result.resumed_fits) == (8, 6)


def test_without_a_completed_trial_there_is_no_result(books):
    ledger, _ = books()
    with pytest.raises(SearchError, match=r"The time budget was spent\. .* or time"):
        ledger.result("The time budget was spent.", 1.0)
    ledger.begin(propose(0, 0.1))
    ledger.add(0, folds(0.1), "behind")
    with pytest.raises(SearchError, match="behind"):
        ledger.result("done", 1.0)


def test_a_finished_baseline_alone_is_no_result_of_a_search(books):
    ledger, _ = books()
    ledger.begin(Proposal(0, Study("dummy", {}, {}), {}, None, Race(FOLDS)))
    ledger.add(0, folds(0.1, 0.1, 0.1), "")
    assert ledger.result("done", 1.0).best().study.name == "dummy"
    ledger.begin(propose(1, 0.1))
    ledger.fail(1, "ValueError: no")
    with pytest.raises(SearchError, match="ValueError: no"):
        ledger.result("done", 1.0)


def test_the_earlier_of_equals_is_best(books):
    ledger, events = books()
    for number in (0, 1):
        ledger.begin(propose(number, 0.1 + number))
    second, first = ledger.add(1, folds(0.5, 0.5, 0.5), ""), ledger.add(0, folds(0.5, 0.5, 0.5), "")
    assert second.mean == first.mean
    assert ledger.result("done", 1.0).best() == events[-1].best == first
