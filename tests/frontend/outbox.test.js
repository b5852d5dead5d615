import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { Drafts } from "../../arena/static/arena/js/drafts.js";
import { Outbox } from "../../arena/static/arena/js/outbox.js";
import { entries, Store } from "../../arena/static/arena/js/store.js";
import { Line, settled } from "./line.js";
import { storages } from "./storage.js";

const ROOM = { code: "k7m2", seat: "interrogator", duration_s: 300 };
const ack = ({ id }, event) => ({ is: "ack", re: id, event });
const refusal = ({ id }) => ({ is: "error", re: id, code: "room.paused", message: "Paused." });

describe("the outbox", () => {
  let kept, line, outbox, store;

  /** A page of the room, which finds what an earlier page in this tab has kept. */
  function load() {
    store = new Store();
    line = new Line({ store });
    outbox = new Outbox({ net: line.net, store, drafts: new Drafts(ROOM, kept) });
  }

  const said = () => line.says().map(({ text }) => text);

  beforeEach(() => {
    kept = storages();
    load();
    line.join();
  });
  afterEach(() => line.net.stop());

  test("sends one message at a time, in the order they were written", async () => {
    for (const text of ["one", "two", "three"]) outbox.say("A", text);
    assert.deepEqual(said(), ["one"]);
    line.socket.bring(ack(line.says()[0], "e1"));
    await settled();
    assert.deepEqual(said(), ["one", "two"]);
  });

  test("names the pane, unless there is only one conversation", async () => {
    outbox.say("B", "one");
    line.socket.bring(ack(line.says()[0], "e1"));
    await settled();
    outbox.say(null, "two");
    const [first, second] = line.says();
    assert.deepEqual(Object.keys(first), ["do", "id", "pane", "text"]);
    assert.deepEqual(Object.keys(second), ["do", "id", "text"]);
    assert.notEqual(first.id, second.id);
  });

  test("sends a message again with the same id after a lost connection, and shows it once", async () => {
    outbox.say("A", "one");
    const [first] = line.says();
    line.socket.close();
    line.join({ is: "event", id: "e1", at: "2026-11-22T22:42:10Z", kind: "message", pane: "A", from: "me", text: "one" });
    assert.deepEqual(line.says(), [first]);
    line.socket.bring(ack(first, "e1"));
    await settled();
    assert.deepEqual(entries(store.state, "A").map(({ key, text }) => [key, text]), [[first.id, "one"]]);
    assert.deepEqual(store.state.outbox, []);
  });

  test("keeps what is written without a connection, and sends it then", () => {
    line.socket.close();
    outbox.say("A", "one");
    line.join();
    assert.deepEqual(said(), ["one"]);
  });

  test("stops at a refusal, so that nothing overtakes the message", async () => {
    for (const text of ["one", "two"]) outbox.say("A", text);
    line.socket.bring(refusal(line.says()[0]));
    await settled();
    assert.deepEqual(said(), ["one"]);
    assert.deepEqual(store.state.outbox.map(({ status }) => status), ["failed", "waiting"]);
  });

  test("goes on with the same message when its writer tries again", async () => {
    for (const text of ["one", "two"]) outbox.say("A", text);
    const [first] = line.says();
    line.socket.bring(refusal(first));
    await settled();
    outbox.retry(first.id);
    assert.deepEqual(line.says(), [first, first]);
    line.socket.bring(ack(first, "e1"));
    await settled();
    assert.deepEqual(said(), ["one", "one", "two"]);
  });

  test("goes on with the next when its writer removes the refused one", async () => {
    for (const text of ["one", "two"]) outbox.say("A", text);
    line.socket.bring(refusal(line.says()[0]));
    await settled();
    outbox.remove(line.says()[0].id);
    assert.deepEqual(said(), ["one", "two"]);
  });

  test("sends with the same id after the page was loaded anew", () => {
    outbox.say("A", "one");
    const [first] = line.says();
    line.net.stop();
    load();
    line.join();
    assert.deepEqual(line.says(), [first]);
  });

  test("a refused message is still refused after the page was loaded anew", async () => {
    outbox.say("A", "one");
    line.socket.bring(refusal(line.says()[0]));
    await settled();
    line.net.stop();
    load();
    line.join();
    assert.deepEqual(said(), []);
    assert.deepEqual(store.state.outbox.map(({ text, status, error }) => [text, status, error]), [["one", "failed", "Paused."]]);
  });

  test("takes over what another tab has left, behind its own and once", async () => {
    const other = new Drafts(ROOM, kept);
    outbox.say("A", "mine");
    other.setOutbox([{ id: "c9", pane: "B", text: "theirs" }]);
    outbox.collect();
    outbox.collect();
    line.socket.bring(ack(line.says()[0], "e1"));
    await settled();
    line.socket.bring(ack({ id: "c9" }, "e2"));
    await settled();
    assert.deepEqual(line.says().map(({ id, pane, text }) => [id === "c9", pane, text]), [[false, "A", "mine"], [true, "B", "theirs"]]);
    assert.deepEqual(other.outbox, []);
  });

  test("keeps nothing of what was stored", async () => {
    outbox.say("A", "one");
    line.socket.bring(ack(line.says()[0], "e1"));
    await settled();
    assert.deepEqual(new Drafts(ROOM, kept).outbox, []);
  });
});
