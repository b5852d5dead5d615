import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { examples } from "./examples.js";

const PATH = fileURLToPath(new URL("../../arena/static/arena/js/examples.ts", import.meta.url));
const OPTIONS = { strict: true, exactOptionalPropertyTypes: true, noEmit: true, types: [], lib: ["lib.es2022.d.ts"] };

const host = ts.createCompilerHost(OPTIONS);
const onDisk = host.getSourceFile;
const read = new Map();

/** What the compiler says of a module that stands beside frames.d.ts. */
function faults(source) {
  host.getSourceFile = (path, version) => {
    if (path === PATH) return ts.createSourceFile(path, source, version);
    if (!read.has(path)) read.set(path, onDisk(path, version));
    return read.get(path);
  };
  const program = ts.createProgram([PATH], OPTIONS, host);
  const module = program.getSourceFile(PATH);
  const found = [...program.getSyntacticDiagnostics(module), ...program.getSemanticDiagnostics(module)];
  return found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}

const typed = (type, value) => faults(`
  import type { Command, EndReason, EventFrame, Frame } from "./frames.js";
  export const examples: ${type} = ${JSON.stringify(value)};`);

const { commands, ...sent } = examples;
const frames = Object.values(sent).flat();
const each = (things, key) => Object.fromEntries(things.map((thing) => [thing[key], true]));

test("every example has the type of a frame or of a command", () => {
  assert.deepEqual(typed("Frame[]", frames), []);
  assert.deepEqual(typed("Command[]", commands), []);
});

test("the types know nothing that has no example", () => {
  assert.deepEqual(typed(`Record<Frame["is"], true>`, each(frames, "is")), []);
  assert.deepEqual(typed(`Record<EventFrame["kind"], true>`, each(frames.filter((frame) => frame.kind), "kind")), []);
  assert.deepEqual(typed("Record<EndReason, true>", each(examples.endings, "reason")), []);
  assert.deepEqual(typed(`Record<Command["do"], true>`, each(commands, "do")), []);
});

for (const [what, change] of [
  ["a key too few", (frame) => ({ ...frame, text: undefined })],
  ["a key too many", (frame) => ({ ...frame, typing: true })],
  ["a value of another type", (frame) => ({ ...frame, text: 1 })],
  ["an unknown kind", (frame) => ({ ...frame, kind: "presence" })],
]) {
  test(`a frame with ${what} would be seen`, () => {
    const message = frames.find(({ kind }) => kind === "message");
    assert.notDeepEqual(typed("Frame[]", [change(message)]), []);
  });
}
