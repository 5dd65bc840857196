# SPDX-License-Identifier: Apache-2.0
"""What a pack says: flows, items, plans, phrases. Values only; read by ``catalog.reading``."""

from datetime import date
from typing import Annotated, Literal

import msgspec

Words = dict[Literal["zh-CN", "en"], str]
Code = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Seconds = Annotated[int, msgspec.Meta(ge=0, le=366 * 86_400)]
Severity = Annotated[int, msgspec.Meta(ge=1, le=4)]

#: What a step of a plan can do.
Work = Literal["announce", "dispatch", "look", "settle", "tell_lead"]

#: Stands for "the state it is in already" as an action's target.
SAME = "="


class _Data(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Action(_Data, frozen=True, kw_only=True):
    """Something a person (or the platform) can do to a matter.

    Attributes:
        start: states from which it can be done ("from" in the file).
        to: the state it leads to, or "=" to stay.
        by: roles that may do it.
        needs: fields that must be given, such as "reason".
        guards: names of pure checks in ``matters.guards``.
        handles: whoever does it has handled the matter, and so may not verify it.
        calls_off: whoever is still asked or at work is called off.
        key: its key on the duty desk.
    """

    name: Words
    start: list[Code] = msgspec.field(name="from")
    to: str
    by: list[Code]
    needs: list[Code] = []
    guards: list[Code] = []
    handles: bool = False
    calls_off: bool = False
    key: str = ""


class Overdue(_Data, frozen=True, kw_only=True):
    """Who is told when something has not happened in time; told once for each matter.

    Attributes:
        states: states in which it still has not happened ("while" in the file).
        unconfirmed: only as long as nobody has confirmed the matter either.
        after_s: seconds from opening, or
        of: the due time of the item that passes.
        severities: the levels that it holds for.
        tell: whom or how: another operator, the duty lead's phone, a call, a flag in the list.
    """

    name: Words
    states: list[Code] = msgspec.field(name="while")
    unconfirmed: bool = False
    after_s: Seconds | None = None
    of: Literal["respond_by", "due_at"] | None = None
    severities: list[Severity] = msgspec.field(default_factory=lambda: [1, 2, 3, 4])
    tell: list[Literal["second_operator", "duty_lead", "call", "red_flag"]]


class OnTheSpot(_Data, frozen=True, kw_only=True):
    """What is solved by whoever raises it.

    Attributes:
        state: the state in which it is filed.
        sampled: the state in which it is filed if the draw falls on it, for another hand to verify.
        share: of how many the draw makes a sample, 0..1.
    """

    state: Code
    sampled: Code
    share: Annotated[float, msgspec.Meta(ge=0, le=1)]


TaskLead = Literal["accepted", "arrived", "begun", "reported", "all_reported", "dropped"]

#: What flows meant before they said it themselves; matters opened by those still go by them.
EARLY_PROGRESS: tuple[Code, ...] = (
    "reported",
    "filed",
    "dispatched",
    "on_way",
    "on_scene",
    "handling",
    "reported_back",
)
EARLY_TASKS: dict[TaskLead, Code] = {
    "accepted": "on_way",
    "arrived": "on_scene",
    "reported": "reported_back",
}


class Flow(_Data, frozen=True, kw_only=True):
    """States and the actions between them.

    Attributes:
        open_states: those in which the matter is not over.
        absorbs: those in which the same again is the same alarm; once somebody has reported
            back, the same again is a new one.
        progress: states by how far along they are; a second hand's task never sets a matter back.
        tasks: where what a hand does leads the matter; "all_reported" when nobody else is at it
            any more, "dropped" when the last one asked has turned back.
        overdue: who is told of what, when it is late.
        on_the_spot: what becomes of what its raiser has solved; None if that cannot be.
    """

    start: Code
    states: dict[Code, Words]
    open_states: list[Code]
    absorbs: list[Code]
    progress: list[Code] = msgspec.field(default_factory=lambda: list(EARLY_PROGRESS))
    tasks: dict[TaskLead, Code] = msgspec.field(default_factory=lambda: dict(EARLY_TASKS))
    actions: dict[Code, Action]
    overdue: dict[Code, Overdue] = {}
    on_the_spot: OnTheSpot | None = None


class Due(_Data, frozen=True, kw_only=True):
    """How soon: to respond, and to have it handled.

    Attributes:
        respond_within_s, handle_within_s: seconds from opening; 0 means no limit.
        working_days: working days to handle it, instead of handle_within_s.
    """

    respond_within_s: Seconds = 0
    handle_within_s: Seconds = 0
    working_days: Annotated[int, msgspec.Meta(ge=0, le=250)] = 0


class Item(_Data, frozen=True, kw_only=True):
    """A catalogue entry 事项: a kind of matter.

    Attributes:
        school_severity: the severity about the school gate, at the hours of a school day.
        by_hand: anyone in the service may raise one; else it comes of something else only.
    """

    name: Words
    flow: Code
    severity: Severity
    school_severity: Severity | None = None
    standard: str
    standard_code: str
    owner: Code
    due: Due = Due()
    plan: Code | None = None
    signals: list[str] = []
    evidence: list[Literal["photo", "note"]] = []
    skills: list[Code] = []
    by_hand: bool = True


class PlanStep(_Data, frozen=True, kw_only=True):
    """One step of a plan.

    Attributes:
        do: what the step does; "settle" ends the matter as reminded and left.
        after_s: seconds after the run began, or after the step named in ``follows`` was done.
        paces: the same at another pace of the run: in school hours, or in a drill.
        when: only if the last look found this; else the step is skipped, and says so.
        phrase: for "announce", the phrase to speak.
    """

    step: Code
    name: Words
    do: Work
    after_s: Seconds = 0
    paces: dict[Literal["school", "drill"], Seconds] = {}
    follows: Code | None = None
    when: Literal["always", "not_clear", "clear"] = "always"
    phrase: Code | None = None


class Plan(_Data, frozen=True, kw_only=True):
    """What the platform does by itself once a matter of an item opens."""

    name: Words
    steps: list[PlanStep]


class Phrase(_Data, frozen=True, kw_only=True):
    """Words for a loudspeaker."""

    text: str
    life_safety: bool = False
    key: str = ""


class Pack(_Data, frozen=True, kw_only=True):
    """One pack file."""

    pack: Code
    version: Annotated[int, msgspec.Meta(ge=1)]
    valid_from: date
    valid_to: date | None = None
    name: Words
    flows: dict[Code, Flow] = {}
    items: dict[Code, Item] = {}
    plans: dict[Code, Plan] = {}
    phrases: dict[Code, Phrase] = {}
