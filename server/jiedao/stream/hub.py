# SPDX-License-Identifier: Apache-2.0
"""Hands each sealed event to the sockets that may see it. Holds no database connection."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from jiedao.base.clock import Clock
from jiedao.stream import messages
from jiedao.stream.audience import Listener, may_see
from jiedao.stream.mailbox import Mailbox
from jiedao.stream.messages import ProcessState
from jiedao.stream.store import FeedRow, Ticket

BEAT_S = 5.0
TICKET_LIFE = timedelta(seconds=30)
SESSION_ENDED = "session.ended"


@dataclass(eq=False, slots=True)
class Member:
    """A socket of a signed-in person, of any kind.

    Attributes:
        account, names: whose session's end closes it; the session is among the names.
        since: when its ticket was issued, by the database's clock.
        session, standing: the session it was opened in, and what its rights rested on then.
        close: ends the socket; called at most once.
    """

    account: UUID
    names: frozenset[str]
    since: datetime
    session: str
    standing: str
    close: Callable[[], None]

    def ends_with(self, end: "SessionEnd") -> bool:
        """Whether this socket was opened within the session that ended."""
        is_of_it = not end.session or end.session in self.names
        return self.account == end.account and is_of_it and self.since <= end.at


@dataclass(frozen=True, slots=True)
class SessionEnd:
    """A session that is over; without a name, every session of the account."""

    account: UUID
    session: str
    at: datetime


@dataclass(eq=False, slots=True)
class Client:
    """A feed socket.

    Attributes:
        cursor: events after this come through the mailbox.
        missed_after: events after this, up to the cursor, have to be read back for the client.
    """

    listener: Listener
    cursor: int
    missed_after: int
    mailbox: Mailbox = field(default_factory=Mailbox)


class Hub:
    """Who listens, and how far the feed has come. Lives in one event loop.

    Attributes:
        position: everything up to here was handed out; means nothing before the first reading.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._clients: set[Client] = set()
        self._members: set[Member] = set()
        self._ended: list[SessionEnd] = []
        self._read_at_s: float | None = None
        self.position = 0
        self.processes: tuple[ProcessState, ...] = ()

    @property
    def listening(self) -> int:
        return len(self._clients)

    @property
    def age_s(self) -> float | None:
        """Seconds since the database was last read; None if it never was."""
        if self._read_at_s is None:
            return None
        return self._clock.monotonic_s() - self._read_at_s

    def join(self, ticket: Ticket, close: Callable[[], None]) -> Member:
        """Note a socket, so that it closes with the session.

        The session may have ended between the ticket's consumption and this call.
        """
        since = ticket.expires_at - TICKET_LIFE
        member = Member(
            ticket.account, ticket.audiences, since, ticket.session, ticket.standing, close
        )
        if any(member.ends_with(end) for end in self._ended):
            close()
        else:
            self._members.add(member)
        return member

    def leave(self, member: Member) -> None:
        self._members.discard(member)

    def attach(self, listener: Listener, after: int | None) -> Client:
        """Start to hand events to a client; those after `after` only.

        A client may come from a snapshot that is newer than the feed; it waits for what follows.
        """
        wanted = self.position if after is None else after
        client = Client(listener, max(wanted, self.position), wanted)
        self._clients.add(client)
        client.mailbox.put(self._hello(), "")
        return client

    def detach(self, client: Client) -> None:
        self._clients.discard(client)

    def start_at(self, position: int) -> None:
        """The database was read for the first time, or it is another, older one.

        A restored database may stand behind what was already told; everybody starts anew.
        """
        if self._read_at_s is None:
            self.position = position
        elif position < self.position:
            notice = messages.say(messages.Resync(position=position, why="restored"))
            for client in self._clients:
                client.cursor = position
                client.mailbox.put(notice, notice)
            self.position = position
        self.was_read()

    def was_read(self) -> None:
        """The database answered; nothing is missing up to the position."""
        self._read_at_s = self._clock.monotonic_s()

    def publish(self, rows: Sequence[FeedRow]) -> None:
        """Hand out sealed records in the order of their positions."""
        for row in rows:
            if row.position <= self.position:
                continue
            self.position = row.position
            self._hand_out(row)
            if row.verb == SESSION_ENDED:
                self.end_session(SessionEnd(row.subject, messages.session_of(row), row.at))
        self.was_read()

    def _hand_out(self, row: FeedRow) -> None:
        text: str | None = None
        for client in self._clients:
            if row.position <= client.cursor:
                continue
            if not may_see(row.audience, row.place_path, client.listener):
                continue
            text = text or messages.say(messages.event_of(row))
            client.mailbox.put(text, self._resync())

    def end_session(self, end: SessionEnd) -> None:
        """Close every socket that was opened with this session's earlier tickets."""
        # No ticket lives longer than a minute, so older endings can meet no new socket.
        self._ended = [*(old for old in self._ended if end.at - old.at < 2 * TICKET_LIFE), end]
        self._close(lambda member: member.ends_with(end))

    @property
    def sessions(self) -> frozenset[str]:
        """The sessions in which the open sockets were opened."""
        return frozenset(member.session for member in self._members)

    def check_sessions(self, asked: Set[str], standings: Mapping[str, str]) -> None:
        """Close the sockets of sessions that are over, or whose holder's rights have changed.

        Args:
            asked: the sessions that were asked about; sockets of others came in meanwhile.
            standings: what the rights of those that go on rest on now.
        """
        self._close(
            lambda member: (
                member.session in asked and standings.get(member.session) != member.standing
            )
        )

    def _close(self, is_over: Callable[[Member], bool]) -> None:
        for member in [m for m in self._members if is_over(m)]:
            self._members.discard(member)
            member.close()

    def beat(self) -> None:
        """Tell every client how far the feed is and how old that knowledge is."""
        age_s = self.age_s
        if age_s is None:
            return
        self._tell_all(
            messages.Beat(
                position=self.position,
                at=self._clock.now(),
                age_s=round(age_s, 1),
                processes=self.processes,
            )
        )

    def tell_processes(self, processes: tuple[ProcessState, ...]) -> None:
        """Tell every client at once if a process has changed its state."""
        if processes == self.processes:
            return
        self.processes = processes
        self._tell_all(messages.Processes(at=self._clock.now(), processes=processes))

    def _tell_all(self, notice: messages.Notice) -> None:
        text = messages.say(notice)
        for client in self._clients:
            client.mailbox.put(text, self._resync())

    def _hello(self) -> str:
        return messages.say(
            messages.Hello(
                position=self.position,
                at=self._clock.now(),
                beat_s=BEAT_S,
                processes=self.processes,
            )
        )

    def _resync(self) -> str:
        # Everything up to the position is in the snapshot that the client fetches after this.
        return messages.say(messages.Resync(position=self.position, why="slow"))
