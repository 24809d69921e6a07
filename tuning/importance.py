"""Which parameters of a study mattered."""

from collections.abc import Sequence

import optuna
from optuna.importance import FanovaImportanceEvaluator

from tuning.objective import Study
from tuning.result import TrialOutcome
from tuning.sampling import suggest

ENOUGH = 10  # trials; fewer tell chance from importance no more
MOST = 300  # trials; the forest that is fitted to them takes seconds with more


def importances(study: Study, outcomes: Sequence[TrialOutcome]) -> dict[str, float]:
    """Share of the variance of the score over the space that each parameter explains by itself or with others.

    The method is fANOVA (Hutter, Hoos and Leyton-Brown, ICML 2014), on a random forest fitted to the latest trials; a trial
    that was stopped counts with the mean of its folds.

    Args:
        study: What was searched.
        outcomes: Trials of the study and of others.

    Returns:
        By parameter, greatest first, summing to 1; parameters that are not always there are left out. Empty for fewer than
        ``ENOUGH`` trials with a score, and where all scored the same.
    """
    scored = [o for o in outcomes if o.study == study and o.mean is not None][-MOST:]
    if len(scored) < ENOUGH or len({o.mean for o in scored}) == 1:
        return {}
    always = {name: parameter for name, parameter in study.space.items() if not parameter.when}
    told = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(seed=0))
    for outcome in scored:
        told.enqueue_trial({name: outcome.params[name] for name in always})
        trial = told.ask()
        for name, parameter in always.items():
            suggest(trial, name, parameter)
        told.tell(trial, outcome.mean)
    return dict(optuna.importance.get_param_importances(told, evaluator=FanovaImportanceEvaluator(seed=0)))
