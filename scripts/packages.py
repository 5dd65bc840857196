# SPDX-License-Identifier: Apache-2.0
"""Second half of set-up, inside .venv: locked packages, the command line, the screens.

Every package is checked against its hash in requirements.lock. `uv` is fetched first, by its
hash too; where it cannot run, plain pip installs the very same list.
"""

import hashlib
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import screens

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
LOCK = ROOT / "requirements.lock"
STAMP = ROOT / ".venv" / ".installed-from"
AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")


def main() -> None:
    begun_s = time.monotonic()
    environment = network_environment(os.environ)
    wanted = hashlib.sha256(
        b"".join((ROOT / name).read_bytes() for name in ("requirements.lock", "pyproject.toml"))
        + str(ROOT).encode()
    ).hexdigest()
    if not STAMP.is_file() or STAMP.read_text("ascii") != wanted:
        install(environment)
        STAMP.write_text(wanted, "ascii")
    screens.build(ROOT)
    print(f"set up in {time.monotonic() - begun_s:.0f} s / 准备完成", file=sys.stderr)


def install(environment: dict[str, str]) -> None:
    """Install everything in the lock, then the platform itself as it lies here."""
    installer = uv(environment)
    print("installing packages / 正在安装软件包", file=sys.stderr)
    call([*installer, "--require-hashes", "-r", LOCK], environment)
    # Without isolation and dependencies: nothing outside the lock is fetched.
    call([*installer, "--no-deps", "--no-build-isolation", "-e", ROOT], environment)


def uv(environment: dict[str, str]) -> list[str | Path]:
    """The installer to use: uv if it can be had, else pip, which is slower but the same."""
    pip: list[str | Path] = [BIN / "python", "-m", "pip", "install", "--quiet"]
    if not (BIN / "uv").is_file():
        only_uv = STAMP.with_name("uv.lock")
        only_uv.write_text(locked("uv"), "utf-8")
        subprocess.run(
            [*pip, "--require-hashes", "--no-deps", "-r", only_uv], env=environment, check=False
        )
    try:
        subprocess.run([BIN / "uv", "--version"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return pip
    return [BIN / "uv", "pip", "install", "--quiet", "--python", BIN / "python"]


def locked(name: str) -> str:
    """One package's lines of the lock, with its hashes."""
    found = re.search(rf"^{name}==.*(?:\n    --hash=.*)+", LOCK.read_text("utf-8"), re.MULTILINE)
    if found is None:
        sys.exit(f"{name} is missing from requirements.lock / requirements.lock 中没有 {name}")
    return found[0].rstrip("\\ ") + "\n"


def network_environment(given: "os._Environ[str]") -> dict[str, str]:
    """The machine's certificate authorities for every installer, unless the user chose others."""
    environment = {"UV_SYSTEM_CERTS": "true", "UV_NO_PROGRESS": "1", **given}
    if AUTHORITIES.is_file():
        environment.setdefault("PIP_CERT", str(AUTHORITIES))
    environment["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    return environment


def call(command: list[str | Path], environment: dict[str, str]) -> None:
    """Run a command or stop set-up with its status."""
    status = subprocess.run(command, env=environment, check=False).returncode
    if status != 0:
        sys.exit(status)


if __name__ == "__main__":
    main()
