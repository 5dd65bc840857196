# SPDX-License-Identifier: Apache-2.0
"""Parties, accounts, appointments, places, calendars: dated tables; changes leave records."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models

from jiedao.base.ids import new_id


class Party(models.Model):
    """A person, an organisation or a unit."""

    PERSON, ORGANISATION, UNIT = "person", "organisation", "unit"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.TextField(unique=True)
    kind = models.TextField(choices=[(k, k) for k in (PERSON, ORGANISATION, UNIT)])
    name = models.TextField()
    unit = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="members")
    place_path = models.TextField(db_collation="C", default="/")
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    demo = models.BooleanField(default=False)

    class Meta:
        db_table = "town_party"
        indexes = [models.Index(fields=["place_path"], name="town_party_path")]


class Appointment(models.Model):
    """A dated role of a party in an area, with the certificates that it rests on."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="appointments")
    role = models.TextField()
    post = models.TextField()
    place_path = models.TextField(db_collation="C")
    certificates = models.JSONField(default=list)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        db_table = "town_appointment"


class Accounts(BaseUserManager["Account"]):
    """Finds accounts by login."""


class Account(AbstractBaseUser):
    """How a party signs in."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    login = models.TextField(unique=True)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="accounts")
    seat = models.TextField(default="")
    is_active = models.BooleanField(default=True)
    demo = models.BooleanField(default=False)

    objects = Accounts()

    USERNAME_FIELD = "login"
    REQUIRED_FIELDS = []

    class Meta:
        db_table = "town_account"


class Session(models.Model):
    """A signed-in browser or phone; only the hash of its token is kept.

    Attributes:
        name: tells it from others; opens nothing, and the token cannot be found from it.
    """

    token_hash = models.BinaryField(primary_key=True)
    name = models.TextField(unique=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    screen = models.TextField()
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "town_session"


class SignInTrial(models.Model):
    """Wrong passwords of late, by account and network: they slow down, they never lock out."""

    key = models.TextField(primary_key=True)
    wrong = models.IntegerField(default=0)
    wait_until = models.DateTimeField()

    class Meta:
        db_table = "town_sign_in_trial"


class Ticket(models.Model):
    """A one-use pass of 30 s from web to stream.

    Attributes:
        session, standing: what stream asks for again while a socket is open: whether the session
            goes on, and its holder's appointments are still those of the ticket.
    """

    token_hash = models.BinaryField(primary_key=True)
    session = models.TextField()
    standing = models.TextField()
    account_id = models.UUIDField()
    party_id = models.UUIDField()
    audiences = ArrayField(models.TextField())
    path = models.TextField(db_collation="C")
    purpose = models.TextField()
    subject = models.UUIDField(null=True)
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "town_ticket"


class Place(models.Model):
    """A node of the one spatial tree. Positions are WGS-84."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.TextField(unique=True)
    kind = models.TextField(db_index=True)
    name = models.TextField()
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="parts")
    path = models.TextField(db_collation="C", unique=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    geometry = models.JSONField(null=True)
    source_crs = models.TextField(default="WGS84")
    attributes = models.JSONField(default=dict)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    demo = models.BooleanField(default=False)

    class Meta:
        db_table = "town_place"


class CalendarDay(models.Model):
    """A day that differs from the week: a holiday, or a working day swapped in."""

    day = models.DateField(primary_key=True)
    works = models.BooleanField()
    name = models.TextField()
    source = models.TextField()

    class Meta:
        db_table = "town_calendar_day"


class SchoolTerm(models.Model):
    """From which day to which children go to the schools of a place, and when on such a day.

    ``hours`` are the times about the school gate, local, "HH:MM" pairs of from and to. Which days
    of the term are school days follows from the working days.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.TextField()
    place_path = models.TextField(db_collation="C")
    first_day = models.DateField()
    last_day = models.DateField()
    hours = models.JSONField()
    source = models.TextField()

    class Meta:
        db_table = "town_school_term"
        constraints = [
            models.UniqueConstraint(fields=["place_path", "name"], name="town_school_term_once")
        ]


class Town(models.Model):
    """What this installation is: one row."""

    id = models.IntegerField(primary_key=True, default=1)
    name = models.TextField()
    code = models.TextField()
    lon = models.FloatField()
    lat = models.FloatField()
    demo = models.BooleanField(default=False)
    facts = models.JSONField(default=dict)

    class Meta:
        db_table = "town_town"
