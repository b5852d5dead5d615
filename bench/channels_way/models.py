"""Rooms that number their messages."""

from django.db import models


class Room(models.Model):
    name = models.CharField(max_length=80, unique=True)
    last_seq = models.PositiveIntegerField(default=0)


class Message(models.Model):
    room = models.ForeignKey(Room, on_delete=models.CASCADE)
    seq = models.PositiveIntegerField()
    text = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "seq"], name="message_seq")]
