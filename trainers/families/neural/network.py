"""The network as torch trains it. ``trainers/portable/network.py`` predicts with its weights."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from trainers.portable.network import MISSING, UNKNOWN

# Widest embedding of a categorical column, and how its width grows with the number of categories: fastai's rule.
WIDEST = 64
# Outputs of the periodic embedding for each numeric column.
PERIODIC_WIDTH = 8


@dataclass(frozen=True)
class Architecture:
    """What the network is made of.

    Attributes:
        numeric: Numeric columns.
        categories: Known categories of each categorical column.
        outputs: Classes, or 1.
        width: Units of a hidden layer.
        depth: Hidden layers or residual blocks.
        residual: Whether each block is added to what it was given (Gorishniy et al., "Revisiting Deep Learning Models for
            Tabular Data", NeurIPS 2021) or follows it.
        normalise: Whether layers are normalised. Over the units of a row, not over the rows of a batch: so the result does
            not depend on how many workers share the batch.
        dropout: Share of units that are left out in training.
        frequencies: Sines and cosines of each numeric column (Gorishniy et al., "On Embeddings for Numerical Features in
            Tabular Deep Learning", NeurIPS 2022); 0 for none.
        spread: Standard deviation of the first frequencies.
    """

    numeric: int
    categories: tuple[int, ...]
    outputs: int
    width: int
    depth: int
    residual: bool
    normalise: bool
    dropout: float
    frequencies: int
    spread: float


class TabularNetwork(nn.Module):
    """Embeddings of the columns, hidden blocks, outputs.

    Args:
        made_of: The architecture.
    """

    def __init__(self, made_of: Architecture) -> None:
        super().__init__()
        self.numeric = made_of.numeric
        widths = [min(WIDEST, round(1.6 * (k + 2) ** 0.56)) for k in made_of.categories]
        pairs = zip(made_of.categories, widths, strict=True)
        self.embeddings = nn.ModuleList(_embedding(known + 2, width) for known, width in pairs)
        width_in = made_of.numeric + sum(widths)
        if made_of.frequencies and made_of.numeric:
            d, k, e = made_of.numeric, made_of.frequencies, PERIODIC_WIDTH
            self.frequencies = nn.Parameter(torch.randn(d, k) * made_of.spread)
            self.mixing = nn.Parameter(torch.randn(d, 2 * k, e) / math.sqrt(2 * k))
            self.mixing_bias = nn.Parameter(torch.zeros(d, e))
            width_in += d * e
        self.stem = nn.Linear(width_in, made_of.width)
        self.blocks = nn.ModuleList(_Block(made_of) for _ in range(made_of.depth - (not made_of.residual)))
        self.last = _Active(made_of)
        self.head = nn.Linear(made_of.width, made_of.outputs)

    def forward(self, X: Tensor) -> Tensor:
        """(n, k) outputs for (n, d) columns, codes of categories last."""
        numbers = X[:, : self.numeric]
        parts = [numbers]
        if hasattr(self, "frequencies"):
            angles = 2 * math.pi * numbers[:, :, None] * self.frequencies
            waves = torch.cat([torch.sin(angles), torch.cos(angles)], dim=2)
            mixed = torch.einsum("ndw,dwe->nde", waves, self.mixing) + self.mixing_bias
            parts.append(torch.relu(mixed).flatten(1))
        for i, embedding in enumerate(self.embeddings):
            parts.append(embedding(X[:, self.numeric + i].long() - MISSING))
        hidden = self.stem(torch.cat(parts, dim=1))
        for block in self.blocks:
            hidden = block(hidden)
        outputs: Tensor = self.head(self.last(hidden))
        return outputs


class _Active(nn.Module):
    """Normalisation, ReLU, dropout."""

    def __init__(self, made_of: Architecture) -> None:
        super().__init__()
        self.dropout = nn.Dropout(made_of.dropout)
        if made_of.normalise:
            self.norm = nn.LayerNorm(made_of.width)

    def forward(self, hidden: Tensor) -> Tensor:
        if hasattr(self, "norm"):
            hidden = self.norm(hidden)
        active: Tensor = self.dropout(torch.relu(hidden))
        return active


class _Block(_Active):
    """A hidden layer, or two of them with a way around."""

    def __init__(self, made_of: Architecture) -> None:
        super().__init__(made_of)
        self.linear = nn.Linear(made_of.width, made_of.width)
        if made_of.residual:
            self.out = nn.Linear(made_of.width, made_of.width)

    def forward(self, hidden: Tensor) -> Tensor:
        inner: Tensor = self.linear(super().forward(hidden))
        return hidden + self.out(torch.relu(inner)) if hasattr(self, "out") else inner


def make(made_of: Architecture, output_bias: np.ndarray, seed: int) -> TabularNetwork:
    """A network with weights drawn by a seed.

    Args:
        made_of: The architecture.
        output_bias: k first values of the output's bias, such as the logarithms of the class shares: so a network of rare
            classes need not spend its first epochs on learning that they are rare.
        seed: Seed.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = TabularNetwork(made_of)
    with torch.no_grad():
        network.head.bias.copy_(torch.tensor(output_bias))
    return network


def _embedding(rows: int, width: int) -> nn.Embedding:
    """What never occurs in training keeps the embedding 0."""
    table = nn.Embedding(rows, width)
    nn.init.normal_(table.weight, std=0.1)
    with torch.no_grad():
        table.weight[[0, UNKNOWN - MISSING]] = 0
    return table
