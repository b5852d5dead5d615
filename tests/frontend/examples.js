/** One example of every frame; tests/arena/protocol/test_frames_examples.py holds them against the server. */
import { readFileSync } from "node:fs";

export const examples = JSON.parse(readFileSync(new URL("../data/frames.json", import.meta.url), "utf8"));
