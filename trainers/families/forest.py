"""Many trees, each grown alone, and their mean (scikit-learn)."""

from typing import Any

from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor, RandomForestClassifier, RandomForestRegressor

from trainers.data.table import Task
from trainers.families.family import ALL_TASKS, Explainability, Family, Recipe
from trainers.families.parameters import Setting, choice, log_integer, uniform
from trainers.families.preparation import PRODUCTS, PRODUCTS_OF_TEN, imputed


def _random_forest(recipe: Recipe) -> Any:
    kind = RandomForestRegressor if recipe.task is Task.REGRESSION else RandomForestClassifier
    return kind(**recipe.params, random_state=recipe.seed, n_jobs=recipe.threads)


def _extra_trees(recipe: Recipe) -> Any:
    kind = ExtraTreesRegressor if recipe.task is Task.REGRESSION else ExtraTreesClassifier
    return kind(**recipe.params, random_state=recipe.seed, n_jobs=recipe.threads)


PARAMETERS = {
    PRODUCTS: PRODUCTS_OF_TEN,
    "n_estimators": Setting(100, int, 1, 100_000),
    "max_features": Setting(0.5, float, 0.01, 1.0, ("sqrt", "log2", None), uniform(0.2, 0.9)),
    "min_samples_leaf": Setting(1, int, 1, 1_000_000, search=log_integer(1, 20)),
    "max_depth": Setting(None, int, 1, 1000, (None,)),
}

RANDOM_FOREST = Family(
    name="random_forest",
    tasks=ALL_TASKS,
    parameters=PARAMETERS,
    complexity=5,
    explainability=Explainability.MEDIUM,
    prepare=imputed,
    model=_random_forest,
)

EXTRA_TREES = Family(
    name="extra_trees",
    tasks=ALL_TASKS,
    parameters={**PARAMETERS, "bootstrap": Setting(False, None, words=(False, True), search=choice(False, True))},
    complexity=5,
    explainability=Explainability.MEDIUM,
    prepare=imputed,
    model=_extra_trees,
)

FAMILIES = (RANDOM_FOREST, EXTRA_TREES)
