"""The program that manages jobs is killed without warning, again and again, and nothing is lost."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

from service.jobs.manager import Manager
from service.jobs.states import State
from service.jobs.store import Store

COUNT = 60
# Runs as a program of its own, which imports the runs and the service of the other tests.
PROGRAM = """
import asyncio, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from cluster import session
import test_manager as t

async def main():
    async with t.service(Path({folder!r})) as s:
        if {steps!r}:
            await s.manager.submit(t.new(*{steps!r}))
        print("ready", flush=True)
        await asyncio.Event().wait()

with session.connect({address!r}):
    asyncio.run(main())
"""


def test_kill_9_loses_and_repeats_nothing(ray_address, tmp_path):
    store = Store(f"sqlite:///{tmp_path}/jobs.db")
    steps = []
    for done in range(1, COUNT + 1):
        steps.append(["emit", {"progress": {"trials_done": done}}])
        if done % 15 == 0:
            steps.append(["wait", str(tmp_path / f"gate {done}")])
    for done in range(15, COUNT + 1, 15):
        # Each program sees the run up to a gate, opens it, and is killed while the next events come.
        with _program(ray_address, tmp_path, steps if done == 15 else []) as program:
            program.stdout.readline()
            job = _until(store, done)
            (tmp_path / f"gate {done}").touch()
            program.send_signal(signal.SIGKILL)
    job = asyncio.run(_end(store, tmp_path, job.id))
    assert (job.state, len(job.attempts)) == (State.SUCCEEDED, 1)
    events = store.events(job.id, 0, 1000)
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    told = [event.event["progress"]["trials_done"] for event in events if "progress" in event.event]
    assert told == list(range(1, COUNT + 1))
    store.close()


def _program(address: str, folder: Path, steps: list) -> subprocess.Popen:
    text = PROGRAM.format(tests=str(Path(__file__).parent), folder=str(folder), address=address, steps=steps)
    return subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE, text=True)


def _until(store: Store, done: int):
    while True:
        for job in store.open_jobs():
            if job.progress.get("trials_done", 0) >= done:
                return job


async def _end(store: Store, folder: Path, job_id: str):
    manager = Manager(store, make_run=None, folder=folder / "jobs")
    await manager.start()
    while not (job := store.get(job_id)).is_terminal:
        await manager.wait_for_change(job_id, job.last_sequence, 1.0)
    await manager.stop()
    return job
