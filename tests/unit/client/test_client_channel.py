import pytest

from trainwright.channel import TLS, Endpoint


def test_defaults_reach_the_default_port_in_the_clear():
    assert Endpoint().target == "127.0.0.1:50151"
    assert Endpoint()._credentials() is None


def test_tls_files_are_read(tmp_path):
    with pytest.raises(OSError, match=r"none\.pem"):
        Endpoint(tls=TLS(ca=tmp_path / "none.pem"))._credentials()
    assert Endpoint(tls=TLS())._credentials() is not None


def test_several_addresses_are_one_target():
    assert Endpoint("10.0.0.1:1, localhost:2,no.such.host.invalid:3")._target() == "ipv4:10.0.0.1:1,127.0.0.1:2"
    assert Endpoint("one.name:1")._target() == "one.name:1"
    assert Endpoint("no.such.host.invalid:1,nor.this:2")._target() == "no.such.host.invalid:1"
