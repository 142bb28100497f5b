// What the page makes of events, without a browser.

import assert from "node:assert/strict";
import { test } from "node:test";

import { nameOf, spell } from "../../geventim/web/page/bindings.js";
import { rowsOf } from "../../geventim/web/page/rows.js";
import { store, KEPT, MOST } from "../../geventim/web/page/store.js";
import { words } from "../../geventim/web/page/words.js";

const ID = "c1";

/** @param {Partial<Message>} more @returns {any} */
const message = (more) => ({
  event: "message",
  conversation: "lobby",
  conversation_id: ID,
  kind: "room",
  nick: "bo",
  message: "hi",
  date: 1_000 + (more.order ?? 0),
  seq: 1,
  message_id: `m${more.order ?? "?"}`,
  order: 0,
  ...more,
});

/** @param {State} state @param {...any} events */
const after = (state, ...events) => events.reduce((known, event) => store.receive(known, event, 0), state);

/** @param {number} count @param {number} [from] */
const page = (count, from = 1) => Array.from({ length: count }, (_, at) => message({ order: from + at }));

const held = (/** @type {State} */ state) => state.timelines.get(ID)?.messages.map((each) => each.message_id);

const begun = () => store.hold(store.initial(), ID, "last", page(3), true);

test("a message is held once, in its order", () => {
  const state = after(begun(), message({ order: 5 }), message({ order: 4 }), message({ order: 5 }));
  assert.deepEqual(held(state), ["m1", "m2", "m3", "m4", "m5"]);
});

test("what waits comes last, and takes its place once it is sent", () => {
  const queued = message({ message_id: "mine", delivery: "queued" });
  const shown = (/** @type {State} */ state) =>
    rowsOf(state.timelines.get(ID) ?? assert.fail(), undefined, -1, state.waiting, ID).flatMap((row) => ("message" in row ? row.message.message_id : []));
  const waiting = after(begun(), queued, message({ order: 4 }), { ...queued, conversation_id: "c2", message_id: "other" });
  assert.deepEqual(shown(waiting), ["m1", "m2", "m3", "m4", "mine"]);
  const sent = after(waiting, { ...queued, delivery: "sent", order: 5 }, message({ order: 6 }));
  assert.deepEqual(held(sent), ["m1", "m2", "m3", "m4", "mine", "m6"]);
  assert.deepEqual(shown(sent), held(sent));
  assert.equal(sent.timelines.get(ID)?.messages[4]?.own, true);
});

test("a snapshot says what waits; what was refused stays until somebody has seen it", () => {
  const queued = message({ message_id: "gone", delivery: "queued", request: "1" });
  const state = after(begun(), queued, { ...queued, message_id: "bad", delivery: "refused" }, { event: "delayed", messages: [], requests: ["1", null] });
  assert.equal(state.waiting.get("gone")?.late, true);
  assert.equal(after(state, queued).waiting.get("gone")?.late, true);
  const snapshot = { event: "snapshot", conversations: [], members: {}, people: [], queued: [message({ message_id: "new" })] };
  const known = after(state, snapshot).waiting;
  assert.deepEqual([...known].map(([id, { delivery }]) => [id, delivery]), [["bad", "refused"], ["new", "queued"]]);
});

test("newer ones are not put behind a gap", () => {
  const state = store.hold(store.initial(), ID, "around", page(3), false);
  assert.deepEqual(held(after(state, message({ order: 9 }))), ["m1", "m2", "m3"]);
  const more = store.hold(state, ID, "after", page(6, 4), true);
  assert.deepEqual(held(after(more, message({ order: 10 })))?.length, 10);
});

test("what is said while a page is read comes after it", () => {
  const state = after(store.expect(store.initial(), ID), message({ order: 4 }), message({ order: 3 }));
  assert.deepEqual(held(store.hold(state, ID, "last", page(3), true)), ["m1", "m2", "m3", "m4"]);
});

test("older pages come before, and nothing is held twice", () => {
  const state = store.hold(store.hold(store.initial(), ID, "last", page(3, 4), false), ID, "before", page(4), true);
  assert.deepEqual(held(state), ["m1", "m2", "m3", "m4", "m5", "m6"]);
  assert.equal(state.timelines.get(ID)?.before, false);
});

test("a long timeline is let go of while one reads its end", () => {
  const state = store.trim(store.hold(store.initial(), ID, "last", page(110), true), ID);
  assert.equal(held(state)?.length, KEPT);
  assert.equal(state.timelines.get(ID)?.before, true);
  let scrolled = store.hold(store.initial(), ID, "last", page(40, 500), false);
  for (let at = 460; at > 300; at -= 40) scrolled = store.hold(scrolled, ID, "before", page(40, at), false);
  assert.equal(held(scrolled)?.length, MOST);
  assert.equal(scrolled.timelines.get(ID)?.after, true);
});

