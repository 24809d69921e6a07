"""The manifests as Kubernetes, the KubeRay operator and Ray's autoscaler read them."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import ray
import yaml
from ray.autoscaler._private.kuberay.autoscaling_config import _derive_autoscaling_config_from_ray_cr

DEPLOY = Path(__file__).parents[4] / "cluster" / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
NODES = yaml.safe_load((DEPLOY / "nodes.yaml").read_text())
SCHEMAS = yaml.safe_load((Path(__file__).parent / "kuberay.schema.yaml").read_text())
VERSION = "1.33"  # of Kubernetes; sidecars and the gRPC of Services are settled there
SPOT = ("cpu-spot", "gpu-l4-spot")
Manifest = dict[str, Any]

kubectl = pytest.mark.skipif(not shutil.which("kubectl"), reason="needs kubectl, for its kustomize")


@cache
def built(folder: str) -> tuple[Manifest, ...]:
    """What `kubectl apply -k` would send."""
    done = subprocess.run(
        ["kubectl", "kustomize", str(KUBERNETES / folder)], check=True, capture_output=True, text=True, timeout=60
    )
    return tuple(yaml.safe_load_all(done.stdout))


def stated(path: str) -> list[Manifest]:
    return list(yaml.safe_load_all((KUBERNETES / path).read_text()))


def cluster() -> Manifest:
    """The RayCluster of the base, to be changed."""
    (found,) = stated("base/raycluster.yaml")
    found["metadata"]["namespace"] = "trainwright"
    return deepcopy(found)


def check(manifest: Manifest) -> None:
    """Refuses what any reader of a manifest would refuse, or would pass over in silence."""
    kind = manifest["kind"]
    if kind not in SCHEMAS:
        kubernetes_validate.validate(manifest, VERSION, strict=True)
        return
    jsonschema.validate(manifest, {**SCHEMAS[kind], "$defs": SCHEMAS["$defs"]})
    for template in templates(manifest):
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "pod"}, "spec": template["spec"]}
        kubernetes_validate.validate(pod, VERSION, strict=True)
    if kind == "RayCluster":
        check_groups(manifest)


def check_groups(manifest: Manifest) -> None:
    """What KubeRay's and Ray's schemas cannot say, or leave to a default that is not meant."""
    _derive_autoscaling_config_from_ray_cr(manifest)
    for group in manifest["spec"]["workerGroupSpecs"]:
        name, (container, *_) = group["groupName"], group["template"]["spec"]["containers"]
        if group["maxReplicas"] < group["minReplicas"]:
            raise ValueError(f"{name}: maxReplicas is below minReplicas")
        if "idleTimeoutSeconds" not in group:
            raise ValueError(f"{name}: no idleTimeoutSeconds")
        limits = container["resources"].get("limits", {})
        if int(group["resources"].get("GPU", 0)) != int(limits.get("nvidia.com/gpu", 0)):
            raise ValueError(f"{name}: Ray hands out other GPUs than the container's limit")


def templates(value: Any) -> Iterator[Manifest]:
    if isinstance(value, dict):
        for name, part in value.items():
            if name in ("template", "submitterPodTemplate"):
                yield part
            else:
                yield from templates(part)
    elif isinstance(value, list):
        for part in value:
            yield from templates(part)


@kubectl
@pytest.mark.parametrize("folder", ["base", "overlays/on-demand", "overlays/queued"])
def test_what_is_applied_is_valid(folder):
    for manifest in built(folder):
        check(manifest)
        if manifest["kind"] != "Namespace":
            assert manifest["metadata"]["namespace"] == "trainwright"


@pytest.mark.parametrize("name", ["rayjob", "raycronjob", "cronjob"])
def test_examples_are_valid(name):
    for manifest in stated(f"examples/{name}.yaml"):
        check(manifest)


def test_has_the_node_types_that_are_stated_once():
    types = _derive_autoscaling_config_from_ray_cr(cluster())["available_node_types"]
    head = types.pop("headgroup")
    assert head["resources"]["CPU"] == NODES["head"]["resources"]["CPU"]
    stated_types = {name: kind for name, kind in NODES.items() if name != "head"}
    assert types == {name: {**kind, "node_config": {}} for name, kind in stated_types.items()}


def test_a_container_fits_beside_the_daemons_of_a_machine_of_its_type():
    for group in cluster()["spec"]["workerGroupSpecs"]:
        asked = group["template"]["spec"]["containers"][0]["resources"]["requests"]
        assert int(asked["cpu"]) < NODES[group["groupName"]]["resources"]["CPU"]
        assert int(asked["memory"].removesuffix("Gi")) * 2**30 > NODES[group["groupName"]]["resources"]["memory"]


def test_runs_the_installed_ray():
    assert cluster()["spec"]["rayVersion"] == ray.__version__


@kubectl
def test_without_spot_only_spot_is_left_out():
    (base,) = (each for each in built("base") if each["kind"] == "RayCluster")
    (changed,) = (each for each in built("overlays/on-demand") if each["kind"] == "RayCluster")
    for before, after in zip(base["spec"]["workerGroupSpecs"], changed["spec"]["workerGroupSpecs"], strict=True):
        assert after == {**before, "maxReplicas": 0 if before["groupName"] in SPOT else before["maxReplicas"]}


@kubectl
def test_secrets_are_named_and_never_given():
    assert not [each for each in built("base") if each["kind"] == "Secret"]


@kubectl
def test_every_pod_has_a_policy_and_every_volume_a_claim():
    manifests = built("base")
    policies = [each["spec"]["podSelector"] for each in manifests if each["kind"] == "NetworkPolicy"]
    assert {} in policies
    claims = {each["metadata"]["name"] for each in manifests if each["kind"] == "PersistentVolumeClaim"}
    used = set()
    for template in (part for each in manifests for part in templates(each)):
        volumes = template["spec"].get("volumes", [])
        used |= {v["persistentVolumeClaim"]["claimName"] for v in volumes if "persistentVolumeClaim" in v}
    assert used == claims


@kubectl
def test_a_rollout_fails_no_call():
    (service,) = (e for e in built("base") if e["kind"] == "Deployment" and e["metadata"]["name"] == "trainwright")
    spec, pod = service["spec"], service["spec"]["template"]["spec"]
    assert spec["replicas"] > 1
    assert spec["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    (container,) = pod["containers"]
    env = {each["name"]: each.get("value") for each in container["env"]}
    (pause,) = container["lifecycle"]["preStop"]["exec"]["command"][1:]
    assert int(pause) + float(env["TRAINWRIGHT_GRACE_S"]) < pod["terminationGracePeriodSeconds"]
    assert {probe for probe in container if probe.endswith("Probe")} == {
        "startupProbe",
        "readinessProbe",
        "livenessProbe",
    }


def misspelt(spec: Manifest) -> None:
    spec["workerGroupSpecs"][1]["maxReplica"] = spec["workerGroupSpecs"][1].pop("maxReplicas")


def misspelt_in_a_pod(spec: Manifest) -> None:
    spec["headGroupSpec"]["template"]["spec"]["containers"][0]["imagePullPolice"] = "Always"


def wrong_type(spec: Manifest) -> None:
    spec["workerGroupSpecs"][0]["maxReplicas"] = "60"


def number_for_text(spec: Manifest) -> None:
    """Ray takes it, KubeRay does not."""
    spec["workerGroupSpecs"][0]["resources"]["CPU"] = 16


def gpus_without_a_limit(spec: Manifest) -> None:
    del spec["workerGroupSpecs"][2]["template"]["spec"]["containers"][0]["resources"]["limits"]["nvidia.com/gpu"]


def most_below_least(spec: Manifest) -> None:
    spec["workerGroupSpecs"][0]["minReplicas"] = 61


def no_idle_time(spec: Manifest) -> None:
    del spec["workerGroupSpecs"][4]["idleTimeoutSeconds"]


def unknown_autoscaler(spec: Manifest) -> None:
    spec["autoscalerOptions"]["version"] = "v3"


MISTAKES: list[Callable[[Manifest], None]] = [
    misspelt, misspelt_in_a_pod, wrong_type, number_for_text, gpus_without_a_limit, most_below_least, no_idle_time,
    unknown_autoscaler,
]  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_wrong_cluster_is_refused(mistake):
    wrong = cluster()
    check(wrong)
    mistake(wrong["spec"])
    with pytest.raises((jsonschema.ValidationError, kubernetes_validate.ValidationError, ValueError)):
        check(wrong)
