"""States of a network that may be divided among workers. What torch needs for it takes seconds to import, so few pay for it."""

from typing import Any

from torch import nn
from torch.optim import Optimizer

from trainers.families.neural.network import TabularNetwork

States = tuple[dict[str, Any], dict[str, Any]]


def shard(network: TabularNetwork) -> TabularNetwork:
    """Divides the network among all workers, block by block (FSDP: Zhao et al., VLDB 2023), in place."""
    from torch.distributed.fsdp import fully_shard

    for block in network.blocks:
        fully_shard(block)
    fully_shard(network)
    return network


def states(network: nn.Module, optimizer: Optimizer) -> States:
    """Whole states of network and optimizer in the CPU's memory of the first worker; all take part, the others get nothing.

    They are by name, so any number of workers can load them.
    """
    from torch.distributed.checkpoint.state_dict import StateDictOptions, get_state_dict

    found: States = get_state_dict(network, optimizer, options=StateDictOptions(full_state_dict=True, cpu_offload=True))
    return found


def load(network: nn.Module, optimizer: Optimizer, weights: dict[str, Any], moments: dict[str, Any]) -> None:
    """Puts whole states back, each worker its share."""
    from torch.distributed.checkpoint.state_dict import StateDictOptions, set_state_dict

    set_state_dict(
        network,
        optimizer,
        model_state_dict=weights,
        optim_state_dict=moments,
        options=StateDictOptions(full_state_dict=True),
    )
