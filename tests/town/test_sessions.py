# SPDX-License-Identifier: Apache-2.0
"""The door: who gets in, who waits, and what a foreign page cannot do."""

import json
from datetime import timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.test import Client

from jiedao.town.models import Account, Appointment, Session, Ticket
from jiedao.trace.models import Record
from tests.world import Screen, World

PASSWORD = "correct horse battery"


def with_password(world: World) -> None:
    with world.platform():
        Account.objects.filter(login="chen").update(password=make_password(PASSWORD))


def try_in(password: str, client: Client | None = None) -> tuple[int, dict[str, Any]]:
    client = client or Client(headers={"X-Jiedao-CSRF": "1", "X-Jiedao-Seat": "desk"})
    body = json.dumps({"login": "chen", "password": password})
    response = client.post("/api/session", body, content_type="application/json")
    return response.status_code, response.json()


def test_the_right_password_opens_a_session_and_leaves_it_on_sign_out(world: World) -> None:
    with_password(world)
    client = Client(headers={"X-Jiedao-CSRF": "1", "X-Jiedao-Seat": "desk"})
    status, session = try_in(PASSWORD, client)
    assert (status, session["account"], session["roles"]) == (200, "chen", ["operator"])
    assert client.cookies["jiedao_session_desk"]["httponly"]
    screen = Screen(client)
    assert screen.get("/session")["party"]["name"] == "chen 甲"
    assert client.delete("/api/session").status_code == 204
    screen.get("/session")
    assert screen.status == 401


def test_signing_out_names_the_session_whose_tickets_end(world: World) -> None:
    with_password(world)
    clients = [Client(headers={"X-Jiedao-CSRF": "1", "X-Jiedao-Seat": "desk"}) for _ in range(2)]
    for client in clients:
        try_in(PASSWORD, client)
        body = json.dumps({"purpose": "feed"})
        client.post("/api/tickets", body, content_type="application/json")
    clients[0].delete("/api/session")
    with world.platform():
        ended = Record.objects.get(verb="session.ended").payload["session"]
        names = [ticket.audiences for ticket in Ticket.objects.all()]
    assert sum(ended in audiences for audiences in names) == 1
    assert len(names) == 2


def test_wrong_passwords_cost_a_growing_wait_that_ends(world: World) -> None:
    with_password(world)
    codes = [try_in("wrong")[1]["code"] for _ in range(6)]
    assert codes[:5] == ["session.wrong_password"] * 5
    assert codes[5] == "session.wait"
    status, answer = try_in(PASSWORD)
    assert (status, answer["code"]) == (429, "session.wait")
    world.clock.forward(timedelta(seconds=400))
    assert try_in(PASSWORD)[0] == 200


def test_an_unknown_login_is_told_nothing_more_than_a_wrong_password(world: World) -> None:
    with_password(world)
    body = json.dumps({"login": "nobody", "password": "x"})
    client = Client(headers={"X-Jiedao-CSRF": "1"})
    response = client.post("/api/session", body, content_type="application/json")
    assert response.json()["code"] == "session.wrong_password"


def test_a_foreign_page_cannot_act_with_our_cookie(world: World) -> None:
    desk = world.phone("chen", "desk")
    for headers in (
        {"X-Jiedao-Seat": "desk"},
        {"X-Jiedao-Seat": "desk", "X-Jiedao-CSRF": "1", "Origin": "https://elsewhere.example"},
    ):
        client = Client(headers=headers)
        client.cookies = desk.client.cookies
        response = client.post("/api/tickets", '{"purpose": "feed"}', "application/json")
        assert (response.status_code, response.json()["code"]) == (403, "session.foreign")


def test_one_browser_sits_in_several_seats_at_once(world: World) -> None:
    browser = Client(headers={"X-Jiedao-CSRF": "1"})
    for seat, chair in (("chen", "desk"), ("near", "m")):
        browser.post(f"/api/demo/seats/{seat}", headers={"X-Jiedao-Seat": chair})
    who = [
        browser.get("/api/session", headers={"X-Jiedao-Seat": chair}).json()["account"]
        for chair in ("desk", "m")
    ]
    assert who == ["chen", "near"]


def test_a_ticket_is_kept_only_as_a_hash_and_names_its_audiences(world: World) -> None:
    given = world.phone("near").post("/tickets", purpose="feed")
    with world.platform():
        ticket = Ticket.objects.get()
    assert given["ticket"].encode() not in bytes(ticket.token_hash)
    assert f"party:{world.people['near'].id}" in ticket.audiences
    assert (ticket.path, ticket.purpose) == ("", "feed")


def test_a_ticket_rests_on_the_appointments_of_its_holder(world: World) -> None:
    desk = world.phone("chen", "desk")
    desk.post("/tickets", purpose="feed")
    desk.post("/tickets", purpose="feed")
    with world.platform():
        Appointment.objects.filter(party=world.people["chen"]).update(place_path="/T/C1/")
    desk.post("/tickets", purpose="feed")
    with world.platform():
        standings = [ticket.standing for ticket in Ticket.objects.order_by("expires_at")]
        names = {ticket.session for ticket in Ticket.objects.all()}
        assert names == {Session.objects.get(account__login="chen").name}
    assert len(standings) == 3
    assert len(set(standings)) == 2


def test_a_ticket_for_live_video_has_a_door_of_its_own_that_asks_why(world: World) -> None:
    desk = world.phone("chen", "desk")
    desk.post("/tickets", purpose="video")
    assert desk.status == 422
    desk.post(f"/cameras/{world.camera.id}/open", purpose="好奇")
    assert desk.status == 422
    opened = desk.post(f"/cameras/{world.camera.id}/open", purpose="值守")
    assert desk.status == 200
    assert "/video?ticket=" in opened["url"]


def test_whoever_does_not_sit_in_the_duty_room_opens_no_camera(world: World) -> None:
    phone = world.phone("near")
    refused = phone.post(f"/cameras/{world.camera.id}/open", purpose="值守")
    assert (phone.status, refused["code"]) == (403, "session.not_allowed")
