# SPDX-License-Identifier: Apache-2.0
"""The supervisor keeps children running, ends what they leave behind, and stops them all."""

import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NoReturn

import pytest

from jiedao.base.health import read_health
from jiedao.main.cli import main as cli
from jiedao.main.folders import AlreadyRunning, hold
from jiedao.main.ports import PortTaken, claim
from jiedao.main.status import process_states
from jiedao.main.supervisor import RESTS_S, Keeper, Spec, State, Supervisor

WAITS_FOR_ITS_PIPE = "import sys; print('here', flush=True); sys.stdin.read()"
DIES_AT_ONCE = "raise SystemExit(3)"
IGNORES_EVERYTHING = (
    "import signal, time; [signal.signal(n, signal.SIG_IGN) for n in (2, 15)];"
    "print('here', flush=True); time.sleep(60)"
)
LEAVES_A_WORKER_WITH_THE_PORT = """
import os, socket, sys, time
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
if os.fork() == 0:
    time.sleep(60)
print("here", flush=True)
sys.stdin.read()
"""


def until(claim: Callable[[], object], within_s: float = 10.0) -> None:
    """Wait for something that another process does."""
    end_s = time.monotonic() + within_s
    while not claim():
        assert time.monotonic() < end_s, "did not happen in time"
        time.sleep(0.01)


def kill(pid: int) -> None:
    assert pid > 1, "0 would be our own group"
    os.kill(pid, signal.SIGKILL)


class House:
    """A supervisor in a folder of its own, and every line its children said."""

    def __init__(self, run_dir: Path, rests_s: Sequence[float] = RESTS_S) -> None:
        self.supervisor = Supervisor(run_dir, rests_s=rests_s)
        self.said: list[tuple[str, str]] = []

    def child(self, name: str, program: str, *arguments: str) -> Keeper:
        command = [sys.executable, "-S", "-c", program, *arguments]
        return self.supervisor.add_process(
            Spec(name, command, {}, has_heartbeat=False),
            lambda name, line: self.said.append((name, line)),
        )

    def times_here(self, name: str) -> int:
        """How often a child has said that it is there, and the supervisor knows it as well."""
        known = {each.name for each in self.supervisor.states if each.pid}
        return self.said.count((name, "here")) if name in known else 0


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.supervisor.stop(patience_s=0.2)


def test_a_killed_child_is_started_again(house: House) -> None:
    child = house.child("web", WAITS_FOR_ITS_PIPE)
    until(lambda: house.times_here("web") == 1)
    first = child.state.pid
    kill(first)
    until(lambda: house.times_here("web") == 2)
    assert child.state.pid != first
    assert (child.state.state, child.state.exits) == ("up", 1)


def test_a_worker_that_survives_its_parent_does_not_keep_the_port(house: House) -> None:
    port = claim("127.0.0.1", 0, "")
    child = house.child("web", LEAVES_A_WORKER_WITH_THE_PORT, str(port))
    until(lambda: house.times_here("web") == 1)
    kill(child.state.pid)
    until(lambda: house.times_here("web") == 2)
    assert child.state.exits == 1


def test_five_failed_starts_leave_a_child_down_and_its_siblings_up(
    house: House, tmp_path: Path
) -> None:
    good = house.child("web", WAITS_FOR_ITS_PIPE)
    bad = house.child("media", DIES_AT_ONCE)
    until(lambda: bad.state.state == "down")
    assert bad.state.exits == 5
    assert (good.state.state, good.state.exits) == ("up", 0)
    # Its word for others is written after its own.
    said = {"web": ("ready", ""), "media": ("down", "process.down_until")}
    until(lambda: {one.name: (one.state, one.why) for one in process_states(tmp_path)} == said)


FAILS_UNTIL_MENDED = """
import pathlib, sys
if not pathlib.Path(sys.argv[1]).exists():
    raise SystemExit(3)
print("here", flush=True)
sys.stdin.read()
"""


def test_a_child_that_is_down_is_tried_again_after_a_rest_that_grows(tmp_path: Path) -> None:
    rests = (0.2, 0.4)
    house = House(tmp_path, rests)
    try:
        mended = tmp_path / "mended"
        child = house.child("media", FAILS_UNTIL_MENDED, str(mended))
        until(lambda: child.state.state == "down" and child.state.exits == 5)
        first = datetime.fromisoformat(child.state.next_try_at) - _since(child)
        until(lambda: child.state.state == "down" and child.state.exits == 10, within_s=30)
        second = datetime.fromisoformat(child.state.next_try_at) - _since(child)
        assert first < timedelta(seconds=rests[1]) < second + timedelta(seconds=0.1)
        mended.touch()
        until(lambda: house.times_here("media") == 1)
        assert (child.state.state, child.state.next_try_at) == ("up", "")
    finally:
        house.supervisor.stop(patience_s=0.2)


