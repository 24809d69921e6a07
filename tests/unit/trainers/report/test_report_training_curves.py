from xml.etree import ElementTree

from trainers.report.training_curves import MOST_POINTS, curve_pictures, diagnose_curves, training_curves
from tuning.objective import Study
from tuning.result import SearchResult, TrialOutcome, TrialState

NEURAL, RIDGE = Study("neural", {}, {}), Study("ridge", {}, {})
FALLING = [1 / (1 + i) for i in range(400)]
WILD = [1.0, 3.0, *FALLING[2:]]


def found(*train: list[float]) -> SearchResult:
    details = tuple({"curves": {"train_loss": t, "validation_loss": FALLING, "learning_rate": FALLING}} for t in train)
    tried = TrialOutcome(0, NEURAL, {}, TrialState.COMPLETED, (0.5,) * len(train), details=details)
    plain = TrialOutcome(1, RIDGE, {}, TrialState.COMPLETED, (0.9,), details=({"curves": {}},))
    return SearchResult((tried, plain), 0, 0, 0, 0.0, 0.0, "", lambda each: [])


def test_curves_are_named_and_thinned_with_the_round_that_is_kept() -> None:
    (curves,) = training_curves(found(WILD, FALLING, WILD), (NEURAL, RIDGE))
    assert (curves.family, curves.shape) == ("neural", "learning_rate_too_high")
    assert [fold.shape == curves.shape for fold in curves.folds] == [True, False, True]
    fold = curves.folds[0]
    assert len(fold.rounds) == len(fold.train_loss) == len(fold.learning_rate) <= MOST_POINTS + 1
    assert fold.kept == fold.rounds[-1] == 400
    assert fold.gradient_norm == ()
    assert fold.validation_loss[0] == 1.0


def test_only_the_chosen_family_is_warned_of_with_both_remedies() -> None:
    curves = training_curves(found(WILD), (NEURAL, RIDGE))
    (finding,) = diagnose_curves(curves, "neural")
    assert finding.code == "LEARNING_RATE_TOO_HIGH"
    assert all(remedy in finding.action for remedy in curves[0].remedies)
    assert not list(diagnose_curves(curves, "ridge"))
    assert not list(diagnose_curves(training_curves(found(FALLING), (NEURAL,)), "neural"))


def test_the_chosen_family_and_the_unhealthy_are_drawn_with_words() -> None:
    (shown,) = curve_pictures(training_curves(found(WILD), (NEURAL,)), "ridge")
    assert ElementTree.fromstring(shown.svg).tag.endswith("svg")
    assert "learning rate too high" in shown.text
    assert not list(curve_pictures(training_curves(found(FALLING), (NEURAL,)), "ridge"))
