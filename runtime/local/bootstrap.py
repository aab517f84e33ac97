"""Makes the project's environment: `.venv`, with exactly what `requirements.lock` names.

Runs on the standard library alone, on any Python from 3.8, so that it can say in one line what is
missing: a suitable Python, its venv module, space on the disk. Where the environment already is
what the lock says it touches neither disk nor network.

`uv` installs (4 seconds where pip needs 68); pip, where uv cannot. uv does not read pip's
configuration, so what pip knows about indexes and certificates is handed on to it.

`bootstrap.py lock` renews the lock from `pyproject.toml` instead (`make lock`): versions that still fit are kept.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
VENV = PROJECT / ".venv"
PYTHON = VENV / "bin" / "python"
UV_FOLDER = VENV / "uv"
STAMP = VENV / "installed.json"
LOCK = PROJECT / "requirements.lock"
UV_REQUIREMENTS = PROJECT / "runtime" / "local" / "bootstrap-requirements.txt"

OLDEST, NEWEST = (3, 11), (3, 13)
# Measured: 0.9 GB of packages with their bytecode, and as much again where uv's cache is on the same disk.
BYTES_TO_INSTALL = 2_000_000_000
BYTES_TO_RUN = 300_000_000

# pip's setting -> uv's variable, and what separates the values of a list (None: one value).
_UV_VARIABLES = {
    "index-url": ("UV_DEFAULT_INDEX", None),
    "extra-index-url": ("UV_INDEX", " "),
    "find-links": ("UV_FIND_LINKS", ","),
    "no-index": ("UV_NO_INDEX", None),
    "trusted-host": ("UV_INSECURE_HOST", " "),
    "cert": ("SSL_CERT_FILE", None),
    "proxy": ("ALL_PROXY", None),
    "timeout": ("UV_HTTP_TIMEOUT", None),
    "default-timeout": ("UV_HTTP_TIMEOUT", None),
}


class BootstrapError(Exception):
    """What is missing on this machine, in one line, and how to mend it."""


def main(arguments: list[str]) -> int:
    """Makes or completes the environment; 0 when it is ready, 1 with one line on stderr when it cannot be."""
    try:
        ensure_environment()
        if arguments[:1] == ["lock"]:
            renew_lock(arguments[1:])
    except BootstrapError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"error: cannot write the environment {VENV}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; the next `make setup` goes on from here", file=sys.stderr)
        return 130
    return 0


def ensure_environment() -> None:
    """Makes `.venv` what the lock says, where it is not so already.

    Raises:
        BootstrapError: something on this machine is missing.
        OSError: the environment cannot be written.
    """
    base = find_python(os.environ.get("PYTHON"))
    wanted = fingerprint(base)
    stamp = read_stamp()
    if stamp == wanted and PYTHON.exists():
        check_space(BYTES_TO_RUN)
        return
    check_space(BYTES_TO_INSTALL)
    check_venv_module(base)
    started = time.monotonic()
    _say(f"installing into {VENV.name} with Python {wanted['python']}; the first time this takes a minute or two")
    STAMP.unlink(missing_ok=True)
    has_moved = stamp is not None and stamp.get("project") != wanted["project"]
    if has_moved or not _is_venv_of(wanted["python"]):
        _make_venv(base)
    _install()
    STAMP.write_text(json.dumps(wanted))
    _say(f"environment ready after {time.monotonic() - started:.0f} s")


def renew_lock(options: list[str]) -> None:
    """Writes `requirements.lock` from `pyproject.toml`; for every Python and platform, with hashes, without addresses.

    Args:
        options: further ones for `uv pip compile`, such as `--upgrade` or `--upgrade-package NAME`.

    Raises:
        BootstrapError: no set of versions fits, or uv is missing.
    """
    options = [
        *("--universal", "--generate-hashes", "--no-header", "--no-annotate", "--no-emit-index-url", "--quiet"),
        *options,
    ]
    uv = str(UV_FOLDER / "bin" / "uv")
    command = [uv, "pip", "compile", "pyproject.toml", "--group", "dev", "--output-file", LOCK.name, *options]
    # Relative names and no output, so that nothing of this machine comes into the file.
    done = subprocess.run(command, cwd=PROJECT, env=_uv_settings(), stdout=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise BootstrapError("the lock could not be renewed; the reason stands above.")
    _say("requirements.lock is renewed; `make setup` installs it")


def find_python(asked: str | None) -> str:
    """The interpreter to build the environment with: the one asked for, the environment's own, this one, the PATH's.

    Raises:
        BootstrapError: none is of a version that the project runs on.
    """
    wanted = f"{OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]}.{NEWEST[1]}"
    if asked:
        version = python_version(asked)
        if version is None:
            raise BootstrapError(f"PYTHON={asked} does not run; give the path of a Python {wanted}.")
        if not is_suitable(version):
            raise BootstrapError(f"PYTHON={asked} is Python {_dotted(version)}; Python {wanted} is needed.")
        return asked
    if is_suitable(python_version(str(PYTHON)) or (0, 0)):
        return str(PYTHON)
    if is_suitable(sys.version_info[:2]):
        return sys.executable
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        name = f"python3.{minor}"
        if shutil.which(name) and python_version(name) == (3, minor):
            return name
    raise BootstrapError(
        f"Python {_dotted(sys.version_info[:2])} is not suitable; install Python {wanted} "
        "(Debian, Ubuntu: apt install python3 python3-venv), or run make PYTHON=/path/to/python."
    )


def python_version(interpreter: str) -> tuple[int, int] | None:
    """An interpreter's version, None where it does not run (a version manager's stub, a wrong path)."""
    try:
        done = subprocess.run(
            [interpreter, "-c", "import sys; print(*sys.version_info[:2])"], capture_output=True, text=True, check=True
        )
        major, minor = done.stdout.split()
    except (OSError, subprocess.CalledProcessError, ValueError):
        return None
    return int(major), int(minor)


def is_suitable(version: tuple[int, ...]) -> bool:
    """Whether the project runs on that version of Python."""
    return OLDEST <= tuple(version[:2]) <= NEWEST


def check_venv_module(interpreter: str) -> None:
    """Raises BootstrapError where an interpreter cannot make environments (Debian packs that apart)."""
    if subprocess.run([interpreter, "-c", "import ensurepip, venv"], capture_output=True, check=False).returncode:
        version = _dotted(python_version(interpreter) or OLDEST)
        raise BootstrapError(
            f"Python {version} lacks its venv module; Debian, Ubuntu: apt install python{version}-venv (as root)."
        )


def check_space(needed: int, *, get_usage=shutil.disk_usage) -> None:  # type: ignore[no-untyped-def]
    """Raises BootstrapError where the disk of the project, or of ANSINH_HOME, has less space than needed.

    Args:
        needed: bytes for the project's own disk; that of ANSINH_HOME needs what a run needs.
        get_usage: as `shutil.disk_usage`.
    """
    home = Path(os.environ.get("ANSINH_HOME") or PROJECT).expanduser().resolve()
    while not home.exists():
        home = home.parent
    for folder, bytes_needed in ((PROJECT, needed), (home, BYTES_TO_RUN)):
        free = get_usage(folder).free
        if free < bytes_needed:
            raise BootstrapError(
                f"the disk of {folder} has {free / 1e9:.1f} GB free, {bytes_needed / 1e9:.1f} GB are needed; "
                "free some space, or clone to (or point ANSINH_HOME at) another disk."
            )


def fingerprint(interpreter: str) -> dict[str, str]:
    """What the environment depends on: the lock, the project's own metadata, the Python."""
    digest = hashlib.sha256()
    for path in (LOCK, PROJECT / "pyproject.toml", UV_REQUIREMENTS):
        digest.update(path.read_bytes())
    return {
        "python": _dotted(python_version(interpreter) or OLDEST),
        "sha256": digest.hexdigest(),
        "project": str(PROJECT),
    }


