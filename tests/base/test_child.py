# SPDX-License-Identifier: Apache-2.0
"""A child ends when its parent's pipe closes, when told to, and not before."""

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

THREADED = """
from jiedao.base.child import run_until_parent_gone
def work(stop):
    print("at work", flush=True)
    stop.wait()
    print("over", flush=True)
run_until_parent_gone(work)
"""
IN_A_LOOP = """
from jiedao.base.child import run_async_until_parent_gone
async def work(stop):
    print("at work", flush=True)
    await stop.wait()
    print("over", flush=True)
run_async_until_parent_gone(work)
"""


@pytest.fixture(params=[THREADED, IN_A_LOOP], ids=["threaded", "in a loop"])
def child(request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", request.param],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "at work\n"
        yield process
        process.kill()


def test_a_child_ends_when_its_parents_pipe_closes(child: subprocess.Popen[str]) -> None:
    assert child.communicate(timeout=60)[0] == "over\n"
    assert child.returncode == 0


def test_a_child_ends_when_told_to(child: subprocess.Popen[str]) -> None:
    child.send_signal(signal.SIGTERM)
    assert child.wait(30) == 0


def test_a_child_without_a_pipe_lives_until_its_work_ends() -> None:
    program = THREADED.replace("stop.wait()", "assert not stop.wait(0.05)")
    done = subprocess.run(
        [sys.executable, "-c", program],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )
    assert done.stdout == "at work\nover\n"
