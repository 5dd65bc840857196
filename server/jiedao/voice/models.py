# SPDX-License-Identifier: Apache-2.0
"""Loudspeakers, and what they were asked to say."""

from django.db import models
from django.db.models import Q

from jiedao.base.ids import new_id


class Exchange(models.Model):
    """A SIP server through which loudspeakers are called; only the voice process may read it.

    `account` and `password` are our own there, `domain` is what its addresses end in ("": its
    host). Where `registers`, the voice process keeps that account registered, as some exchanges
    want before they let it call. `state` is what became of that: unknown, online or offline, with
    the code of the failure.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.TextField(unique=True)
    name = models.TextField()
    host = models.TextField()
    port = models.IntegerField(default=5060)
    domain = models.TextField(default="")
    account = models.TextField()
    password = models.TextField(default="")
    registers = models.BooleanField(default=True)
    state = models.TextField(default="unknown")
    state_at = models.DateTimeField(null=True)
    failure = models.TextField(default="")

    class Meta:
        db_table = "voice_exchange"


class Loudspeaker(models.Model):
    """A horn on the town's network. Position in WGS-84, volume 0..100.

    It is called at its own address, or through an exchange. `state` is what the voice process
    last found: unknown, online or offline.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.TextField(unique=True)
    name = models.TextField()
    place = models.ForeignKey(
        "town.Place", null=True, on_delete=models.PROTECT, related_name="loudspeakers"
    )
    place_path = models.TextField(db_collation="C")
    lon = models.FloatField()
    lat = models.FloatField()
    sip_account = models.TextField()
    sip_host = models.TextField(default="")
    sip_port = models.IntegerField(default=5060)
    exchange = models.ForeignKey(
        Exchange, null=True, on_delete=models.PROTECT, related_name="loudspeakers"
    )
    volume = models.SmallIntegerField(default=70)
    quiet_from = models.TimeField(null=True)
    quiet_to = models.TimeField(null=True)
    is_enabled = models.BooleanField(default=True)
    state = models.TextField(default="unknown")
    state_at = models.DateTimeField(null=True)
    demo = models.BooleanField(default=False)

    class Meta:
        db_table = "voice_loudspeaker"


class LoudspeakerLogin(models.Model):
    """The password of a loudspeaker's account; only the voice process may read it."""

    loudspeaker = models.OneToOneField(
        Loudspeaker, primary_key=True, on_delete=models.CASCADE, related_name="login"
    )
    password = models.TextField()

    class Meta:
        db_table = "voice_loudspeaker_login"


class Announcement(models.Model):
    """Words for one loudspeaker, from being asked for to the proof that they were heard.

    A live one has no text: somebody holds a key and speaks (`talks`). States: asked, calling,
    playing; then played, failed or stopped. `dialog` is what is needed to hang up a call that a
    dead process left behind. `volume`, 0..100, stands in place of the loudspeaker's own.
    `heard_match` is the likeness, 0..1, of what the loudspeaker's monitor sent back to what was
    rendered; null where it has none.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    loudspeaker = models.ForeignKey(
        Loudspeaker, on_delete=models.PROTECT, related_name="announcements"
    )
    batch = models.UUIDField(null=True)
    matter_id = models.UUIDField(null=True)
    plan_run = models.UUIDField(null=True)
    step = models.TextField(default="")
    phrase = models.TextField(null=True)
    text = models.TextField()
    is_live = models.BooleanField(default=False)
    volume = models.SmallIntegerField(null=True)
    is_life_safety = models.BooleanField(default=False)
    override_reason = models.TextField(default="")
    place_path = models.TextField(db_collation="C")
    asked_by = models.UUIDField()
    asked_at = models.DateTimeField()
    state = models.TextField(default="asked")
    stop_asked_by = models.UUIDField(null=True)
    attempts = models.SmallIntegerField(default=0)
    try_at = models.DateTimeField()
    claimed_by = models.TextField(default="")
    claimed_until = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    first_packet_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    dialog = models.JSONField(null=True)
    packets = models.IntegerField(default=0)
    packets_lost = models.IntegerField(null=True)
    is_end_confirmed = models.BooleanField(default=False)
    rendered_blob = models.TextField(null=True)
    heard_blob = models.TextField(null=True)
    heard_match = models.FloatField(null=True)
    failure = models.TextField(default="")

    class Meta:
        db_table = "voice_announcement"
        indexes = [
            models.Index(
                fields=["try_at"],
                name="voice_announcement_open",
                condition=Q(state__in=["asked", "calling", "playing"]),
            ),
            models.Index(fields=["matter_id", "asked_at"], name="voice_announcement_matter"),
            models.Index(fields=["loudspeaker", "asked_at"], name="voice_announcement_speaker"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["loudspeaker"],
                name="voice_one_talk_a_loudspeaker",
                condition=Q(is_live=True, state__in=["asked", "calling", "playing"]),
            )
        ]
