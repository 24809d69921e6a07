"""The service's side of TLS. Certificates are read again for new connections when their files change."""

from pathlib import Path

import grpc


def server_credentials(certificate: Path, key: Path, client_ca: Path | None) -> grpc.ServerCredentials:
    """Credentials to listen with.

    Args:
        certificate: Chain of the service's certificates, PEM.
        key: Private key of the first, PEM.
        client_ca: Signers of clients' certificates, PEM; every client must then have one. None asks for none.

    Raises:
        OSError: A file cannot be read.
    """
    files = tuple(path for path in (certificate, key, client_ca) if path)
    seen = [_stamps(files)]

    def read() -> grpc.ServerCertificateConfiguration:
        signers = client_ca.read_bytes() if client_ca else None
        return grpc.ssl_server_certificate_configuration([(key.read_bytes(), certificate.read_bytes())], signers)

    def renewed() -> grpc.ServerCertificateConfiguration | None:
        try:
            stamps = _stamps(files)
            if stamps == seen[0]:
                return None  # go on with those in use
            seen[0] = stamps
            return read()
        except OSError:  # half exchanged
            return None

    # grpc-stubs know of no None; gRPC takes it as: no change.
    return grpc.dynamic_ssl_server_credentials(read(), renewed, client_ca is not None)  # type: ignore[arg-type]


def _stamps(files: tuple[Path, ...]) -> tuple[int, ...]:
    return tuple(path.stat().st_mtime_ns for path in files)
