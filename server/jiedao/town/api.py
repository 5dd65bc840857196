# SPDX-License-Identifier: Apache-2.0
"""Signing in, seats of the demo, tickets, what this town is."""

import io
from typing import Literal
from uuid import UUID

import segno
from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from jiedao import __version__
from jiedao.base.actor import system
from jiedao.base.database import transact
from jiedao.base.errors import BadInput, JiedaoError
from jiedao.base.settings import load_settings
from jiedao.town import door, sessions
from jiedao.town.calendar import local_day
from jiedao.town.errors import NoSuchSeat
from jiedao.town.models import Account, Appointment, Party, Town
from jiedao.town.store import certificates_of

router = Router(tags=["town"])

TICKET_PURPOSES = ("feed", "upload", "positions")


class Credentials(Schema):
    login: str
    password: str


class TicketAsked(Schema):
    purpose: str


class TicketGiven(Schema):
    ticket: str
    url: str


class PartyOut(Schema):
    id: UUID
    name: str
    unit: str


class SessionOut(Schema):
    account: str
    account_id: UUID
    party: PartyOut
    roles: list[str]
    certificates: list[str]
    post: str
    demo: bool


class SeatOut(Schema):
    seat: str
    name: str
    post: str
    screen: Literal["desk", "m"]


class TownOut(Schema):
    name: str
    code: str
    lon: float
    lat: float
    facts: dict[str, object]


class ConfigOut(Schema):
    town: TownOut | None
    demo: bool
    stream_url: str
    version: str
    drill: bool


@router.get("/config", auth=door.anyone, response=ConfigOut)
def config(request: HttpRequest) -> dict[str, object]:
    """What a browser needs to know before anybody signs in."""
    with door.acting_for_all():
        town = Town.objects.first()
    facts = None
    if town is not None:
        facts = {name: getattr(town, name) for name in ("name", "code", "lon", "lat", "facts")}
    demo = town is not None and town.demo
    return {
        "town": facts,
        "demo": demo,
        "stream_url": stream_url(request),
        "version": __version__,
        "drill": demo,
    }


@router.get("/demo/seats", auth=door.anyone, response=list[SeatOut])
def seats(request: HttpRequest) -> list[dict[str, str]]:
    """The seats that a visitor of the demo may take with one press, on this machine alone."""
    if not load_settings().is_loopback:
        return []
    with door.acting_for_all():
        accounts = Account.objects.filter(demo=True, is_active=True).exclude(seat="")
        rows = list(accounts.select_related("party").order_by("login"))
        posts = {
            p.party_id: p for p in Appointment.objects.filter(party__in=[a.party_id for a in rows])
        }
    return [
        {
            "seat": account.seat,
            "name": account.party.name,
            "post": posts[account.party_id].post,
            "screen": "m" if posts[account.party_id].role == "worker" else "desk",
        }
        for account in rows
    ]


@router.post("/demo/seats/{seat}", auth=door.anyone, response=SessionOut)
def take_seat(request: HttpRequest, response: HttpResponse, seat: str) -> dict[str, object]:
    """Sit down in a demo seat; there are none outside the demo, nor for other machines.

    Raises:
        NoSuchSeat: not a demo seat.
    """
    with door.acting_for_all(screen="doorway") as tx:
        seats = {a.seat: a for a in Account.objects.filter(demo=True, is_active=True)}
        account = seats.get(seat) if seat else None
        if account is None or not load_settings().is_loopback:
            raise NoSuchSeat(seat=seat)
        screen = door.seat_of(request)
        token = sessions.open_session(tx, account, screen or "web")
        found = sessions.who_is(tx, token, screen)
        _hand_over(request, response, token)
        return _session_out(found)


