import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Drafts } from "../../arena/static/arena/js/drafts.js";
import { MemoryStorage, storages } from "./storage.js";

const NOW = Date.parse("2026-11-22T22:42:10Z");
const DAY_MS = 86_400_000;
const SHORT = { code: "k7m2", seat: "interrogator", duration_s: 300 };
const LONG = { ...SHORT, code: "p9x4", duration_s: 864_000 };
const item = { id: "c1", pane: "A", text: "hello", error: undefined };

describe("drafts", () => {
  test("survive a reload, each in its pane", () => {
    const kept = storages();
    const drafts = new Drafts(SHORT, kept, NOW);
    drafts.setDraft("A", "to A");
    drafts.setDraft("B", "to B");
    drafts.setOutbox([{ ...item, status: "waiting" }]);
    const again = new Drafts(SHORT, kept, NOW);
    assert.deepEqual([again.draft("A"), again.draft("B"), again.draft(null)], ["to A", "to B", ""]);
    assert.deepEqual(again.outbox, [item]);
  });

  test("of two tabs of one seat are all kept, in the order they were written", () => {
    const { tab, device } = storages();
    const first = new Drafts(LONG, { tab, device }, NOW);
    const second = new Drafts(LONG, { tab: storages().tab, device }, NOW);
    first.setDraft("A", "to A");
    second.setDraft("B", "to B");
    second.setDraft("verdict", "half of it");
    first.setOutbox([item]);
    second.setOutbox([{ ...item, id: "c2", text: "from the second" }]);
    first.setOutbox([item, { ...item, id: "c3", error: "Paused." }]);
    const later = new Drafts(LONG, { tab, device }, NOW);
    assert.deepEqual([later.draft("A"), later.draft("B"), later.draft("verdict")], ["to A", "to B", "half of it"]);
    assert.deepEqual(later.outbox.map(({ text, error }) => [text, error]), [["hello", undefined], ["from the second", undefined], ["hello", "Paused."]]);
    second.setOutbox([]);
    assert.deepEqual(later.outbox.map(({ id }) => id), ["c1", "c3"]);
  });

  test("of another seat or room are not shown", () => {
    const kept = storages();
    new Drafts(SHORT, kept, NOW).setDraft(null, "mine");
    assert.equal(new Drafts({ ...SHORT, seat: "witness" }, kept, NOW).draft(null), "");
    assert.equal(new Drafts({ ...SHORT, code: "other" }, kept, NOW).draft(null), "");
  });

  test("of a short room go with the tab, those of a long room stay on the device", () => {
    const { tab, device } = storages();
    new Drafts(SHORT, { tab, device }, NOW).setDraft(null, "short");
    new Drafts(LONG, { tab, device }, NOW).setDraft(null, "long");
    const newTab = { tab: storages().tab, device };
    assert.equal(new Drafts(SHORT, newTab, NOW).draft(null), "");
    assert.equal(new Drafts(LONG, newTab, NOW).draft(null), "long");
  });

  test("expire a day after the longest that their room can last, and nothing else is touched", () => {
    const kept = storages();
    kept.device().setItem("theirs", "not JSON");
    new Drafts(LONG, kept, NOW).setDraft(null, "long");
    const other = { ...LONG, code: "other" };
    new Drafts(other, kept, NOW + 11 * DAY_MS);
    assert.equal(new Drafts(LONG, kept, NOW).draft(null), "long");
    new Drafts(other, kept, NOW + 11 * DAY_MS + 1);
    assert.equal(new Drafts(LONG, kept, NOW).draft(null), "");
    assert.equal(kept.device().getItem("theirs"), "not JSON");
  });

  test("that cannot be read are dropped", () => {
    const kept = storages();
    kept.tab().setItem("arena:k7m2:interrogator:draft:", "{");
    assert.equal(new Drafts(SHORT, kept, NOW).draft(null), "");
  });

  test("do without a browser that keeps nothing", () => {
    const refuse = () => { throw new Error("site data is blocked"); };
    const drafts = new Drafts(SHORT, { tab: refuse, device: refuse }, NOW);
    drafts.setDraft("A", "typed");
    assert.equal(drafts.works, false);
    assert.equal(drafts.draft("A"), "typed");
  });

  test("do without a storage that is full", () => {
    class Small extends MemoryStorage {
      setItem(key, value) {
        if (value.length > 100) throw new Error("full");
        super.setItem(key, value);
      }
    }
    const small = new Small();
    const drafts = new Drafts(SHORT, { tab: () => small, device: () => small }, NOW);
    assert.equal(drafts.works, true);
    drafts.setDraft("A", "long ".repeat(40));
    assert.equal(drafts.works, false);
    assert.equal(drafts.draft("A").length, 200);
  });

  test("are forgotten when the room is over, and no more are kept", () => {
    const kept = storages();
    const drafts = new Drafts(SHORT, kept, NOW);
    drafts.setDraft("A", "typed");
    drafts.close();
    drafts.setDraft("A", "too late");
    drafts.setOutbox([item]);
    assert.equal(kept.tab().length, 0);
  });
});