def test_a_person_who_mended_the_cause_need_not_wait(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_dir, mended = tmp_path, tmp_path / "mended"
    child = house.child("media", FAILS_UNTIL_MENDED, str(mended))
    until(lambda: child.state.state == "down")
    until(lambda: [each.state for each in process_states(run_dir)] == ["down"])
    mended.touch()
    (run_dir / "run").symlink_to(run_dir)
    assert cli(["retry", "media", "--data-dir", str(run_dir)]) == 0
    assert "media" in capsys.readouterr().out
    until(lambda: house.times_here("media") == 1)
    until(lambda: [each.state for each in process_states(run_dir)] == ["ready"])
    for name, code in (("media", "没有停下"), ("nobody", "没有进程 nobody")):
        assert cli(["retry", name, "--data-dir", str(run_dir)]) == 1
        assert code in capsys.readouterr().err


def test_a_child_at_rest_is_stopped_at_once(house: House) -> None:
    child = house.child("media", DIES_AT_ONCE)
    until(lambda: child.state.state == "down")
    house.supervisor.stop()
    assert child.state.state == "stopped"


def test_the_duty_screen_is_told_of_a_child_that_never_came_to_say_anything(
    house: House, tmp_path: Path
) -> None:
    command = [sys.executable, "-S", "-c", DIES_AT_ONCE]
    child = house.supervisor.add_process(Spec("voice", command, {}), lambda _name, _line: None)
    until(lambda: child.state.state == "down")
    until(lambda: [h.state for h in read_health(tmp_path)] == ["down"])
    assert [(h.name, h.why) for h in read_health(tmp_path)] == [("voice", "process.down")]


def _since(child: Keeper) -> datetime:
    return datetime.fromisoformat(child.state.since)


def test_a_program_that_is_not_there_is_left_down_too(house: House) -> None:
    spec = Spec("voice", ["/nowhere/to/be/found"], has_heartbeat=False)
    child = house.supervisor.add_process(spec, lambda _name, _line: None)
    until(lambda: child.state.state == "down")


def test_stopping_ends_every_child_even_one_that_ignores_it(house: House) -> None:
    children = [
        house.child("web", WAITS_FOR_ITS_PIPE),
        house.child("stubborn", IGNORES_EVERYTHING),
    ]
    until(lambda: house.times_here("web") + house.times_here("stubborn") == 2)
    pids = [child.state.pid for child in children]
    house.supervisor.stop(patience_s=0.2)
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_child_is_stopped_while_it_waits_for_its_next_start(house: House) -> None:
    child = house.child("media", DIES_AT_ONCE)
    until(lambda: child.state.exits >= 1)
    house.supervisor.stop()
    assert child.state.state in ("stopped", "down")


def test_the_file_names_every_child_and_goes_when_the_supervisor_stops(
    house: House, tmp_path: Path
) -> None:
    child = house.child("web", WAITS_FOR_ITS_PIPE)
    until(lambda: house.times_here("web") == 1)
    house.supervisor.tell(url="http://127.0.0.1:1/")
    said = json.loads((tmp_path / "supervisor.json").read_text())
    assert (said["pid"], said["url"]) == (os.getpid(), "http://127.0.0.1:1/")
    assert State(**said["processes"][0]).pid == child.state.pid
    house.supervisor.stop()
    assert not (tmp_path / "supervisor.json").exists()


def test_a_second_start_on_the_same_folder_is_refused_and_names_the_first(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    with hold(tmp_path):
        with pytest.raises(AlreadyRunning) as refusal, hold(tmp_path):
            pass
        assert refusal.value.facts["pid"] == str(os.getpid())
    with hold(tmp_path):
        pass


def test_a_taken_port_is_refused_and_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken) as refusal:
            claim("127.0.0.1", port, "JIEDAO_WEB_PORT")
        assert refusal.value.facts["port"] == port
        for language in ("zh-CN", "en"):
            assert str(port) in refusal.value.in_words(language)
    assert claim("127.0.0.1", port, "JIEDAO_WEB_PORT") == port


def test_a_child_that_never_started_can_be_stopped(tmp_path: Path) -> None:
    gate = threading.Event()

    def launch() -> NoReturn:
        gate.wait(30)
        raise OSError("no such program")

    supervisor = Supervisor(tmp_path)
    keeper = supervisor.add("slow", launch)
    gate.set()
    supervisor.stop()
    assert keeper.state.state in ("stopped", "down")
