from pathlib import Path
from xml.etree import ElementTree

from trainers.report.plots import Picture
from trainers.report.search_plots import search_pictures
from trainers.report.values import ParameterImportance, Report
from tuning.objective import Study
from tuning.result import SearchResult, TrialOutcome, TrialState
from tuning.space import Parameter

SPACE = {
    "C": Parameter.model_validate({"log_uniform": [0.1, 10]}),
    "gamma": Parameter.model_validate({"uniform": [0, 1], "when": {"kernel": ["rbf"]}}),
    "kernel": Parameter.model_validate({"choice": ["rbf", "linear", None]}),
}
SVM, OTHER = Study("svm", SPACE, {}), Study("ridge", {"alpha": SPACE["C"]}, {})


def outcome(number: int, study: Study, score: float, state: TrialState = TrialState.COMPLETED, **params: object):
    return TrialOutcome(number, study, params, state, (score, score))


def pictures(*outcomes: TrialOutcome) -> list[Picture]:
    report = Report.from_json((Path(__file__).parent / "binary.json").read_text())
    object.__setattr__(report.search, "importances", (ParameterImportance("svm", "kernel", 0.75),))
    found = SearchResult(outcomes, 0, 0, 0, 0.0, 0.0, "", lambda each: [])
    return list(search_pictures(found, (SVM, OTHER), report))


TRIED = (
    outcome(0, OTHER, 0.6, alpha=1.0),
    outcome(1, SVM, 0.7, C=1.0, gamma=0.5, kernel="rbf"),
    outcome(2, SVM, 0.5, TrialState.STOPPED, C=0.2, kernel="linear"),
    outcome(3, SVM, 0.8, C=5.0, kernel=None),
)


def test_the_family_with_the_best_configuration_is_drawn_with_its_words() -> None:
    (shown,) = pictures(*TRIED)
    assert ElementTree.fromstring(shown.svg).tag.endswith("svg")
    assert "3 configurations of svm, each a line: 1 stopped" in shown.text
    assert "of 0.800." in shown.text
    assert "depended most on kernel (75" in shown.text
    assert [p.svg for p in pictures(*TRIED)] == [shown.svg]


def test_fewer_than_three_configurations_are_no_picture() -> None:
    assert pictures(*TRIED[:3]) == []
    assert pictures(outcome(0, OTHER, 0.9, TrialState.FAILED)) == []
