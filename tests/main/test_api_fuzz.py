# SPDX-License-Identifier: Apache-2.0
"""Every operation of the API, fed with what its schema allows and with what it does not.

No input may bring about an answer of 5xx; and with the ids of things that exist, at least four
operations in five must be reached with success by somebody.
"""

import json
import random
import warnings
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.schemas import OpenApiSchema

from jiedao.cameras.models import Segment
from jiedao.main.api import api
from jiedao.matters import models as matters
from jiedao.plans import models as plans
from jiedao.voice.models import Announcement
from tests.world import World, matter_id

WHO = {"operator": "chen", "duty_lead": "lin", "verifier": "he", "worker": "near"}
EXAMPLES = 8
#: Sampled beside what is generated, so that guesses are sometimes good ones.
ACTIONS = ["confirm", "note", "escalate", "accept", "arrive", "report", "verify_pass"]

Known = dict[str, list[Any]]


@pytest.fixture
def known(world: World) -> Known:
    """Things that exist, by the name of the parameter or field that wants one."""
    world.on_duty("near")
    world.on_duty("far")
    first = matter_id(world.see())
    world.sweep()
    desk, lead = world.phone("chen", "desk"), world.phone("lin", "desk")
    second = desk.post("/matters", lon=114.45, lat=22.8)["card"]["id"]
    said = desk.post("/broadcasts", loudspeakers=[world.loudspeaker.id], phrase="water_leave")
    begun, ended = world.clock.now() - timedelta(minutes=5), world.clock.now()
    with world.platform():
        segment = Segment.objects.create(
            camera=world.camera, from_at=begun, to_at=ended, file="a", sha256="0", size_bytes=1
        )
    kept = {"from": begun.isoformat(), "to": ended.isoformat()}
    hold = lead.post(f"/cameras/{world.camera.id}/holds", reason="evidence", **kept)
    export = desk.post(f"/cameras/{world.camera.id}/exports", purpose="事件", **kept)
    return {
        "batch": [said["batch"]],
        "segment_id": [segment.id],
        "hold_id": [hold["hold"]],
        "export_id": [export["export"]],
        **{name: [at] for name, at in kept.items()},
        "matter_id": [first, second],
        "matter": [first],
        "into": [first, second],
        "task_id": list(matters.Task.objects.values_list("id", flat=True)),
        "step_id": list(plans.Step.objects.values_list("id", flat=True)),
        "announcement_id": list(Announcement.objects.values_list("id", flat=True)),
        "camera_id": [world.camera.id],
        "loudspeaker": [world.loudspeaker.id],
        "loudspeakers": [[world.loudspeaker.id]],
        "party": [world.people["far"].id],
        "place": [world.place.id],
        "item": ["seen_by_people"],
        "reason": ["evidence"],
        "phrase": ["water_leave"],
        "purpose": ["feed", "值守", "事件"],
        "seat": list(WHO.values()),
        "action": ACTIONS,
        "camera": [None],
    }


def schema() -> OpenApiSchema:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = schemathesis.openapi.from_dict(json.loads(json.dumps(api.get_openapi_schema())))
    assert isinstance(found, OpenApiSchema)
    return found


def test_no_input_breaks_the_api_and_success_is_within_reach(world: World, known: Known) -> None:
    reached: dict[str, set[int]] = defaultdict(set)
    dice = random.Random(2021)  # noqa: S311 - chooses test input
    for role, who in WHO.items():
        seat = "m" if role == "worker" else "desk"
        client = world.phone(who, seat).client
        client.raise_request_exception = False
        for result in schema().get_all_operations():
            assert isinstance(result, Ok), result
            operation = result.ok()
            name = f"{operation.method.upper()} {operation.path}"
            if name == "DELETE /api/session":
                continue  # would end the session under test; it has a test of its own

            feed(operation, partial(judge, client, name, known, dice, reached[name]))
    good = {name for name, statuses in reached.items() if any(s < 300 for s in statuses)}
    missed = sorted(set(reached) - good)
    assert len(good) >= 0.8 * len(reached), missed


def feed(operation: Any, judge: Callable[[Any], None]) -> None:
    """Generate cases of an operation, always the same ones, and have each judged."""

    @seed(2021)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        phases=[Phase.generate],
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def each(case: Any) -> None:
        judge(case)

    each()


def judge(
    client: Client, name: str, known: Known, dice: random.Random, reached: set[int], case: Any
) -> None:
    """A defect is an answer of 5xx; whatever else came is kept."""
    status, said = send(client, case, known, dice)
    assert status < 500, (name, said)
    reached.add(status)


def send(client: Client, case: Any, known: Known, dice: random.Random) -> tuple[int, bytes]:
    """Send a generated case, with some of its guesses replaced by things that exist."""

    def choose(name: str, value: Any) -> Any:
        return dice.choice(known[name]) if name in known and dice.random() < 0.9 else value

    path = case.operation.path
    for name, value in (case.path_parameters or {}).items():
        path = path.replace("{" + name + "}", str(choose(name, value)) or "x")
    query = {k: str(choose(k, v)) for k, v in (case.query or {}).items()}
    body = case.body if case.method in ("POST", "PUT", "PATCH") else None
    if isinstance(body, dict):
        body = {name: choose(name, value) for name, value in body.items()}
        if "act_id" in body and dice.random() < 0.9:
            body["act_id"] = uuid4()
    text = "" if body is None else json.dumps(body, default=str, ensure_ascii=dice.random() < 0.5)
    response = client.generic(
        case.method,
        path.encode("utf-8", "replace").decode(),
        text.encode("utf-8", "surrogatepass"),
        content_type="application/json",
        query_params=query,
    )
    content = b"" if response.streaming else response.content
    return response.status_code, content[:400]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"act_id": 1}', b"{" * 5000, b'{"a":' * 900],
)
@pytest.mark.parametrize("path", ["/matters", "/session", "/drills", "/shifts/check-in"])
def test_malformed_json_is_refused_in_words(world: World, path: str, body: bytes) -> None:
    client = world.phone("chen", "desk").client
    response = client.post(f"/api{path}", body, content_type="application/json")
    assert response.status_code in (400, 422)
    assert {"zh-CN", "en"} <= set(response.json()["message"])


def test_a_body_over_the_limit_is_refused_unread(world: World) -> None:
    client = world.phone("chen", "desk").client
    response = client.post("/api/matters", b" " * 300_000, content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (413, "input.too_large")


def test_an_id_of_nothing_is_not_found_wherever_it_is_asked_for(world: World) -> None:
    desk = world.phone("chen", "desk")
    nothing = UUID(int=404)
    for path in (
        f"/matters/{nothing}",
        f"/matters/{nothing}/candidates",
        f"/trace/matters/{nothing}",
        f"/cameras/{nothing}/still",
        f"/blobs/{'0' * 64}?matter={nothing}",
    ):
        answer = desk.get(path)
        assert (desk.status, answer["code"]) == (404, "input.not_found"), path
