/**
 * @file The rows of a timeline: messages, and what stands between them.
 *
 * @typedef {import("./types.js").Message} Message
 * @typedef {{kind: "message", key: string, message: Message, first: boolean}
 *   | {kind: "line", key: string, message: Message}
 *   | {kind: "day", key: string, date: number}
 *   | {kind: "new" | "begin" | "more", key: string}} Row
 */

import { keyOf } from "./store.js";
import { dayOf } from "./words.js";

/** Seconds between two messages of somebody that are drawn as one block. */
const PAUSE = 300;

/** @type {import("./store.js").Timeline | null} */
let lastTimeline = null;
let lastAfter = -1;
/** @type {Row[]} */
let lastRows = [];

/**
 * @param {import("./store.js").Timeline} timeline
 * @param {number} newAfter the order of the last message that had been read; -1 for no such line
 * @returns {Row[]}
 */
export function rowsOf(timeline, newAfter) {
  if (timeline === lastTimeline && newAfter === lastAfter) return lastRows;
  /** @type {Row[]} */
  const rows = [{ kind: timeline.before ? "more" : "begin", key: "edge" }];
  /** @type {Message | null} */
  let previous = null;
  let day = "";
  let isNew = newAfter < 0;
  for (const message of timeline.messages) {
    const today = dayOf(message.date);
    if (today !== day) {
      rows.push({ kind: "day", key: `day ${today} ${keyOf(message)}`, date: message.date });
      day = today;
      previous = null;
    }
    if (!isNew && !message.own && !message.line && message.order > newAfter) {
      rows.push({ kind: "new", key: "new" });
      isNew = true;
      previous = null;
    }
    const key = keyOf(message);
    if (message.line) {
      rows.push({ kind: "line", key, message });
      previous = null;
      continue;
    }
    const isFirst =
      previous === null ||
      previous.nick !== message.nick ||
      message.date - previous.date > PAUSE ||
      !!message.reply ||
      message.secret !== previous.secret;
    rows.push({ kind: "message", key, message, first: isFirst });
    previous = message;
  }
  [lastTimeline, lastAfter, lastRows] = [timeline, newAfter, rows];
  return rows;
}
