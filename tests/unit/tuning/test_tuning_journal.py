import json

import numpy as np
import pytest

from tuning.journal import Journal, JournalError
from tuning.objective import FoldResult, Study

STUDY = Study("trees", {}, {})
PARAMS = {"depth": 3, "rate": 0.1}
IDENTITY = {"identity": "table", "seed": 1, "folds": 5}


def result(fold, rows=7):
    return FoldResult(0.5 + fold / 10, 1.5, np.arange(rows) + fold, {"rounds": np.int64(12), "curve": [0.3, 0.2]})


@pytest.fixture
def filled(tmp_path):
    with Journal(tmp_path, IDENTITY) as journal:
        for fold in range(3):
            journal.add(STUDY, PARAMS, fold, result(fold))
        journal.add(STUDY, {"depth": 9}, 0, "ValueError: too deep")
    return tmp_path


def test_what_was_added_is_found_again(filled):
    with Journal(filled, IDENTITY) as journal:
        folds = journal.folds(STUDY, {"rate": 0.1, "depth": 3})
        assert [record.score for record in folds] == [0.5, 0.6, 0.7]
        assert folds[0].details == {"rounds": 12, "curve": [0.3, 0.2]}
        assert folds[0].fit_seconds == 1.5
        for fold, predictions in enumerate(journal.predictions(STUDY, PARAMS)):
            np.testing.assert_array_equal(predictions, np.arange(7) + fold)
        (failed,) = journal.folds(STUDY, {"depth": 9})
        assert (failed.score, failed.reason) == (None, "ValueError: too deep")
        assert journal.folds(Study("other", {}, {}), PARAMS) == []


def test_predictions_can_be_read_after_closing(filled):
    with Journal(filled, IDENTITY) as journal:
        pass
    assert len(journal.predictions(STUDY, PARAMS)) == 3


@pytest.mark.parametrize("lost", [1, 10, 80])
def test_a_torn_last_line_is_cut_off_and_the_journal_goes_on(filled, lost):
    path = filled / "folds.jsonl"
    path.write_bytes(path.read_bytes()[:-lost])
    with Journal(filled, IDENTITY) as journal:
        assert journal.folds(STUDY, {"depth": 9}) == []
        assert len(journal.folds(STUDY, PARAMS)) == 3
        journal.add(STUDY, {"depth": 9}, 0, result(4))
    with Journal(filled, IDENTITY) as journal:
        assert journal.folds(STUDY, {"depth": 9})[0].score == 0.9
        np.testing.assert_array_equal(journal.predictions(STUDY, {"depth": 9})[0], np.arange(7) + 4)
    for line in path.read_text().splitlines():
        json.loads(line)


def test_a_line_whose_predictions_never_reached_the_disk_is_not_believed(tmp_path):
    with Journal(tmp_path, IDENTITY) as journal:
        journal.add(STUDY, PARAMS, 0, result(0))
        journal.add(STUDY, PARAMS, 1, result(1))
    arrays = tmp_path / "predictions.npy"
    arrays.write_bytes(arrays.read_bytes()[:-3])
    with Journal(tmp_path, IDENTITY) as journal:
        assert len(journal.folds(STUDY, PARAMS)) == 1
        assert len(journal.predictions(STUDY, PARAMS)) == 1


@pytest.mark.parametrize("changed", [{"identity": "other table"}, {"seed": 2}, {"folds": 3}])
def test_the_journal_of_another_search_is_refused(filled, changed):
    before = (filled / "folds.jsonl").read_bytes()
    with pytest.raises(JournalError, match=f"its {next(iter(changed))} is .* Use another folder"):
        Journal(filled, {**IDENTITY, **changed})
    assert (filled / "folds.jsonl").read_bytes() == before


def test_details_that_are_not_json_are_refused_with_what_would_be_right(tmp_path):
    with Journal(tmp_path, IDENTITY) as journal, pytest.raises(TypeError, match="use numbers, strings"):
        journal.add(STUDY, PARAMS, 0, FoldResult(0.5, 0.1, np.zeros(2), {"model": object()}))


def test_matrices_and_floats_come_back_exactly(tmp_path):
    predictions = np.random.default_rng(0).random((4, 3))
    with Journal(tmp_path, IDENTITY) as journal:
        journal.add(STUDY, {"x": 0.1 + 0.2}, 0, FoldResult(1 / 3, 0.1, predictions))
    with Journal(tmp_path, IDENTITY) as journal:
        assert journal.folds(STUDY, {"x": 0.1 + 0.2})[0].score == 1 / 3
        np.testing.assert_array_equal(journal.predictions(STUDY, {"x": 0.1 + 0.2})[0], predictions)
