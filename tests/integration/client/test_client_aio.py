"""The asyncio client against the same server. What both share is tested with the synchronous one."""

import asyncio
import inspect
from collections.abc import AsyncIterator

import pandas as pd
import pytest

import trainwright
from trainwright import AsyncTrainingClient, JobState
from trainwright import aio as twin
from trainwright import client as original
from trainwright import job as original_job

SPEC = {"decision": "stop machines in time", "data": {"uri": "a.csv", "target": "y"}}


@pytest.fixture
async def client(target: str) -> AsyncIterator[AsyncTrainingClient]:
    async with AsyncTrainingClient(target, timeout=20) as client:
        yield client


async def test_a_job_from_submit_to_report(client, service):
    service.lose_after = [2, 4]
    job = await client.submit(SPEC, labels={"team": "press"})

    assert [event.sequence async for event in job.events()] == [1, 2, 3, 4, 5]
    assert service.watched == [0, 2, 4]
    assert (await job.wait(progress=False)).state is JobState.SUCCEEDED
    assert (await job.report())["selected"]["family"] == "xgboost"
    assert await job.model_uri() == "models:/m-1"
    assert [line.text async for line in job.logs(level="warning")] == ["slow disk"]
    service.lose_after = [4, 7]
    assert [line.text async for line in job.logs(follow=True)] == ["loading", "slow disk"]
    assert service.lose_after == []
    assert len([trial async for trial in job.trials()]) == 3


async def test_a_frame_is_uploaded(client, service):
    job = await client.submit(SPEC, pd.DataFrame({"y": [0, 1]}))

    uri = (await client.get(job.id)).spec["data"]["uri"]
    assert [dataset.name async for dataset in client.datasets.list()] == [uri]
    await client.datasets.delete(uri)
    with pytest.raises(trainwright.NotFound):
        await client.datasets.get(uri)


async def test_errors_are_those_of_the_synchronous_client(client, service):
    with pytest.raises(trainwright.InvalidSpec) as caught:
        await client.plan({**SPEC, "data": {"target": "no such column"}})
    assert caught.value.violations[0].field == "data.target"

    service.script = [{"state": {"to": "failed", "error": {"message": "one class"}}}]
    with pytest.raises(trainwright.JobFailed, match="one class"):
        await (await client.submit(SPEC)).wait(progress=False)


async def test_waiting_can_be_given_up(client, service):
    service.script = []
    job = await client.submit(SPEC)

    with pytest.raises(trainwright.WaitTimeout):
        await job.wait(timeout=0.3, progress=False)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(job.wait(progress=False), 0.3)
    assert (await job.describe()).state is JobState.RUNNING  # the connection is still good


async def test_cancel_rerun_delete_and_list(client):
    job = await client.submit(SPEC)
    again = await job.rerun()

    assert again.differences == ("numpy is newer",)
    assert [each["job"] for each in await client.compare(job.id, again.id)] == [again.name]
    assert (await job.cancel("enough")).state is JobState.CANCELLED
    assert [info.name async for info in client.list()] == [again.name, job.name]
    await job.delete()
    with pytest.raises(trainwright.NotFound):
        await job.describe()


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (twin.AsyncTrainingClient, original.TrainingClient),
        (twin.AsyncJob, original_job.Job),
        (twin.AsyncDatasets, original.Datasets),
    ],
)
def test_the_twin_has_the_same_methods_and_arguments(ours, theirs):
    def surface(cls):
        return {
            name: list(inspect.signature(member).parameters) if callable(member) else ["self"]
            for name, member in inspect.getmembers(cls)
            if not name.startswith("_") and (callable(member) or isinstance(member, property))
        }

    assert surface(ours) == surface(theirs)