def read_stamp() -> dict[str, str] | None:
    """What the environment was last completed for; None where it never was."""
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return None
    return stamp if isinstance(stamp, dict) else None


def uv_environment(pip_config: str, environment: dict[str, str]) -> dict[str, str]:
    """uv's variables for what `pip config list` printed, save those that the environment sets already.

    A setting of pip's environment (`:env:.cert`) comes before one of its files (`global.cert`).
    """
    settings: dict[str, str] = {}
    for line in sorted(pip_config.splitlines(), key=lambda text: text.startswith(":env:")):
        name, _, literal = line.partition("=")
        try:
            value = str(ast.literal_eval(literal))
        except (SyntaxError, ValueError):
            continue
        settings[name.rpartition(".")[2]] = value
    chosen = {}
    for name, value in settings.items():
        variable, separator = _UV_VARIABLES.get(name, (None, None))
        if variable and value and variable not in environment:
            chosen[variable] = value if separator is None else separator.join(value.split())
    # pip looks for the best version in all indexes; uv, unless told so, only in the first that has the name.
    if "UV_INDEX" in chosen:
        chosen.setdefault("UV_INDEX_STRATEGY", environment.get("UV_INDEX_STRATEGY", "unsafe-best-match"))
    return chosen


def _uv_settings() -> dict[str, str]:
    """The environment for uv: this process's, the venv, and what pip knows."""
    command = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "config", "list"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    environment = {**os.environ, "VIRTUAL_ENV": str(VENV)}
    return {**environment, **uv_environment(listed, environment)}


