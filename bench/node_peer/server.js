// A plain chat server on `ws` and `pg`: each message is one statement, committed before its ack.
// Usage: DATABASE_URL=… node server.js PORT

import pg from "pg";
import { WebSocketServer } from "ws";

const INSERT = {
  name: "insert",
  text: "INSERT INTO message (room, seq, text) VALUES ($1, $2, $3)",
};

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
await pool.query(
  "CREATE TABLE message (room text, seq integer, text text NOT NULL, " +
    "at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (room, seq))",
);

/** The sockets of a room, and its newest message: the next one is stored after it. */
class Room {
  members = new Set();
  seq = 0;
  stored = Promise.resolve();

  constructor(name) {
    this.name = name;
  }

  say(speaker, said) {
    const seq = ++this.seq;
    this.stored = this.stored.then(async () => {
      await pool.query({ ...INSERT, values: [this.name, seq, said.text] });
      const event = { is: "event", id: `e${seq}`, kind: "message", text: said.text };
      const frame = JSON.stringify(event);
      for (const member of this.members) member.send(frame);
      speaker.send(JSON.stringify({ is: "ack", re: said.id, event: `e${seq}` }));
    });
  }
}

const rooms = new Map();

function enter(socket, { url }) {
  if (!rooms.has(url)) rooms.set(url, new Room(url));
  const room = rooms.get(url);
  room.members.add(socket);
  socket.on("message", (payload) => room.say(socket, JSON.parse(payload)));
  socket.on("close", () => room.members.delete(socket));
}

const port = Number(process.argv[2]);
new WebSocketServer({ host: "127.0.0.1", port, perMessageDeflate: false }).on("connection", enter);
