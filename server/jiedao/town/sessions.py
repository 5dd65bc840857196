# SPDX-License-Identifier: Apache-2.0
"""Signing in and out, and the one-use tickets that stream accepts.

A browser may hold several sessions at once, one a screen, each in a cookie of its own, so that
one newcomer can sit in several seats. Only hashes of tokens are kept.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.db import connection
from django.db.models import Q

from jiedao.base.actor import Actor
from jiedao.base.database import Tx
from jiedao.base.errors import NotSignedIn
from jiedao.town.calendar import local_day
from jiedao.town.errors import WaitBeforeTrying, WrongPassword
from jiedao.town.models import Account, Appointment, Session, SignInTrial, Ticket
from jiedao.trace.writing import Fact, record

SESSION_KEPT = timedelta(hours=16)
#: The big screen runs day and night, and can change nothing.
WALL_KEPT = timedelta(days=31)
TICKET_KEPT = timedelta(seconds=30)
TRIALS_KEPT = timedelta(days=1)
SEEN_EVERY = timedelta(minutes=1)
#: Roles whose holders see everything inside their area; others see what they work on.
SEES_AREA = {"operator", "duty_lead", "verifier", "administrator", "leader"}
#: Wrong tries before waiting begins, and the longest wait.
FREE_TRIES = 4
LONGEST_WAIT_S = 300
_NOBODYS_PASSWORD = make_password("nobody has this password")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who sits at a screen.

    Attributes:
        session: names the session among others of the account; opens nothing.
    """

    actor: Actor
    account: UUID
    login: str
    demo: bool
    session: str


def sign_in(tx: Tx, login: str, password: str, screen: str, network: str) -> tuple[str, UUID]:
    """Open a session for a login and password; returns its token and the account.

    A wrong password costs the account-and-network pair a growing wait, never the account itself,
    so that nobody can be locked out by somebody else.

    Raises:
        WaitBeforeTrying: the wait is not over.
        WrongPassword: one of the two is wrong; which one is not said.
    """
    key = hashlib.sha256(f"{login.lower()}|{network}".encode()).hexdigest()
    trial, _new = SignInTrial.objects.select_for_update().get_or_create(
        key=key, defaults={"wait_until": tx.now}
    )
    if trial.wait_until > tx.now:
        wait_s = int((trial.wait_until - tx.now).total_seconds()) + 1
        raise WaitBeforeTrying(seconds=wait_s)
    account = Account.objects.filter(login=login, is_active=True).first()
    if not check_password(password, account.password if account else _NOBODYS_PASSWORD):
        account = None
    if account is None:
        trial.wrong += 1
        wait_s = min(2 ** max(0, trial.wrong - FREE_TRIES), LONGEST_WAIT_S)
        trial.wait_until = tx.now + timedelta(seconds=wait_s if trial.wrong > FREE_TRIES else 0)
        trial.save()
        raise WrongPassword
    trial.delete()
    return open_session(tx, account, screen), account.id


def kept_for(screen: str) -> timedelta:
    """How long a session of a screen lasts."""
    return WALL_KEPT if screen == "wall" else SESSION_KEPT


def open_session(tx: Tx, account: Account, screen: str) -> str:
    """A new session of an account; returns its token."""
    token = secrets.token_urlsafe(32)
    Session.objects.create(
        token_hash=_hash(token),
        name=session_name(token),
        account=account,
        screen=screen,
        opened_at=tx.now,
        seen_at=tx.now,
        expires_at=tx.now + kept_for(screen),
    )
    fact = Fact("session.opened", "account", account.id, payload={"screen": screen})
    record(tx, fact)
    return token


def who_is(tx: Tx, token: str, screen: str) -> SignedIn:
    """Who holds a token.

    Raises:
        NotSignedIn: nobody, or no longer.
    """
    rows = Session.objects.select_related("account__party")
    session = rows.filter(token_hash=_hash(token), expires_at__gt=tx.now).first()
    if session is None or not session.account.is_active:
        raise NotSignedIn
    if tx.now - session.seen_at > SEEN_EVERY:
        Session.objects.filter(token_hash=session.token_hash).update(seen_at=tx.now)
    account = session.account
    actor = actor_of(account.party_id, tx.now, screen)
    return SignedIn(actor, account.id, account.login, account.demo, session_name(token))


def sign_out(tx: Tx, token: str, account: UUID) -> None:
    """Close a session; stream closes its sockets, and those of no other session."""
    Session.objects.filter(token_hash=_hash(token)).delete()
    fact = Fact(
        "session.ended",
        "account",
        account,
        payload={"session": session_name(token)},
        audience=[f"account:{account}"],
    )
    record(tx, fact)


def forget_ended_sessions(tx: Tx) -> int:
    """Forget sessions and tickets that ended, and old wrong passwords; returns how many."""
    old_trials = tx.now - TRIALS_KEPT
    ended = (
        Session.objects.filter(expires_at__lt=tx.now),
        Ticket.objects.filter(expires_at__lt=tx.now),
        SignInTrial.objects.filter(wait_until__lt=old_trials),
    )
    return sum(rows.delete()[0] for rows in ended)


def actor_of(party: UUID, at: datetime, screen: str) -> Actor:
    """A party with the roles and the area of its appointments on the day."""
    day = local_day(at)
    posts = list(
        Appointment.objects.filter(party_id=party, valid_from__lte=day).filter(
            Q(valid_to=None) | Q(valid_to__gte=day)
        )
    )
    areas = [post.place_path for post in posts if post.role in SEES_AREA]
    path = min(areas, key=len) if areas else ""
    return Actor(party, frozenset(post.role for post in posts), path, screen)


def issue_ticket(tx: Tx, who: SignedIn, purpose: str, subject: UUID | None) -> str:
    """A pass for one connection to stream, good for 30 s; returns the token."""
    token = secrets.token_urlsafe(24)
    Ticket.objects.create(
        token_hash=_hash(token),
        session=who.session,
        standing=_standing(who.session, tx.now),
        account_id=who.account,
        party_id=who.actor.id,
        audiences=[*who.actor.audiences, f"account:{who.account}", who.session],
        path=who.actor.path,
        purpose=purpose,
        subject=subject,
        expires_at=tx.now + TICKET_KEPT,
    )
    return token


def _standing(session: str, at: datetime) -> str:
    """A name for the appointments on which a session rests; another one once they change."""
    with connection.cursor() as cursor:
        cursor.execute("select standing from town_standing(array[%s], %s)", [session, at])
        row = cursor.fetchone()
    if row is None:
        raise NotSignedIn
    return str(row[0])


def session_name(token: str) -> str:
    """A name for a session that can be told to others; the token cannot be found from it."""
    return f"session:{hashlib.sha256(b'name ' + token.encode()).hexdigest()[:32]}"


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
