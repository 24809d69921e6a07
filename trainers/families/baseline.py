"""The models that know nothing."""

from sklearn.base import BaseEstimator
from sklearn.dummy import DummyClassifier, DummyRegressor

from trainers.data.table import Task
from trainers.families.family import ALL_TASKS, Explainability, Family, Recipe
from trainers.families.preparation import native


def _dummy(recipe: Recipe) -> BaseEstimator:
    """Always the class shares or the mean of the training rows."""
    return DummyRegressor() if recipe.task is Task.REGRESSION else DummyClassifier(strategy="prior")


DUMMY = Family("dummy", ALL_TASKS, {}, 0, Explainability.HIGH, native, _dummy)

FAMILIES = (DUMMY,)
