/** Checks a room's seal in the reader's own browser: SHA-256 of "assignment.nonce" must be the seal. */
import { everyWith } from "./dom.js";

/** @param {string} text @returns {Promise<string>} hex */
async function sha256(text) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {HTMLElement} seal */
async function check(seal) {
  const { assignment, nonce, sha256: sealed } = seal.dataset;
  const result = seal.querySelector("[data-seal-result]");
  if (!result) return;
  if (!crypto.subtle) {
    result.textContent = "This browser can check the seal only over https. You can compute the SHA-256 yourself.";
    return;
  }
  const good = await sha256(`${assignment}.${nonce}`) === sealed;
  seal.dataset.state = good ? "pass" : "fail";
  result.textContent = good
    ? "Checked in this browser: the seal opens to exactly this assignment."
    : "The seal does not match this assignment. Tell the contact named on this page.";
}

for (const seal of everyWith("data-assignment")) check(seal);