def _is_venv_of(version: str) -> bool:
    return _dotted(python_version(str(PYTHON)) or (0, 0)) == version


def _make_venv(base: str) -> None:
    if base == str(PYTHON):  # It is about to be deleted; what it was made from stays.
        base = os.path.realpath(base)
    # `python -m venv` would fill a broken or foreign environment up instead of replacing it.
    shutil.rmtree(VENV, ignore_errors=True)
    _call([base, "-m", "venv", str(VENV)], "making the environment failed")


def _install() -> None:
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check"]
    if subprocess.run([*pip, "--version"], capture_output=True, check=False).returncode:
        _call([str(PYTHON), "-m", "ensurepip"], "installing pip failed")
    # The project itself goes in last: a sync removes what the lock does not name.
    itself = ["--no-deps", "--no-build-isolation", "--editable", str(PROJECT)]
    uv = UV_FOLDER / "bin" / "uv"
    if not uv.exists():
        hashed = ["--require-hashes", "-r", str(UV_REQUIREMENTS)]
        command = [*pip, "install", "--quiet", "--no-deps", "--upgrade", "--target", str(UV_FOLDER), *hashed]
        subprocess.run(command, check=False)
    if uv.exists():
        environment = _uv_settings()
        if not any(
            subprocess.run([str(uv), "pip", *command], env=environment, check=False).returncode
            for command in (
                ["sync", "--quiet", "--require-hashes", "--compile-bytecode", str(LOCK)],
                ["install", "--quiet", *itself],
            )
        ):
            return
        check_space(BYTES_TO_RUN)
        _say("uv could not install; trying pip, which takes longer")
    _call([*pip, "install", "--quiet", "--no-deps", "--require-hashes", "-r", str(LOCK)], "installing the lock failed")
    _call([*pip, "install", "--quiet", *itself], "installing the project failed")


def _call(command: list[str], what_failed: str) -> None:
    """Runs a command, whose own output says why where it fails."""
    if subprocess.run(command, check=False).returncode:
        check_space(BYTES_TO_RUN)
        raise BootstrapError(f"{what_failed}; the reason stands above. Mend it and run `make setup` again.")


def _dotted(version: tuple[int, ...]) -> str:
    return f"{version[0]}.{version[1]}"


def _say(text: str) -> None:
    print(f"==> {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
