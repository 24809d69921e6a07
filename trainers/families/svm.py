"""Support vector machines (scikit-learn). Fit time grows with the square of the rows."""

from sklearn.base import BaseEstimator
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR

from trainers.data.table import Task
from trainers.families.family import ALL_TASKS, Explainability, Family, Recipe
from trainers.families.parameters import Setting, log_uniform
from trainers.families.preparation import NO_PRODUCTS, PRODUCTS, scaled


def _svm(recipe: Recipe) -> BaseEstimator:
    """Margins become probabilities by Platt's sigmoid, fitted on predictions out of fold within the training rows."""
    if recipe.task is Task.REGRESSION:
        return TransformedTargetRegressor(SVR(**recipe.params), transformer=StandardScaler())
    margins = SVC(**recipe.params, random_state=recipe.seed)
    return CalibratedClassifierCV(margins, method="sigmoid", cv=3, ensemble=False)


SVM = Family(
    name="svm",
    tasks=ALL_TASKS,
    parameters={
        PRODUCTS: NO_PRODUCTS,
        "C": Setting(10.0, float, 1e-6, 1e6, search=log_uniform(0.1, 1000.0)),
        "gamma": Setting(0.1, float, 1e-9, 1e3, ("scale", "auto"), log_uniform(1e-3, 1.0)),
        "kernel": Setting("rbf", None, words=("rbf", "linear", "poly", "sigmoid")),
    },
    complexity=4,
    explainability=Explainability.LOW,
    prepare=scaled,
    model=_svm,
)

FAMILIES = (SVM,)