test("edits, reactions and deletions change a message that is held", () => {
  const about = { conversation_id: ID, message_id: "m2" };
  const edited = after(begun(), { event: "edited", ...about, message: "other" });
  assert.equal(edited.timelines.get(ID)?.messages[1]?.message, "other");
  assert.equal(edited.timelines.get(ID)?.messages[1]?.edited, true);
  const gone = after(edited, { event: "deleted", ...about, nick: "bo" }).timelines.get(ID)?.messages[1];
  assert.deepEqual([gone?.message, gone?.deleted, gone?.edited], ["", "bo", false]);
});

test("answers show nothing of what was deleted, whether that is held or not", () => {
  const answer = (/** @type {number} */ order, /** @type {string} */ to) => message({ order, message_id: `a${order}`, reply: { message_id: to, nick: "bo", excerpt: "planted" } });
  const state = after(begun(), answer(4, "m2"), answer(5, "of long ago"), answer(6, "another"));
  const gone = ["m2", "of long ago"].reduce((known, message_id) => after(known, { event: "deleted", conversation_id: ID, message_id, nick: "bo" }), state);
  assert.deepEqual(gone.timelines.get(ID)?.messages.slice(-3).map((/** @type {Message} */ each) => each.reply?.excerpt), ["", "", "planted"]);
});

test("a state that was known is never changed", () => {
  const state = begun();
  const before = JSON.stringify([...state.timelines]);
  after(state, message({ order: 4 }), { event: "deleted", conversation_id: ID, message_id: "m1", nick: "" });
  assert.equal(JSON.stringify([...state.timelines]), before);
});

test("what others have read is known of the messages of the user", () => {
  const members = ["ana", "bo", "eve"].map((nick) => ({ nick, account: "", standing: /** @type {Standing} */ ("unverified"), read: 3 }));
  const state = after(store.people({ ...store.initial(), nick: "ana" }, ID, members), { event: "read", conversation_id: ID, nick: "bo", seq: 7 });
  const who = (/** @type {number} */ seq) => store.readers(state, message({ order: 9, seq }));
  assert.deepEqual([who(3), who(5), who(8)], [["bo", "eve"], ["bo"], []]);
  assert.deepEqual(store.readers(state, message({ order: 0, seq: 0 })), []);
});

test("who comes and goes is said in a line", () => {
  assert.equal(store.membersLine({ added: ["a"], removed: [], by: "a" }), "a joined");
  assert.equal(store.membersLine({ added: ["a", "b"], removed: [], by: "c" }), "c added a, b");
  assert.equal(store.membersLine({ added: [], removed: ["a", "b", "c", "d", "e"], by: "" }), "a, b, c and 2 others left");
});

test("rows have days, a line before what is new, and blocks", () => {
  const timeline = { messages: page(4), before: false, after: false, stale: false };
  const rows = rowsOf(timeline, [], 2, new Map(), ID);
  assert.deepEqual(rows.map((each) => each.kind), ["begin", "day", "message", "message", "new", "message", "message"]);
  assert.deepEqual(rows.flatMap((each) => (each.kind === "message" ? each.first : [])), [true, false, true, false]);
});

test("notes stand where they happened", () => {
  const timeline = { messages: page(2), before: false, after: false, stale: false };
  const note = message({ message_id: "note", line: "a joined", date: 1_001.5 });
  assert.deepEqual(rowsOf(timeline, [note], -1, new Map(), ID).map((each) => each.kind).slice(2), ["message", "line", "message"]);
});

test("keys are called what the table calls them", () => {
  const key = (/** @type {string} */ key, held = {}) => nameOf({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });
  assert.equal(key("K", { ctrlKey: true }), "Ctrl+k");
  assert.equal(key("ArrowUp", { altKey: true, shiftKey: true }), "Alt+Shift+ArrowUp");
  assert.equal(key("?", { shiftKey: true }), "?");
  assert.equal(spell("Alt+Shift+ArrowUp"), "Alt-Shift-↑");
  assert.equal(spell("+"), "+");
});

test("sizes, durations and names are written for people", () => {
  assert.equal(words.duration(3_600), "1 hour");
  assert.equal(words.duration(90), "90 seconds");
  assert.equal(words.clean("a\u202eb"), "a\ufffdb");
  assert.equal(words.initial("élan"), "É");
});
