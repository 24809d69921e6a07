"""Follows one job many times. Prints a line once every watcher has its snapshot, and the events that each has had at the end.

Ends when its standard input is closed.
"""

import asyncio
import json
import sys

import grpc

from trainwright.v1 import training_service_pb2 as pb
from trainwright.v1.training_service_pb2_grpc import TrainingServiceStub

STREAMS = 50  # a connection; a server allows no endless number


class Watcher:
    """One stream."""

    def __init__(self) -> None:
        self.events, self.snapshot = 0, asyncio.Event()

    async def follow(self, stub: TrainingServiceStub, name: str) -> None:
        async for message in stub.WatchTrainingJob(pb.WatchTrainingJobRequest(name=name)):
            if message.HasField("event"):
                self.events += 1
            self.snapshot.set()


async def main(target: str, name: str, count: int) -> None:
    apart = [("grpc.use_local_subchannel_pool", 1)]  # each a connection of its own
    channels = [grpc.aio.insecure_channel(target, options=apart) for _ in range(0, count, STREAMS)]
    stubs = [TrainingServiceStub(channel) for channel in channels]
    watchers = [Watcher() for _ in range(count)]
    following = [
        asyncio.create_task(watcher.follow(stubs[number // STREAMS], name)) for number, watcher in enumerate(watchers)
    ]
    await asyncio.gather(*(watcher.snapshot.wait() for watcher in watchers))
    print(flush=True)
    before = [watcher.events for watcher in watchers]
    await asyncio.to_thread(sys.stdin.read)
    ended = sum(task.done() for task in following)
    fewest = min(watcher.events - was for watcher, was in zip(watchers, before, strict=True))
    print(json.dumps({"ended": ended, "fewest_events": fewest}), flush=True)
    for task in following:
        task.cancel()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
