"""The cluster YAML files, read as `ray up` and the cluster's head read them."""

from pathlib import Path

import jsonschema
import pytest
import yaml
from ray.autoscaler._private.providers import _get_default_config
from ray.autoscaler._private.util import prepare_config, validate_config

DEPLOY = Path(__file__).parents[4] / "cluster" / "deploy"
NODES = yaml.safe_load((DEPLOY / "nodes.yaml").read_text())
CLOUDS = ("aws", "gcp")


def stated(cloud: str) -> dict:
    return yaml.safe_load((DEPLOY / "ray-up" / f"{cloud}.yaml").read_text())


def loaded(config: dict) -> dict:
    """The config as the head's autoscaler has it, defaults of the cloud filled in."""
    validate_config(config)
    prepared = prepare_config(config)
    validate_config(prepared)
    return prepared


@pytest.fixture(params=CLOUDS)
def config(request: pytest.FixtureRequest) -> dict:
    return {"cluster_synced_files": [], **stated(request.param)}


def test_has_the_node_types_that_are_stated_once(config):
    for name, kind in loaded(config)["available_node_types"].items():
        given = {field: value for field, value in kind.items() if field not in ("node_config", "docker")}
        assert given == NODES[name], name
    assert config["available_node_types"].keys() == NODES.keys()
    assert config["max_workers"] == sum(kind["max_workers"] for kind in NODES.values())


def test_says_everything_itself(config):
    """Nothing of the cloud's default file, made for other node types, is left to fill in."""
    filled = loaded(config)["available_node_types"]
    assert not filled.keys() & _get_default_config(config["provider"])["available_node_types"].keys()
    assert not config["setup_commands"]


def test_spot_is_what_is_called_so(config):
    for name, kind in config["available_node_types"].items():
        node = kind["node_config"]
        spot = "InstanceMarketOptions" in node or node.get("scheduling", {}).get("provisioningModel") == "SPOT"
        assert spot == name.endswith("-spot")
        assert kind["labels"].get("ray.io/market-type", "on-demand") == ("spot" if spot else "on-demand")


def test_gpu_nodes_run_the_image_with_cuda(config):
    for name, kind in config["available_node_types"].items():
        image = kind.get("docker", {}).get("worker_image", config["docker"]["image"])
        assert image.endswith(":cuda" if "GPU" in kind["resources"] else ":cpu"), name


def misspelt(config: dict) -> None:
    config["available_node_types"]["cpu"]["max_worker"] = config["available_node_types"]["cpu"].pop("max_workers")


def wrong_type(config: dict) -> None:
    config["available_node_types"]["cpu"]["max_workers"] = "twenty"


def share_of_a_gpu(config: dict) -> None:
    config["available_node_types"]["gpu-l4"]["resources"]["GPU"] = 0.5


def no_head(config: dict) -> None:
    config["head_node_type"] = "heads"


def more_at_once_than_at_all(config: dict) -> None:
    config["available_node_types"]["cpu"]["min_workers"] = 1000


@pytest.mark.parametrize("mistake", [misspelt, wrong_type, share_of_a_gpu, no_head, more_at_once_than_at_all])
def test_a_wrong_one_is_refused(config, mistake):
    mistake(config)
    with pytest.raises((jsonschema.ValidationError, ValueError)):
        loaded(config)
