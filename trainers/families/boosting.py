"""Trees that are added one a round, each correcting those before.

hist_gradient_boosting and ada_boost are scikit-learn's.
xgboost, lightgbm and catboost are imported when a model is made.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from trainers.data.table import Task
from trainers.families.family import ALL_TASKS, Boosting, Explainability, Family, History, Recipe, Rows, Workers
from trainers.families.parameters import Setting, integer, log_integer, log_uniform, uniform
from trainers.families.preparation import PRODUCTS, PRODUCTS_OF_TEN, imputed, native, native_codes

# Looking for the number of rounds ends after this many without a smaller loss on the stop rows, or with the most.
PATIENCE = 20
MAX_ROUNDS = 300


def _hist_gradient_boosting(recipe: Recipe) -> BaseEstimator:
    kind = HistGradientBoostingRegressor if recipe.task is Task.REGRESSION else HistGradientBoostingClassifier
    return kind(
        **recipe.params,
        categorical_features=list(recipe.categorical) or None,
        early_stopping=False,
        random_state=recipe.seed,
    )


def _stop_hist_gradient_boosting(model: Any, fit: Rows, stop: Rows) -> History:
    model.set_params(early_stopping=True, n_iter_no_change=PATIENCE)
    model.fit(fit.X, fit.y, sample_weight=fit.weight, X_val=stop.X, y_val=stop.y, sample_weight_val=stop.weight)
    # The scores begin with those before the first round, and are negative losses.
    train, validation = ([-float(s) for s in scores[1:]] for scores in (model.train_score_, model.validation_score_))
    return _history(train, validation)


def _ada_boost(recipe: Recipe) -> BaseEstimator:
    params = dict(recipe.params)
    depth = params.pop("max_depth")
    if recipe.task is Task.REGRESSION:
        return AdaBoostRegressor(DecisionTreeRegressor(max_depth=depth), **params, random_state=recipe.seed)
    return AdaBoostClassifier(DecisionTreeClassifier(max_depth=depth), **params, random_state=recipe.seed)


def _xgboost(recipe: Recipe) -> BaseEstimator:
    from xgboost import XGBClassifier, XGBRegressor

    kinds = ["q"] * min(recipe.categorical, default=0) + ["c"] * len(recipe.categorical)
    kind = XGBRegressor if recipe.task is Task.REGRESSION else XGBClassifier
    model: BaseEstimator = kind(
        **recipe.params,
        tree_method="hist",
        enable_categorical=True,
        feature_types=kinds or None,
        random_state=recipe.seed,
        n_jobs=recipe.threads,
    )
    return model


def _stop_xgboost(model: Any, fit: Rows, stop: Rows) -> History:
    model.set_params(early_stopping_rounds=PATIENCE)
    weights = None if fit.weight is None else [fit.weight, stop.weight]
    pairs = [(fit.X, fit.y), (stop.X, stop.y)]
    model.fit(fit.X, fit.y, sample_weight=fit.weight, eval_set=pairs, sample_weight_eval_set=weights, verbose=False)
    return _history(*(_only(losses) for losses in model.evals_result().values()))


def _xgboost_on_workers(model: Any, rows: Rows, workers: Workers) -> None:
    from trainers.families.boosting_workers import fit_on_workers

    fit_on_workers(model, rows, workers)


def _lightgbm(recipe: Recipe) -> BaseEstimator:
    from lightgbm import LGBMClassifier, LGBMRegressor

    kind = LGBMRegressor if recipe.task is Task.REGRESSION else LGBMClassifier
    model: BaseEstimator = kind(
        **recipe.params,
        categorical_column=",".join(str(position) for position in recipe.categorical),
        subsample_freq=1,
        deterministic=True,
        force_row_wise=True,
        verbosity=-1,
        random_state=recipe.seed,
        n_jobs=recipe.threads,
    )
    return model


def _stop_lightgbm(model: Any, fit: Rows, stop: Rows) -> History:
    from lightgbm import early_stopping

    model.fit(
        fit.X,
        fit.y,
        sample_weight=fit.weight,
        eval_X=(fit.X, stop.X),
        eval_y=(fit.y, stop.y),
        eval_names=["training", "stop"],
        eval_sample_weight=None if fit.weight is None else [fit.weight, stop.weight],
        callbacks=[early_stopping(PATIENCE, verbose=False)],
    )
    return _history(*(_only(model.evals_result_[name]) for name in ("training", "stop")))


def _catboost(recipe: Recipe) -> BaseEstimator:
    from catboost import CatBoostClassifier, CatBoostRegressor

    kind = CatBoostRegressor if recipe.task is Task.REGRESSION else CatBoostClassifier
    model: BaseEstimator = kind(
        **recipe.params,
        cat_features=list(recipe.categorical) or None,
        allow_writing_files=False,
        verbose=False,
        random_seed=recipe.seed,
        thread_count=recipe.threads,
    )
    return model


def _stop_catboost(model: Any, fit: Rows, stop: Rows) -> History:
    from catboost import Pool

    pools = [Pool(r.X, r.y, cat_features=model.get_param("cat_features"), weight=r.weight) for r in (fit, stop)]
    model.fit(pools[0], eval_set=pools[1], early_stopping_rounds=PATIENCE)
    losses = model.get_evals_result()
    return _history(_only(losses["learn"]), _only(losses["validation"]))


def _only(losses: Mapping[str, Sequence[float]]) -> Sequence[float]:
    """The one loss that is measured."""
    (values,) = losses.values()
    return values


def _history(train: Sequence[float], validation: Sequence[float]) -> History:
    """Up to the round with the smallest loss on the stop rows there are the rounds to keep."""
    rounds = int(np.argmin(validation)) + 1
    return History(rounds, tuple(float(loss) for loss in train), tuple(float(loss) for loss in validation))


HIST_GRADIENT_BOOSTING = Family(
    name="hist_gradient_boosting",
    tasks=ALL_TASKS,
    parameters={
        PRODUCTS: PRODUCTS_OF_TEN,
        "learning_rate": Setting(0.1, float, 1e-4, 1.0, search=log_uniform(0.03, 0.3)),
        "max_leaf_nodes": Setting(31, int, 2, 65_536, search=log_integer(7, 63)),
        "min_samples_leaf": Setting(20, int, 1, 1_000_000, search=log_integer(2, 50)),
        "l2_regularization": Setting(1e-3, float, 0.0, 1e6, search=log_uniform(1e-3, 10.0)),
        "max_features": Setting(1.0, float, 0.01, 1.0, search=uniform(0.6, 1.0)),
        "max_depth": Setting(None, int, 1, 1000, (None,)),
        "max_bins": Setting(255, int, 2, 255),
        "max_iter": Setting(MAX_ROUNDS, int, 1, 100_000),
    },
    complexity=6,
    explainability=Explainability.LOW,
    prepare=native,
    model=_hist_gradient_boosting,
    boosting=Boosting("max_iter", _stop_hist_gradient_boosting),
)

ADA_BOOST = Family(
    name="ada_boost",
    tasks=ALL_TASKS,
    parameters={
        PRODUCTS: PRODUCTS_OF_TEN,
        "n_estimators": Setting(60, int, 1, 100_000, search=log_integer(30, 150)),
        "learning_rate": Setting(0.5, float, 1e-4, 10.0, search=log_uniform(0.05, 2.0)),
        "max_depth": Setting(3, int, 1, 100, search=integer(1, 6)),
    },
    complexity=5,
    explainability=Explainability.LOW,
    prepare=imputed,
    model=_ada_boost,
)

XGBOOST = Family(
    name="xgboost",
    tasks=ALL_TASKS,
    parameters={
        PRODUCTS: PRODUCTS_OF_TEN,
        "learning_rate": Setting(0.1, float, 1e-4, 1.0, search=log_uniform(0.03, 0.3)),
        "max_depth": Setting(6, int, 1, 64, search=integer(3, 10)),
        "min_child_weight": Setting(1.0, float, 0.0, 1e6, search=log_uniform(0.1, 10.0)),
        "subsample": Setting(1.0, float, 0.05, 1.0, search=uniform(0.6, 1.0)),
        "colsample_bytree": Setting(1.0, float, 0.05, 1.0, search=uniform(0.6, 1.0)),
        "reg_lambda": Setting(1.0, float, 0.0, 1e6, search=log_uniform(1e-3, 10.0)),
        "reg_alpha": Setting(0.0, float, 0.0, 1e6),
        "gamma": Setting(0.0, float, 0.0, 1e6),
        "n_estimators": Setting(MAX_ROUNDS, int, 1, 100_000),
    },
    complexity=7,
    explainability=Explainability.LOW,
    prepare=native,
    model=_xgboost,
    boosting=Boosting("n_estimators", _stop_xgboost),
    fit_on_workers=_xgboost_on_workers,
)

LIGHTGBM = Family(
    name="lightgbm",
    tasks=ALL_TASKS,
    parameters={
        PRODUCTS: PRODUCTS_OF_TEN,
        "learning_rate": Setting(0.1, float, 1e-4, 1.0, search=log_uniform(0.03, 0.3)),
        "num_leaves": Setting(31, int, 2, 65_536, search=log_integer(7, 63)),
        "min_child_samples": Setting(20, int, 1, 1_000_000, search=log_integer(2, 50)),
        "subsample": Setting(1.0, float, 0.05, 1.0, search=uniform(0.6, 1.0)),
        "colsample_bytree": Setting(1.0, float, 0.05, 1.0, search=uniform(0.6, 1.0)),
        "reg_lambda": Setting(1e-3, float, 0.0, 1e6, search=log_uniform(1e-3, 10.0)),
        "reg_alpha": Setting(0.0, float, 0.0, 1e6),
        "n_estimators": Setting(MAX_ROUNDS, int, 1, 100_000),
    },
    complexity=7,
    explainability=Explainability.LOW,
    prepare=native,
    model=_lightgbm,
    boosting=Boosting("n_estimators", _stop_lightgbm),
    extra="lightgbm",
)

CATBOOST = Family(
    name="catboost",
    tasks=ALL_TASKS,
    parameters={
        PRODUCTS: PRODUCTS_OF_TEN,
        "learning_rate": Setting(0.1, float, 1e-4, 1.0, search=log_uniform(0.03, 0.3)),
        "depth": Setting(6, int, 1, 16, search=integer(4, 8)),
        "l2_leaf_reg": Setting(3.0, float, 0.0, 1e6, search=log_uniform(0.3, 30.0)),
        "random_strength": Setting(1.0, float, 0.0, 1e6),
        "iterations": Setting(MAX_ROUNDS, int, 1, 100_000),
    },
    complexity=8,
    explainability=Explainability.LOW,
    prepare=native_codes,
    model=_catboost,
    boosting=Boosting("iterations", _stop_catboost),
    extra="catboost",
)

FAMILIES = (HIST_GRADIENT_BOOSTING, ADA_BOOST, XGBOOST, LIGHTGBM, CATBOOST)
