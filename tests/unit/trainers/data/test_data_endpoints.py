"""Data is not read from link-local and metadata addresses, whatever leads there."""

import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from types import SimpleNamespace

import pytest

from trainers.data.endpoints import ForbiddenError, check_address, check_endpoint
from trainers.data.locations import open_file
from trainers.errors import SpecError


class Server(BaseHTTPRequestHandler):
    """A table, and ways that lead elsewhere."""

    def do_GET(self) -> None:
        to = {"/metadata.csv": "http://169.254.169.254/latest", "/moved.csv": "/table.csv"}.get(self.path)
        to = f"http://localhost:{self.server.server_port}/table.csv" if self.path == "/other.csv" else to  # type: ignore[attr-defined]
        self.send_response(302 if to else 200)
        if to:
            self.send_header("Location", to)
        body = b"" if to else b"a,b\n1,2\n"
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture
def web() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Server)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "169.254.0.1", "::ffff:169.254.169.254", "fe80::1%eth0", "fd00:ec2::254", "100.100.100.200"],
)
def test_addresses_that_hand_out_credentials_are_refused(address: str) -> None:
    with pytest.raises(ForbiddenError, match="metadata address"):
        check_address(address)


@pytest.mark.parametrize("address", ["10.0.0.1", "127.0.0.1", "::1", "93.184.216.34"])
def test_other_addresses_are_not(address: str) -> None:
    check_address(address)


@pytest.mark.parametrize("path", ["table.csv", "moved.csv"])
def test_a_table_is_read_within_its_root(web: str, path: str) -> None:
    with open_file(f"{web}/{path}", [web]) as file:
        assert file.read() == b"a,b\n1,2\n"


@pytest.mark.parametrize("roots", [None, ["http://169.254.169.254"]])
def test_an_address_written_out_is_refused(roots: list[str] | None) -> None:
    with pytest.raises(SpecError, match="metadata address"):
        open_file("http://169.254.169.254/latest/meta-data", roots).read()


def test_a_name_that_stands_for_such_an_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.169.254", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *asked, **options: found)
    with pytest.raises(SpecError, match=r"169\.254\.169\.254 is a link-local or metadata address"):
        open_file("http://data.plant.example/a.csv", ["http://data.plant.example"]).read()
    with pytest.raises(ForbiddenError):
        check_endpoint(SimpleNamespace(endpoint_url="http://store.plant.example", protocol=("s3", "s3a")))


def test_a_redirect_to_such_an_address_is_refused(web: str) -> None:
    with pytest.raises(SpecError, match="metadata address"):
        open_file(f"{web}/metadata.csv", None).read()


def test_a_redirect_out_of_the_roots_is_refused(web: str) -> None:
    with pytest.raises(SpecError, match="redirects to http://localhost"):
        open_file(f"{web}/other.csv", [web]).read()
