# SPDX-License-Identifier: Apache-2.0
"""The data directory and who owns it.

PostgreSQL refuses to run as root, so under root it runs as the service user: `jiedao` if the
machine has one, else `nobody`. Rights on folders that already hold something are never widened:
a folder that the service user cannot enter is refused by name.
"""

import fcntl
import os
import pwd
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from jiedao.base.errors import JiedaoError

ROOT_DATA_DIR = Path("/var/lib/jiedao")


class FolderUnreachable(JiedaoError):
    """The user under whom the database runs cannot use the data directory."""

    code = "folder.unreachable"


class AlreadyRunning(JiedaoError):
    """Another start holds this data directory."""

    code = "up.already_running"


@dataclass(frozen=True, slots=True)
class ServiceUser:
    """The unprivileged user under whom the database runs."""

    name: str
    uid: int
    gid: int


def service_user() -> ServiceUser | None:
    """Whom to become when started as root; None when already unprivileged.

    Raises:
        FolderUnreachable: root, and the machine has neither `jiedao` nor `nobody`.
    """
    if os.geteuid() != 0:
        return None
    for name in ("jiedao", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServiceUser(name, entry.pw_uid, entry.pw_gid)
    raise FolderUnreachable(folder="/etc/passwd", user="nobody")


def default_data_dir() -> Path:
    """Where data lies unless said otherwise."""
    return ROOT_DATA_DIR if os.geteuid() == 0 else Path("data")


def prepare_data_dir(path: Path) -> Path:
    """Make the data directory if it is missing, for nobody but us and the service user.

    A missing folder is made, and an empty one is taken over, with mode 0700 and the service user
    as owner. A folder that holds something keeps its owner and its rights.

    Returns:
        The directory, absolute and without symbolic links.

    Raises:
        FolderUnreachable: the service user cannot enter it, or it cannot be made.
    """
    user = service_user()
    path = path.absolute()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = path.resolve(strict=True)
        if user is not None and not any(path.iterdir()):
            os.chown(path, user.uid, user.gid)
            path.chmod(0o700)
        own_folder(path / "run")
    except OSError as error:
        raise FolderUnreachable(folder=str(path), user=user.name if user else "") from error
    if user is not None and not _may_enter(path, user):
        raise FolderUnreachable(folder=str(path), user=user.name)
    return path


def become_service_user(data_dir: Path) -> bool:
    """Give up root for good in this process, if all it needs can be read without.

    Everything in the prepared data directory, and the checkpoints beside it, is handed to the
    service user first. In a closed home folder the service user cannot even read the program;
    then the database alone runs unprivileged.

    Returns:
        Whether this process is unprivileged now.
    """
    user = service_user()
    if user is None:
        return True
    if not can_run([sys.executable, "-c", "import jiedao.main.standing"], user):
        return False
    checkpoints = own_folder(data_dir.with_name(f"{data_dir.name}-checkpoints"))
    for top in (data_dir, checkpoints):
        _hand_over(top, user)
    os.environ["HOME"] = str(data_dir)
    os.chdir(data_dir)
    os.setgroups([])
    os.setresgid(user.gid, user.gid, user.gid)
    os.setresuid(user.uid, user.uid, user.uid)
    return True


def _hand_over(top: Path, user: ServiceUser) -> None:
    """Make the service user own what earlier starts as root left in a folder of ours."""
    for folder, _, files in os.walk(top):
        for path in (folder, *(os.path.join(folder, name) for name in files)):
            if os.lstat(path).st_uid != user.uid:
                os.lchown(path, user.uid, user.gid)


def own_folder(path: Path) -> Path:
    """Make one folder of ours for the service user, mode 0700; an existing one is left as is."""
    if not path.is_dir():
        path.mkdir(mode=0o700)
        user = service_user()
        if user is not None:
            os.chown(path, user.uid, user.gid)
    return path


def fresh_data_dir(prefix: str = "jiedao-") -> Path:
    """A new temporary data directory that the service user can enter."""
    return prepare_data_dir(Path(tempfile.mkdtemp(prefix=prefix, dir=_temporary())))


def short_socket_folder(data_dir: Path, name: str, longest: int) -> Path:
    """A private folder for Unix sockets, whose addresses hold at most 107 bytes.

    Args:
        longest: bytes of the longest file name that will lie in it.

    Raises:
        FolderUnreachable: somebody else made the folder that we would use.
    """
    folder = data_dir / "run" / name
    if len(os.fsencode(folder)) + 1 + longest <= 107:
        return own_folder(folder)
    state = data_dir.stat()
    folder = Path(_temporary()) / f"jiedao-{name}-{state.st_dev:x}-{state.st_ino:x}"
    own_folder(folder)
    found, user = folder.lstat(), service_user()
    owner = user.uid if user else os.geteuid()
    if folder.is_symlink() or found.st_uid != owner or found.st_mode & 0o077:
        raise FolderUnreachable(folder=str(folder), user=user.name if user else "")
    return folder


@contextmanager
def hold(data_dir: Path) -> Iterator[None]:
    """Be the only start on this data directory.

    Raises:
        AlreadyRunning: another process holds it; its pid is named.
    """
    handle = os.open(data_dir / "run" / "up.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            pid = os.pread(handle, 32, 0).decode("ascii", "replace").strip() or "?"
            raise AlreadyRunning(folder=str(data_dir), pid=pid) from error
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield
        os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def _temporary() -> str:
    """The machine's temporary folder; TMPDIR may lie where the service user cannot go."""
    return tempfile.gettempdir() if service_user() is None else "/tmp"  # noqa: S108


def _may_enter(path: Path, user: ServiceUser) -> bool:
    return can_run(["/bin/sh", "-c", 'cd "$1" && test -x .', "sh", str(path)], user)


def can_run(command: list[str], user: ServiceUser) -> bool:
    """Whether the service user can run this command with success."""
    try:
        done = subprocess.run(  # noqa: S603 - our own fixed commands
            command,
            user=user.uid,
            group=user.gid,
            extra_groups=[],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    except OSError:
        return False
    return done.returncode == 0
