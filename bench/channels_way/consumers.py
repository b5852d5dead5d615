"""The consumer of the Channels tutorial (part 3), with the database access its guide recommends."""

import json

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import transaction

from channels_way.models import Message, Room


class ChatConsumer(AsyncWebsocketConsumer):
    async def connect(self):
        self.room_name = self.scope["url_route"]["kwargs"]["room_name"]
        self.room_group_name = f"chat_{self.room_name}"
        self.room_id = await self.find_room()
        await self.channel_layer.group_add(self.room_group_name, self.channel_name)
        await self.accept()

    async def disconnect(self, close_code):
        await self.channel_layer.group_discard(self.room_group_name, self.channel_name)

    async def receive(self, text_data):
        said = json.loads(text_data)
        seq = await self.store(said["text"])
        await self.send(text_data=json.dumps({"is": "ack", "re": said["id"], "event": f"e{seq}"}))
        await self.channel_layer.group_send(
            self.room_group_name, {"type": "chat.message", "seq": seq, "text": said["text"]}
        )

    async def chat_message(self, event):
        frame = {"is": "event", "id": f"e{event['seq']}", "kind": "message", "text": event["text"]}
        await self.send(text_data=json.dumps(frame))

    @database_sync_to_async
    def find_room(self):
        return Room.objects.get_or_create(name=self.room_name)[0].id

    @database_sync_to_async
    def store(self, text):
        with transaction.atomic():
            room = Room.objects.select_for_update().get(id=self.room_id)
            room.last_seq += 1
            room.save(update_fields=["last_seq"])
            Message.objects.create(room=room, seq=room.last_seq, text=text)
        return room.last_seq