@router.get("/qr.svg", auth=door.anyone)
def qr(request: HttpRequest, path: Literal["/m", "/desk", "/"] = "/m") -> HttpResponse:
    """A code that a phone's camera reads: the address of one of our own screens."""
    address = f"{request.scheme}://{request.get_host()}{path}"
    picture = io.BytesIO()
    segno.make(address, error="m").save(picture, kind="svg", border=2, dark="#0f171d", light="#fff")
    return HttpResponse(picture.getvalue(), content_type="image/svg+xml")


@router.post("/session", auth=door.anyone, response=SessionOut)
def sign_in(request: HttpRequest, response: HttpResponse, given: Credentials) -> dict[str, object]:
    """Sign in with login and password."""
    screen = door.seat_of(request)
    network = request.META.get("REMOTE_ADDR", "")
    out: dict[str, object] = {}
    refusal: JiedaoError | None = None
    token = ""
    # A refusal counts, so it travels up only after the transaction that counted it has ended.
    with transact(system("sign-in"), door.clock) as tx:
        try:
            token, _account = sessions.sign_in(tx, given.login, given.password, screen, network)
            out = _session_out(sessions.who_is(tx, token, screen))
        except JiedaoError as error:
            refusal = error
    if refusal is not None:
        raise refusal
    _hand_over(request, response, token)
    return out


@router.get("/session", auth=door.signed_in, response=SessionOut)
def session(request: HttpRequest) -> dict[str, object]:
    """Who sits here."""
    with door.acting(request):
        return _session_out(door.who(request))


@router.delete("/session", auth=door.signed_in_or_wall, response={204: None})
def sign_out(request: HttpRequest, response: HttpResponse) -> tuple[int, None]:
    """Sign out; the screen's sockets close."""
    name = door.cookie_name(door.seat_of(request))
    with door.acting(request) as tx:
        sessions.sign_out(tx, request.COOKIES.get(name, ""), door.who(request).account)
    response.delete_cookie(name, path="/")
    return 204, None


@router.post("/tickets", auth=door.signed_in_or_wall, response=TicketGiven)
def ticket(request: HttpRequest, asked: TicketAsked) -> dict[str, str]:
    """A one-use pass to stream. Live video has its own door, which asks for a purpose."""
    if asked.purpose not in TICKET_PURPOSES:
        raise BadInput(where="purpose", why=" | ".join(TICKET_PURPOSES))
    with door.acting(request) as tx:
        token = sessions.issue_ticket(tx, door.who(request), asked.purpose, None)
    path = {"feed": "/feed", "upload": "/upload", "positions": "/positions"}[asked.purpose]
    return {"ticket": token, "url": f"{stream_url(request)}{path}?ticket={token}"}


def stream_url(request: HttpRequest) -> str:
    """Where the browser finds stream: what a proxy's owner set, else the same host's other port."""
    settings = load_settings()
    if settings.public_stream_url:
        return settings.public_stream_url.rstrip("/")
    scheme = "https" if request.is_secure() else "http"
    host = request.get_host().rsplit(":", 1)[0]
    return f"{scheme}://{host}:{settings.stream_port}"


def _hand_over(request: HttpRequest, response: HttpResponse, token: str) -> None:
    response.set_cookie(
        door.cookie_name(door.seat_of(request)),
        token,
        max_age=int(sessions.kept_for(door.seat_of(request)).total_seconds()),
        httponly=True,
        samesite="Strict",
        secure=request.is_secure(),
        path="/",
    )


def _session_out(found: sessions.SignedIn) -> dict[str, object]:
    party = Party.objects.select_related("unit").get(id=found.actor.id)
    post = Appointment.objects.filter(party=party).order_by("-valid_from").first()
    return {
        "account": found.login,
        "account_id": found.account,
        "party": {
            "id": party.id,
            "name": party.name,
            "unit": party.unit.name if party.unit else "",
        },
        "roles": sorted(found.actor.roles),
        "certificates": sorted(certificates_of(party.id, local_day(door.clock.now()))),
        "post": post.post if post else "",
        "demo": found.demo,
    }
