"""Models that weigh columns and add them up (scikit-learn)."""

from sklearn.base import BaseEstimator
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import ElasticNet, LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler

from trainers.families.family import CLASSIFICATION, REGRESSION, Explainability, Family, Recipe
from trainers.families.parameters import Setting, log_uniform, uniform
from trainers.families.preparation import NO_PRODUCTS, PRODUCTS, scaled


def _logistic_regression(recipe: Recipe) -> BaseEstimator:
    """With an L1 part the saga solver, which is slower; else the default one."""
    solver = "saga" if recipe.params["l1_ratio"] > 0 else "lbfgs"
    return LogisticRegression(**recipe.params, solver=solver, random_state=recipe.seed)


def _ridge(recipe: Recipe) -> BaseEstimator:
    return Ridge(**recipe.params)


def _elastic_net(recipe: Recipe) -> BaseEstimator:
    """On a target of standard scale, so that ``alpha`` means the same for every table."""
    model = ElasticNet(**recipe.params, random_state=recipe.seed)
    return TransformedTargetRegressor(model, transformer=StandardScaler())


LOGISTIC_REGRESSION = Family(
    name="logistic_regression",
    tasks=CLASSIFICATION,
    parameters={
        PRODUCTS: NO_PRODUCTS,
        "C": Setting(1.0, float, 1e-10, 1e10, search=log_uniform(1e-3, 1e3)),
        "l1_ratio": Setting(0.0, float, 0.0, 1.0),
        "max_iter": Setting(1000, int, 1, 100_000),
    },
    complexity=1,
    explainability=Explainability.HIGH,
    prepare=scaled,
    model=_logistic_regression,
)

RIDGE = Family(
    name="ridge",
    tasks=REGRESSION,
    parameters={
        PRODUCTS: NO_PRODUCTS,
        "alpha": Setting(1.0, float, 0.0, 1e10, search=log_uniform(1e-3, 1e4)),
        "positive": Setting(False, None, words=(False, True)),
    },
    complexity=1,
    explainability=Explainability.HIGH,
    prepare=scaled,
    model=_ridge,
)

ELASTIC_NET = Family(
    name="elastic_net",
    tasks=REGRESSION,
    parameters={
        PRODUCTS: NO_PRODUCTS,
        "alpha": Setting(1e-3, float, 1e-10, 1e10, search=log_uniform(1e-5, 1.0)),
        "l1_ratio": Setting(0.5, float, 0.0, 1.0, search=uniform(0.0, 1.0)),
        "max_iter": Setting(1000, int, 1, 100_000),
    },
    complexity=2,
    explainability=Explainability.HIGH,
    prepare=scaled,
    model=_elastic_net,
)

FAMILIES = (LOGISTIC_REGRESSION, RIDGE, ELASTIC_NET)
