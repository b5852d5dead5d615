import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, mock, test } from "node:test";
import { backoff, reason, Refused } from "../../arena/static/arena/js/net.js";
import { Line, PONG, SYNCED } from "./line.js";

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
    line.socket.bring(SYNCED);
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
    const told = [];
    Object.assign(line.net.options, { lastEvent: () => "e7", onAnew: () => told.push("anew") });
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
    assert.deepEqual(told, ["anew"]);
  });

  test("goes on from where it was when the server was only busy: else what was missed would be a gap", () => {
    line.net.options.lastEvent = () => "e7";
    line.net.start();
    line.socket.open();
    line.socket.bring({ is: "error", re: null, code: "log.busy", message: "Later." });
    line.join();
    assert.deepEqual(line.socket.commands, [{ do: "sync", after: "e7" }]);
  });

  test("asks on until it has all of a long absence, and only then sends commands", () => {
    line.net.command(leave);
    let last = "e1";
    line.net.options.lastEvent = () => last;
    line.net.start();
    line.socket.open();
    last = "e201";
    line.socket.bring({ is: "synced", earlier: true, later: true });
    assert.deepEqual(line.socket.commands, [{ do: "sync", after: "e1" }, { do: "sync", after: "e201" }]);
    assert.deepEqual(line.statuses, []);
    line.socket.bring({ is: "synced", earlier: true, later: false });
    assert.deepEqual(line.socket.commands.at(-1), leave);
    assert.deepEqual(line.statuses, ["open"]);
  });

  test("does not take an earlier page of the log for a place to go on from", () => {
    line.join();
    line.net.write({ do: "history", before: "e1", limit: 100 });
    line.socket.bring({ is: "synced", earlier: false, later: true });
    assert.equal(line.socket.commands.filter((frame) => frame.do === "sync").length, 1);
  });

  test("measures a round trip after it was asked to", () => {
    assert.equal(line.net.probe(), false);
    line.join();
    assert.equal(line.net.probe(), true);
    assert.ok(Number.isNaN(line.net.rtt));
    line.socket.bring(PONG);
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

describe("a line that dies in silence", () => {
  let line;

  /** In steps: a timer that is set in the middle of one runs from its end. */
  function pass(ms) {
    for (let left = ms; left > 0; left -= 50) mock.timers.tick(Math.min(50, left));
  }

  beforeEach(() => {
    mock.timers.enable({ apis: ["setTimeout", "Date"] });
    line = new Line();
    line.join();
  });
  afterEach(() => {
    line.net.stop();
    mock.timers.reset();
  });

  test("is noticed within five seconds, and another one opened at once", () => {
    pass(4999);
    assert.deepEqual(line.statuses, ["open", "offline"]);
    assert.deepEqual(line.sockets.map(({ isClosed }) => isClosed), [true, false]);
    line.accept();
    assert.deepEqual(line.statuses, ["open", "offline", "open"]);
  });

  test("is noticed within five seconds of a command that is not answered", () => {
    pass(1900);
    line.net.command(leave);
    for (const text of ["one", "two", "three", "four"]) {
      pass(1000);
      line.socket.bring({ is: "event", id: text, at: "2026-11-22T22:42:10Z", kind: "message", from: "them", text });
    }
    assert.equal(line.sockets.length, 2);
    line.accept();
    assert.deepEqual(line.socket.commands.at(-1), leave);
  });

  test("is noticed within a second or so when somebody comes back", () => {
    line.quietMs = 20_000;
    line.socket.bring(PONG);
    pass(15_000);
    assert.equal(line.sockets.length, 1);
    line.net.now();
    pass(1100);
    assert.equal(line.sockets.length, 2);
  });

  test("is asked seldom by a page that nobody sees", () => {
    line.quietMs = 20_000;
    line.socket.bring(PONG);
    const before = line.socket.pings;
    pass(19_999);
    assert.equal(line.socket.pings, before);
    pass(1);
    assert.equal(line.socket.pings, before + 1);
  });

  test("is not taken for one that is quiet", () => {
    for (let s = 0; s < 600; s += 1) {
      const before = line.socket.pings;
      pass(1000);
      if (line.socket.pings > before) line.socket.bring(PONG);
    }
    assert.equal(line.sockets.length, 1);
    assert.ok(line.socket.pings <= 302, `${line.socket.pings} pings in ten minutes`);
  });

  test("is not taken for one that is slow", () => {
    for (const ms of [1000, 2000, 3900, 7500]) {
      pass(2000 + ms);
      line.socket.bring(PONG);
    }
    assert.equal(line.sockets.length, 1);
    pass(2000 + 2 * 7500);
    assert.equal(line.sockets.length, 2);
  });

  test("while it is opened is given up later, for the next attempt", () => {
    pass(4999);
    pass(9999);
    assert.equal(line.sockets.length, 2);
    pass(1 + 1300);
    assert.equal(line.sockets.length, 3);
  });

  test("while it is opened is given up after two seconds when there is reason to try", () => {
    pass(4500);
    assert.equal(line.sockets.length, 2);
    line.net.now();
    pass(2000);
    assert.equal(line.sockets.length, 2);
    line.net.now();
    pass(50);
    line.net.now();
    assert.equal(line.sockets.length, 3);
    pass(500);
    line.net.now();
    pass(2000);
    assert.equal(line.sockets.length, 4);
    line.accept();
    assert.deepEqual(line.statuses, ["open", "offline", "open"]);
    pass(1900);
    assert.equal(line.sockets.length, 4);
  });

  test("is not heard any more once another one is open", () => {
    pass(4999);
    const n = line.frames.length;
    line.sockets[0].dispatchEvent(new MessageEvent("message", { data: JSON.stringify(PONG) }));
    assert.equal(line.frames.length, n);
  });

  test("is believed to live when it was the page that stood still", () => {
    pass(2000);
    line.slept = -60_000;  // A minute passed in which no timer ran.
    pass(2500);
    assert.equal(line.sockets.length, 1);
    line.socket.bring(PONG);
    pass(4000);
    assert.equal(line.sockets.length, 1);
  });

  test("is not taken for a slow one because the page stood still", () => {
    pass(2000);
    line.slept = -60_000;
    line.socket.bring(PONG);
    pass(4999);
    assert.equal(line.sockets.length, 2);
  });

  test("is not believed twice without an answer", () => {
    pass(2000);
    line.slept = -60_000;
    pass(2500);
    line.slept = -120_000;
    pass(2500);
    assert.equal(line.sockets.length, 2);
  });
});

test("a round trip in which the computer slept is a long one", () => {
  const line = new Line();
  line.join();
  line.net.probe();
  const { now } = Date;
  mock.method(Date, "now", () => now() + 90_000);
  line.slept = 90_000;
  line.socket.bring(PONG);
  mock.restoreAll();
  assert.ok(line.net.rtt >= 90_000);
  assert.equal(line.roundTrips.at(-1), line.net.rtt);
  line.net.stop();
});

describe("a seat that is not in this browser any more", () => {
  const refusal = { is: "error", re: null, code: "seat.unknown", message: "No seat." };
  let line;
  beforeEach(() => {
    mock.timers.enable({ apis: ["setTimeout", "Date"] });
    line = new Line();
  });
  afterEach(() => {
    line.net.stop();
    mock.timers.reset();
  });

  /** The server tells the newest socket that it has no seat. */
  const turnAway = () => {
    line.socket.open();
    line.socket.bring(refusal);
    line.socket.close(4403);
  };

  test("is not asked for again, until somebody wants to", () => {
    line.net.start();
    turnAway();
    assert.deepEqual(line.statuses, ["moved"]);
    mock.timers.tick(3_600_000);
    assert.equal(line.sockets.length, 1);
    line.join();
    assert.deepEqual(line.statuses, ["moved", "open"]);
  });

  test("open in too many windows is not asked for again either, and it is said why", () => {
    line.join();
    line.socket.bring({ is: "error", re: null, code: "seat.crowded", message: "Eight windows." });
    line.socket.close(4409);
    mock.timers.tick(3_600_000);
    assert.equal(line.sockets.length, 1);
    assert.deepEqual(line.statuses, ["open", "moved"]);
    assert.equal(line.net.crowded, "Eight windows.");
  });

  test("is known by the code of the close alone", () => {
    line.net.start();
    line.socket.open();
    line.socket.close(4403);
    assert.deepEqual(line.statuses, ["moved"]);
  });

  test("is asked for once by a page that had it, which may hold it by a new key", () => {
    line.join();
    line.socket.bring(refusal);
    assert.equal(line.sockets.length, 2);
    turnAway();
    assert.deepEqual(line.statuses, ["open", "offline", "moved"]);
  });

  test("leaves a command unanswered, neither stored nor refused", async () => {
    line.join();
    let answers = 0;
    line.net.command(leave).finally(() => { answers += 1; });
    line.socket.bring({ ...refusal, re: leave.id });
    turnAway();
    await new Promise((resolve) => { setImmediate(resolve); });
    assert.equal(answers, 0);
    line.join();
    assert.deepEqual(line.socket.commands.at(-1), leave);
  });
});

test("what is no refusal is not taken for one", () => {
  assert.throws(() => reason(new TypeError("a fault")), TypeError);
});
