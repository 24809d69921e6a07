"""One decision tree (scikit-learn)."""

from sklearn.base import BaseEstimator
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from trainers.data.table import Task
from trainers.families.family import ALL_TASKS, Explainability, Family, Recipe
from trainers.families.parameters import Setting, integer, log_integer
from trainers.families.preparation import PRODUCTS, PRODUCTS_OF_TEN, imputed


def _decision_tree(recipe: Recipe) -> BaseEstimator:
    kind = DecisionTreeRegressor if recipe.task is Task.REGRESSION else DecisionTreeClassifier
    return kind(**recipe.params, random_state=recipe.seed)


DECISION_TREE = Family(
    name="decision_tree",
    tasks=ALL_TASKS,
    parameters={
        PRODUCTS: PRODUCTS_OF_TEN,
        "max_depth": Setting(8, int, 1, 1000, (None,), integer(3, 14)),
        "min_samples_leaf": Setting(10, int, 1, 1_000_000, search=log_integer(1, 100)),
        "ccp_alpha": Setting(0.0, float, 0.0, 1e6),
    },
    complexity=3,
    explainability=Explainability.HIGH,
    prepare=imputed,
    model=_decision_tree,
)

FAMILIES = (DECISION_TREE,)
