import assert from "node:assert/strict";
import { test } from "node:test";
import { beginOf, dayOf } from "../../arena/static/arena/js/jump.js";

test("a day begins at its midnight where the reader is", () => {
  for (const day of ["2026-11-22", "2027-03-28", "2028-02-29"]) {
    const begins = new Date(beginOf(day));
    assert.deepEqual([begins.getHours(), begins.getMinutes(), begins.getDate()], [0, 0, Number(day.slice(-2))]);
    assert.equal(dayOf(begins.getTime()), day);
    assert.notEqual(dayOf(begins.getTime() - 1), day);
  }
});
