import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Dates } from "../../arena/static/arena/js/dates.js";

const READER = { locale: "en-GB", timeZone: "Europe/Berlin" };
const DAY_S = 86_400;
const AT = "2026-11-22T23:42:10Z";

describe("a date", () => {
  test("names the year in a room that is longer than a few months", () => {
    assert.match(new Dates(365 * DAY_S, READER).day(AT), /^Monday,? 23 November 2026$/);
    assert.match(new Dates(121 * DAY_S, READER).day(AT), /^Monday,? 23 November 2026$/);
    assert.match(new Dates(90 * DAY_S, READER).day(AT), /^Monday,? 23 November$/);
    assert.match(new Dates(300, READER).day(AT), /^Monday,? 23 November$/);
  });

  test("stands beside a time where the time alone does not say when", () => {
    assert.equal(new Dates(300, READER).when(AT), "00:42");
    assert.match(new Dates(90 * DAY_S, READER).when(AT), /^Monday,? 23 November, 00:42$/);
  });
});
