import pytest

from trainwright.channel import TLS, Endpoint


def test_defaults_reach_the_default_port_in_the_clear():
    assert Endpoint().target == "127.0.0.1:50151"
    assert Endpoint()._credentials() is None


def test_tls_files_are_read(tmp_path):
    with pytest.raises(OSError, match=r"none\.pem"):
        Endpoint(tls=TLS(ca=tmp_path / "none.pem"))._credentials()
    assert Endpoint(tls=TLS())._credentials() is not None
