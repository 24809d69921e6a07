"""The peer of the call rates: a grpc.aio server that does one SQLite statement a call. Prints where it listens."""

import asyncio
import json
import sqlite3
import sys
import uuid

import grpc


class Table:
    """One table of a SQLite database, write-ahead log, every commit on disk."""

    def __init__(self, path: str) -> None:
        self._database = sqlite3.connect(path, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=FULL")
        self._database.execute("CREATE TABLE IF NOT EXISTS jobs (id TEXT PRIMARY KEY, body BLOB)")

    async def create(self, request: bytes, context: grpc.aio.ServicerContext) -> bytes:
        key = uuid.uuid4().hex
        with self._database:
            self._database.execute("INSERT INTO jobs VALUES (?, ?)", (key, request))
        return key.encode()

    async def get(self, request: bytes, context: grpc.aio.ServicerContext) -> bytes:
        found = self._database.execute("SELECT body FROM jobs WHERE id = ?", (request.decode(),)).fetchone()
        return bytes(found[0])


async def main(path: str) -> None:
    table, server = Table(path), grpc.aio.server()
    methods = {
        "Create": grpc.unary_unary_rpc_method_handler(table.create),
        "Get": grpc.unary_unary_rpc_method_handler(table.get),
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("bare.Bare", methods),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(json.dumps({"target": f"127.0.0.1:{port}"}), flush=True)
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
