/** @file Completes nicks and emoji while they are typed. */

import { h } from "./dom.js";
import { findEmoji } from "./emoji.js";
import { avatar } from "./message.js";
import * as words from "./words.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {{from: number, to: number, choices: {text: string, label: string, sign: string}[]}} Completion */

const MOST = 6;

let chosen = 0;
let about = "";
let dismissed = "";

/**
 * What could be meant before the caret.
 * @param {App} app
 * @returns {Completion | null}
 */
export function completion(app) {
  const input = /** @type {HTMLTextAreaElement | null} */ (document.getElementById("input"));
  if (!input || document.activeElement !== input || input.selectionStart !== input.selectionEnd) return null;
  const to = input.selectionStart;
  const match = /(?:^|\s)([@:])([\p{L}\p{N}_.-]*)$/u.exec(input.value.slice(Math.max(0, to - 80), to));
  if (!match) return null;
  const [, sign = "", word = ""] = match;
  const from = to - word.length - 1;
  if (dismissed === `${from} ${sign}`) return null;
  const choices = sign === "@" ? nicks(app, word) : word.length > 1 ? emoji(word) : [];
  if (!choices.length) return null;
  const name = `${from} ${sign}${word}`;
  if (name !== about) [about, chosen] = [name, 0];
  return { from, to, choices };
}

/**
 * @param {App} app
 * @param {string} word
 */
function nicks(app, word) {
  const wanted = word.toLowerCase();
  return (app.state.members.get(app.ui.open) ?? [])
    .map((each) => each.nick)
    .filter((nick) => nick !== app.state.nick && nick.toLowerCase().startsWith(wanted))
    .sort((one, other) => one.localeCompare(other))
    .slice(0, MOST)
    .map((nick) => ({ text: `@${nick} `, label: nick, sign: "" }));
}

/** @param {string} word */
function emoji(word) {
  return findEmoji(word)
    .slice(0, MOST)
    .map((each) => ({ text: `${each.sign} `, label: each.words, sign: each.sign }));
}

/** @param {App} app */
export function drawCompletion(app) {
  const found = completion(app);
  if (!found) return null;
  return h(
    "ul",
    { key: "completion", class: "completion", role: "listbox", "aria-label": "Completions" },
    found.choices.map((choice, at) =>
      h(
        "li",
        {
          key: choice.text,
          role: "option",
          id: `completion-${at}`,
          "aria-selected": String(at === chosen),
          onmousedown: (/** @type {globalThis.Event} */ event) => {
            event.preventDefault();
            complete(app, at);
          },
        },
        choice.sign ? h("span", null, choice.sign) : avatar(choice.label),
        h("span", { dir: "auto" }, words.clean(choice.label)),
      ),
    ),
  );
}

/**
 * @param {App} app
 * @param {number} at
 */
function complete(app, at) {
  const found = completion(app);
  const choice = found?.choices[at];
  const input = /** @type {HTMLTextAreaElement | null} */ (document.getElementById("input"));
  if (!found || !choice || !input) return;
  input.setRangeText(choice.text, found.from, found.to, "end");
  app.deeds.type(input.value);
}

/**
 * What a key does to the completions.
 * @param {App} app
 * @param {KeyboardEvent} event
 * @returns {boolean} whether it was for them
 */
export function completionKey(app, event) {
  if (event.key !== "Escape" && event.key.length === 1) dismissed = "";
  const found = completion(app);
  if (!found || event.altKey || event.ctrlKey || event.metaKey) return false;
  const count = found.choices.length;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    chosen = (chosen + (event.key === "ArrowDown" ? 1 : count - 1)) % count;
  } else if (event.key === "Tab" || (event.key === "Enter" && !event.shiftKey)) complete(app, chosen);
  else if (event.key === "Escape") dismissed = about.replace(/^(\d+ .).*$/s, "$1");
  else return false;
  app.draw();
  return true;
}
