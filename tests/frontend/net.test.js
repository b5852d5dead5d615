import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { backoff, reason, Refused } from "../../arena/static/arena/js/net.js";
import { Line } from "./line.js";

const tries = [...Array(20).keys()];
const leave = { do: "leave", id: "c1" };
const belief = { do: "belief", id: "c2", p: 0.5 };

describe("the wait before the next attempt", () => {
  test("doubles from half a second, and is never longer than half a minute", () => {
    const waits = tries.map((n) => backoff(n, () => 0.5));
    assert.deepEqual(waits.slice(0, 8), [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    assert.equal(Math.max(...waits), 30_000);
  });

  test("is spread by three tenths either way, so that not all come back at once", () => {
    for (const n of tries) {
      const middle = backoff(n, () => 0.5);
      assert.ok(Math.abs(backoff(n, () => 0) - 0.7 * middle) < 1e-6);
      assert.ok(Math.abs(backoff(n, () => 1) - 1.3 * middle) < 1e-6);
    }
  });
});

describe("the socket", () => {
  let line;
  beforeEach(() => { line = new Line(); });
  afterEach(() => line.net.stop());

  test("syncs first, and sends commands once it is synced", () => {
    line.net.command(leave);
    line.net.start();
    line.socket.open();
    assert.deepEqual(line.socket.commands, [{ do: "sync", after: null }]);
    line.socket.bring({ is: "synced", earlier: false });
    assert.deepEqual(line.socket.commands, [{ do: "sync", after: null }, leave]);
    assert.deepEqual(line.statuses, ["open"]);
  });

  test("repeats what was not answered, in order and as it was, and nothing else", async () => {
    line.join();
    const answered = line.net.command(leave);
    line.net.command(belief);
    line.net.command({ ...belief, id: "c3" });
    line.socket.bring({ is: "ack", re: "c1", event: "e1" });
    assert.equal(await answered, "e1");
    line.socket.close();
    line.join();
    assert.deepEqual(line.socket.commands.slice(1), [belief, { ...belief, id: "c3" }]);
  });

  test("an answer goes to its own command", async () => {
    line.join();
    const answers = [line.net.command(leave), line.net.command(belief)];
    line.socket.bring({ is: "ack", re: "c2", event: "e2" }, { is: "ack", re: "c1", event: "e1" });
    assert.deepEqual(await Promise.all(answers), ["e1", "e2"]);
  });

  test("a refusal is given with its code and its words", async () => {
    line.join();
    const answer = line.net.command(leave);
    line.socket.bring({ is: "error", re: "c1", code: "room.ended", message: "It has ended." });
    await assert.rejects(answer, (why) => why instanceof Refused && why.code === "room.ended" && reason(why) === "It has ended.");
  });

  test("starts from the newest when the server does not know the last event", () => {
    line.net.options.lastEvent = () => "e7";
    line.net.start();
    line.socket.open();
    assert.deepEqual(line.socket.commands, [{ do: "sync", after: "e7" }]);
    line.socket.bring({ is: "error", re: null, code: "event.unknown", message: "Unknown." });
    assert.equal(line.sockets[0].readyState, 3);
    line.join();
    assert.deepEqual(line.socket.commands, [{ do: "sync", after: null }]);
    line.socket.close();
    line.join();
    assert.deepEqual(line.socket.commands, [{ do: "sync", after: "e7" }]);
  });

  test("is given up when pings stay unanswered", () => {
    line.join();
    line.net.now();
    assert.deepEqual(line.statuses, ["open"]);
    line.net.now();
    line.net.now();
    assert.deepEqual(line.statuses, ["open", "offline"]);
    assert.equal(line.socket.readyState, 3);
  });

  test("is kept while something comes from it", () => {
    line.join();
    for (let n = 0; n < 10; n += 1) {
      line.net.now();
      line.socket.bring({ is: "pong", now: "2026-11-22T22:42:10.123Z" });
    }
    assert.deepEqual(line.statuses, ["open"]);
  });

  test("measures a round trip after it was asked to", () => {
    assert.equal(line.net.probe(), false);
    line.join();
    line.socket.bring({ is: "pong", now: "2026-11-22T22:42:10.123Z" });
    assert.equal(line.net.probe(), true);
    assert.ok(Number.isNaN(line.net.rtt));
    line.socket.bring({ is: "pong", now: "2026-11-22T22:42:10.123Z" });
    assert.ok(line.net.rtt >= 0);
  });

  test("says when a frame that is not repeated could not go out", () => {
    assert.equal(line.net.write({ do: "history", before: "e1", limit: 100 }), false);
    line.join();
    assert.equal(line.net.write({ do: "history", before: "e1", limit: 100 }), true);
  });

  test("stays closed once it is stopped", () => {
    line.join();
    line.net.stop();
    line.net.now();
    assert.equal(line.sockets.length, 1);
    assert.deepEqual(line.statuses, ["open"]);
  });
});

test("what is no refusal is not taken for one", () => {
  assert.throws(() => reason(new TypeError("a fault")), TypeError);
});
