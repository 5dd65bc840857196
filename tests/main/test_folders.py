# SPDX-License-Identifier: Apache-2.0
"""Root is given up where that is possible, and never by half."""

import os
import shutil
import subprocess
import sys

from jiedao.main.folders import fresh_data_dir, prepare_data_dir

GIVE_UP_ROOT = """
import os, sys
from pathlib import Path
from jiedao.main.folders import become_service_user
data_dir = Path(sys.argv[1])
became = become_service_user(data_dir)
ids = {*os.getresuid(), *os.getresgid(), *os.getgroups()}
(data_dir / "written").touch()
print(became, 0 in ids, (data_dir / "kept").stat().st_uid == os.geteuid())
"""


def test_root_is_given_up_whole_and_takes_the_folder_along() -> None:
    folder = fresh_data_dir("jiedao-root-")
    (folder / "kept").touch(mode=0o600)
    said = subprocess.run(
        [sys.executable, "-c", GIVE_UP_ROOT, str(folder)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    # Where the service user cannot read the program, root stays, and the answer says so.
    assert said.strip() in ("True False True", "False True True")
    if os.geteuid() != 0:
        assert said.strip() == "True False True"
    shutil.rmtree(folder)
    shutil.rmtree(folder.with_name(f"{folder.name}-checkpoints"), ignore_errors=True)


def test_a_folder_is_made_for_us_alone_and_a_full_one_keeps_its_rights() -> None:
    base = fresh_data_dir("jiedao-made-")
    made = prepare_data_dir(base / "a")
    assert made.stat().st_mode & 0o777 == 0o700
    made.chmod(0o755)
    prepare_data_dir(made)
    assert made.stat().st_mode & 0o777 == 0o755
    shutil.rmtree(base)
