"""Where the key comes from, and what a pseudonym is."""

from __future__ import annotations

import hmac
import stat
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.readers.payment_list.pseudonyms import Pseudonyms, load_pseudonyms
from runtime.errors import SetupError

VARIABLES = ("ANSINH_PSEUDONYM_KEY", "ANSINH_PSEUDONYM_KEY_FILE", "ANSINH_PSEUDONYM_KEY_CMD")


@pytest.fixture
def no_key(monkeypatch, tmp_path):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ANSINH_HOME", str(tmp_path))
    load_pseudonyms.cache_clear()
    return monkeypatch


@given(st.binary(min_size=32, max_size=200), st.text(min_size=1, max_size=40))
def test_a_pseudonym_is_the_hmac_of_kind_and_text(key, text):
    expected = hmac.digest(key, b"identity\0" + text.encode("utf-8", "surrogatepass"), "sha256")
    if text.encode("utf-8", "ignore").decode() == text:
        assert Pseudonyms(key).digests("identity", [text]) == [expected]


def test_the_same_digits_have_another_pseudonym_as_account():
    made = Pseudonyms(b"k" * 32)
    assert made.digests("identity", ["067170000001"]) != made.digests("account", ["067170000001"])


def test_nothing_has_no_pseudonym():
    assert Pseudonyms(b"k" * 32).digests("person", ["", "a"])[0] == b""


def test_another_key_has_another_id_and_other_pseudonyms():
    one, other = Pseudonyms(b"k" * 32), Pseudonyms(b"l" * 32)
    assert one.key_id != other.key_id
    assert one.digests("person", ["a"]) != other.digests("person", ["a"])


def test_the_variable_goes_before_file_and_command(no_key, tmp_path):
    file = tmp_path / "key"
    file.write_text("f" * 40 + "\n")
    no_key.setenv("ANSINH_PSEUDONYM_KEY_CMD", f"{sys.executable} -c \"print('c' * 40)\"")
    assert load_pseudonyms().key_id == Pseudonyms(b"c" * 40).key_id
    load_pseudonyms.cache_clear()
    no_key.setenv("ANSINH_PSEUDONYM_KEY_FILE", str(file))
    assert load_pseudonyms().key_id == Pseudonyms(b"f" * 40).key_id
    load_pseudonyms.cache_clear()
    no_key.setenv("ANSINH_PSEUDONYM_KEY", "v" * 40)
    assert load_pseudonyms().key_id == Pseudonyms(b"v" * 40).key_id


def test_without_any_a_key_is_made_once_that_only_its_owner_reads_and_lies_away_from_the_data(no_key, tmp_path, caplog):
    no_key.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    no_key.setenv("ANSINH_HOME", str(tmp_path / "data"))
    first = load_pseudonyms().key_id
    assert "ANSINH_PSEUDONYM_KEY" in caplog.text
    load_pseudonyms.cache_clear()
    assert load_pseudonyms().key_id == first
    path = tmp_path / "config" / "ansinh" / "secrets" / "pseudonyms" / "key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text() not in caplog.text
    assert not (tmp_path / "data").exists()


def test_a_key_is_never_made_beside_the_data(no_key, tmp_path):
    no_key.setenv("XDG_CONFIG_HOME", str(tmp_path / "data" / "config"))
    no_key.setenv("ANSINH_HOME", str(tmp_path / "data"))
    with pytest.raises(SetupError, match="ANSINH_PSEUDONYM_KEY"):
        load_pseudonyms()
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ANSINH_PSEUDONYM_KEY", "too short"),
        ("ANSINH_PSEUDONYM_KEY_FILE", "/nowhere/key"),
        ("ANSINH_PSEUDONYM_KEY_CMD", "/nowhere/command --secret s3cret-argument"),
        ("ANSINH_PSEUDONYM_KEY_CMD", f"{sys.executable} -c \"import sys; print('s3cret-output'); sys.exit(1)\""),
        ("ANSINH_PSEUDONYM_KEY_CMD", "an unclosed 'quote"),
    ],
)
def test_a_key_that_is_none_says_so_without_telling_secrets(no_key, variable, value):
    no_key.setenv(variable, value)
    with pytest.raises(SetupError) as caught:
        load_pseudonyms()
    assert "s3cret" not in str(caught.value)
    assert "ANSINH_PSEUDONYM_KEY" in str(caught.value) or "32" in str(caught.value)
