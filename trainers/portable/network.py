"""A feed-forward network over prepared columns: its weights, and its predictions in numpy alone.

Only fitting needs torch and this project. A logged network predicts, on any machine, with what a linear model needs.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils.validation import check_is_fitted

# Codes of categories that stand for no known one; their embeddings come first.
MISSING, UNKNOWN = -2, -1
# Rows that are predicted together, which bounds the memory of the hidden layers.
BLOCK = 16_384
EPSILON = 1e-5  # of layer normalisation, as in torch


def forward(weights: Mapping[str, np.ndarray], X: np.ndarray) -> np.ndarray:
    """The outputs of the network; what each layer is, its weights say.

    Its twin in torch, with the same names, is ``TabularNetwork``.

    Args:
        weights: Arrays by name.
        X: (n, d) numeric columns, then one column of codes for each ``embeddings.<i>.weight``.

    Returns:
        (n, k).
    """
    tables = list(_numbered(weights, "embeddings"))
    codes = X.shape[1] - len(tables)
    numbers = X[:, :codes]
    parts = [numbers]
    if "frequencies" in weights:
        parts.append(_periodic(weights, numbers))
    for i, table in enumerate(tables):
        rows = np.clip(X[:, codes + i].astype(np.int64) - MISSING, 0, None)
        parts.append(table["weight"][np.where(rows < len(table["weight"]), rows, UNKNOWN - MISSING)])
    hidden = _linear(_part(weights, "stem"), np.hstack(parts))
    for block in _numbered(weights, "blocks"):
        inner = _linear(_part(block, "linear"), _active(block, hidden))
        hidden = hidden + _linear(_part(block, "out"), np.maximum(inner, 0)) if "out.weight" in block else inner
    return _linear(_part(weights, "head"), _active(_part(weights, "last"), hidden))


def _periodic(weights: Mapping[str, np.ndarray], numbers: np.ndarray) -> np.ndarray:
    """Sines and cosines of every numeric column, mixed column by column."""
    angles = 2 * np.pi * numbers[:, :, None] * weights["frequencies"]
    waves = np.concatenate([np.sin(angles), np.cos(angles)], axis=2)
    mixed = np.einsum("ndw,dwe->nde", waves, weights["mixing"]) + weights["mixing_bias"]
    rows: np.ndarray = np.maximum(mixed, 0).reshape(len(numbers), -1)
    return rows


def _active(weights: Mapping[str, np.ndarray], hidden: np.ndarray) -> np.ndarray:
    """Layer normalisation, where there is one, then ReLU."""
    if "norm.weight" in weights:
        centred = hidden - hidden.mean(axis=1, keepdims=True)
        scale = np.sqrt((centred**2).mean(axis=1, keepdims=True) + EPSILON)
        hidden = centred / scale * weights["norm.weight"] + weights["norm.bias"]
    active: np.ndarray = np.maximum(hidden, 0)
    return active


def _linear(weights: Mapping[str, np.ndarray], X: np.ndarray) -> np.ndarray:
    made: np.ndarray = X @ weights["weight"].T + weights["bias"]
    return made


def _part(weights: Mapping[str, np.ndarray], name: str) -> dict[str, np.ndarray]:
    return {key.removeprefix(f"{name}."): value for key, value in weights.items() if key.startswith(f"{name}.")}


def _numbered(weights: Mapping[str, np.ndarray], name: str) -> Iterator[dict[str, np.ndarray]]:
    i = 0
    while part := _part(weights, f"{name}.{i}"):
        yield part
        i += 1


class _Network(BaseEstimator):
    """A network that is fitted where torch is installed, and predicts anywhere.

    Args:
        params: Architecture and training, see ``trainers/families/neural/family.py``.
        categorical: How many of the last columns are codes of categories.
        seed: Seed of weights, order of rows and dropout.
        threads: Threads of a fit.

    Attributes:
        weights_: Arrays by name, see :func:`forward`.
        n_iter_: Epochs it was trained for.
    """

    def __init__(self, params: Mapping[str, Any], categorical: int = 0, seed: int = 0, threads: int = 1) -> None:
        self.params = params
        self.categorical = categorical
        self.seed = seed
        self.threads = threads

    def fit(self, X: np.ndarray, y: np.ndarray, sample_weight: np.ndarray | None = None) -> Self:
        """Fits in this process, for as many epochs as the parameters say.

        Args:
            X: (n, d) as :func:`forward` takes it.
            y: n class indices or values.
            sample_weight: n weights, or None.

        Raises:
            TypeError: The project is not installed: a logged network only predicts.
            ValueError: The loss diverged.
        """
        try:
            from trainers.families.neural.fit import fit_here
        except ModuleNotFoundError as missing:
            raise TypeError("This network is fitted. To fit one anew, install trainwright-server[neural].") from missing
        fit_here(self, X, y, sample_weight)
        return self

    def _outputs(self, X: np.ndarray) -> np.ndarray:
        """(n, k) in double precision, so that a row alone gets the outputs that it gets among others."""
        check_is_fitted(self, "weights_")
        rows = np.asarray(X, dtype=np.float64)
        weights = {name: array.astype(np.float64) for name, array in self.weights_.items()}
        blocks = [forward(weights, rows[start : start + BLOCK]) for start in range(0, max(len(rows), 1), BLOCK)]
        return np.concatenate(blocks)


class NetworkClassifier(ClassifierMixin, _Network):
    """Softmax over k outputs; arguments as for the base.

    Attributes:
        classes_: k classes.
    """

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Returns (n, k) probabilities."""
        outputs = self._outputs(X)
        powers = np.exp(outputs - outputs.max(axis=1, keepdims=True))
        probabilities: np.ndarray = powers / powers.sum(axis=1, keepdims=True)
        return probabilities

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Returns the most probable class of each row."""
        labels: np.ndarray = self.classes_[np.argmax(self._outputs(X), axis=1)]
        return labels


class NetworkRegressor(RegressorMixin, _Network):
    """One output, in standard deviations of the target; arguments as for the base.

    Attributes:
        mean_: Mean of the target.
        scale_: Its standard deviation.
    """

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Returns n values."""
        values: np.ndarray = self._outputs(X)[:, 0] * self.scale_ + self.mean_
        return values
