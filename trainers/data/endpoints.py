"""Keeps reads of data away from what they must not reach, at the moment of the connection.

A check of names beforehand is a race: a name may stand for another address a moment later, and a server may redirect. So each
address is looked at when its socket is made, and each redirect before it is followed.
"""

import errno
import os
import socket
from collections.abc import Callable
from functools import partial
from ipaddress import ip_address
from types import SimpleNamespace
from typing import Any
from urllib.parse import urljoin, urlsplit

# Where clouds hand out the credentials of a machine, beside the link-local addresses.
METADATA = frozenset(map(ip_address, ("100.100.100.200", "168.63.129.16", "fd00:ec2::254", "fd20:ce::254")))
ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")


class ForbiddenError(OSError):
    """The address or the redirect is not for data."""

    def __init__(self, why: str) -> None:
        super().__init__(errno.EACCES, why)


def check_address(address: str) -> None:
    """Passes for an IP address that data may be read from.

    Raises:
        ForbiddenError: It is link-local, or a metadata service of a cloud.
    """
    ip = ip_address(address.partition("%")[0])
    ip = getattr(ip, "ipv4_mapped", None) or ip
    if ip.is_link_local or ip in METADATA:
        raise ForbiddenError(f"{address} is a link-local or metadata address, which no data is read from")


def check_endpoint(files: Any) -> None:
    """Passes for a file system of an object store whose endpoint may be read from.

    Raises:
        ForbiddenError: As check_address, for any address that the endpoint's name stands for.
    """
    named = (getattr(files, "endpoint_url", None), *map(os.environ.get, ENDPOINTS))
    host = urlsplit(next(filter(None, named), "")).hostname
    if "s3" in files.protocol and host:
        for *_, address in socket.getaddrinfo(host, None):
            check_address(str(address[0]))


def http_options(permitted: Callable[[str], bool]) -> dict[str, Any]:
    """Options for fsspec's HTTP file system, under which it connects and is redirected only where it may.

    Args:
        permitted: Whether a URI may be read.
    """
    return {"get_client": partial(_client, permitted), "skip_instance_cache": True}


async def _client(permitted: Callable[[str], bool], **options: Any) -> Any:
    import aiohttp  # on demand: only data from the web needs it

    async def redirected(session: object, context: SimpleNamespace, asked: aiohttp.TraceRequestRedirectParams) -> None:
        to = urljoin(str(asked.url), asked.response.headers.get("Location", ""))
        if not permitted(to):
            raise ForbiddenError(f"it redirects to {to}, which lies outside what may be read")

    watch = aiohttp.TraceConfig()
    watch.on_request_redirect.append(redirected)
    connector = aiohttp.TCPConnector(socket_factory=_socket)
    return aiohttp.ClientSession(connector=connector, trace_configs=[watch], **options)


def _socket(found: Any) -> socket.socket:
    family, kind, protocol, _, address = found
    check_address(address[0])
    return socket.socket(family, kind, protocol)
