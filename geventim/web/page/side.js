/** @file The third pane: details of a conversation, or a search. */

import { h } from "./dom.js";
import * as forms from "./forms.js";
import { icon } from "./icons.js";
import { avatar, mark } from "./message.js";
import { duration, keyOf } from "./store.js";
import { TRUST } from "./talk.js";
import * as words from "./words.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./types.js").Conversation} Conversation */

const TIMERS = [0, 300, 3_600, 86_400, 604_800, 2_419_200];

/** Members that are listed. */
const LISTED = 200;

/** @param {App} app */
export function drawSide(app) {
  const isSearch = app.ui.side === "search";
  return h(
    "aside",
    { key: "side", class: "side", "aria-label": isSearch ? "Search" : "Details" },
    h(
      "header",
      { class: "bar" },
      h("button", { type: "button", class: "plain back", "aria-label": "Back to the conversation", onclick: () => app.show({ pane: "talk" }) }, icon("back")),
      h("h2", null, isSearch ? "Search" : "Details"),
      h("button", { type: "button", class: "plain close", "aria-label": "Close", onclick: () => app.show({ side: "", pane: "talk" }) }, icon("close")),
    ),
    isSearch ? drawSearch(app) : app.current ? drawDetails(app, app.current) : null,
  );
}

/**
 * @param {App} app
 * @param {Conversation} conversation
 */
function drawDetails(app, conversation) {
  const { id, kind, name } = conversation;
  const timer = app.state.timers.get(id) ?? 0;
  const options = TIMERS.includes(timer) ? TIMERS : [...TIMERS, timer];
  const show = (/** @type {any} */ dialog) => () => app.show({ dialog });
  return h(
    "div",
    { key: "details", class: "content" },
    h(
      "div",
      { class: "portrait" },
      kind === "dm" ? avatar(name, "large") : h("span", { class: "sign large" }, icon(conversation.keyed ? "key" : kind === "group" ? "group" : "hash")),
      h("p", { class: "title", dir: "auto" }, words.clean(name)),
      h("p", { class: `trust ${conversation.trust}` }, icon(conversation.trust === "changed" ? "warning" : conversation.trust === "verified" ? "shield" : "lock"), `End-to-end encrypted, ${TRUST[conversation.trust]}`),
    ),
    h(
      "div",
      { class: "actions" },
      kind === "dm" ? action("shield", "Compare keys", () => app.deeds.verify(name)) : action("shield", "Compare the code", () => app.deeds.roomCode(id)),
      action(conversation.muted ? "bell" : "mute", conversation.muted ? "Unmute" : "Mute", () => app.deeds.mute(conversation)),
      kind === "group" ? action("add", "Add people", show(forms.add(app, conversation))) : null,
      conversation.keyed ? action("key", "Change the key", show(forms.newKey(app, conversation))) : null,
      kind === "dm" ? action("info", "Who is this?", () => app.deeds.person(name)) : null,
      kind !== "dm" ? action("close", "Leave", show(forms.leave(app, conversation))) : null,
      kind === "group" ? action("trash", "Delete", show(forms.end(app, conversation))) : null,
    ),
    h(
      "label",
      { class: "field" },
      h("span", null, "Messages disappear"),
      h(
        "select",
        { value: String(timer), onchange: (/** @type {any} */ event) => app.deeds.setTimer(id, Number(event.target.value)) },
        options.map((seconds) => h("option", { key: String(seconds), value: String(seconds), selected: seconds === timer }, seconds ? `${duration(seconds)} after reading` : "Never")),
      ),
    ),
    kind === "dm" ? null : drawMembers(app, conversation),
  );
}

/**
 * @param {import("./icons.js").IconName} name
 * @param {string} label
 * @param {() => unknown} run
 */
const action = (name, label, run) => h("button", { key: label, type: "button", class: "action", onclick: run }, icon(name), h("span", null, label));

/**
 * @param {App} app
 * @param {Conversation} conversation
 */
function drawMembers(app, conversation) {
  const { state } = app;
  const rank = (/** @type {string} */ nick) => (state.people.has(nick) || nick === state.nick ? 0 : 1);
  const members = [...(state.members.get(conversation.id) ?? [])].sort(
    (one, other) => rank(one.nick) - rank(other.nick) || one.nick.localeCompare(other.nick),
  );
  return h(
    "section",
    { class: "members", "aria-label": "Members" },
    h("h2", null, words.plural(conversation.members, "member")),
    h(
      "ul",
      null,
      members.slice(0, LISTED).map(({ nick, standing }) => {
        const isMe = nick === state.nick;
        const status = isMe ? state.status : state.people.get(nick);
        const says = status ? { normal: "", away: "away", dnd: "do not disturb" }[status] : "not connected";
        return h(
          "li",
          { key: nick },
          h(
            "button",
            { type: "button", class: status ? "member" : "member gone", onclick: () => (isMe ? app.deeds.settings() : app.deeds.person(nick)) },
            h("span", { class: "person" }, avatar(nick), h("span", { class: `dot ${status ?? "gone"}` })),
            h("span", { class: "name", dir: "auto" }, words.clean(nick)),
            isMe ? h("span", { class: "quiet" }, "you") : mark(standing),
            says && !isMe ? h("span", { class: "quiet" }, says) : null,
          ),
          conversation.kind === "group" && !isMe
            ? h("button", { type: "button", class: "plain", "aria-label": `Remove ${words.clean(nick)}`, title: "Remove", onclick: () => app.show({ dialog: forms.remove(app, conversation, nick) }) }, icon("close"))
            : null,
        );
      }),
    ),
    members.length > LISTED ? h("p", { class: "quiet" }, `and ${words.count(members.length - LISTED)} others`) : null,
  );
}

let lull = 0;

/** @param {App} app */
function drawSearch(app) {
  const search = app.ui.search ?? { words: "", conversation: "", found: [], busy: false, done: true };
  const current = app.current;
  return h(
    "div",
    { key: "search", class: "content" },
    h(
      "form",
      { role: "search", class: "find", onsubmit: (/** @type {globalThis.Event} */ event) => event.preventDefault() },
      h("input", {
        key: "search",
        id: "search",
        type: "search",
        dir: "auto",
        "aria-label": "Search in messages",
        placeholder: "Words, “a phrase”, from:nick",
        autocomplete: "off",
        oninput: (/** @type {any} */ event) => {
          clearTimeout(lull);
          const text = event.target.value;
          lull = window.setTimeout(() => app.deeds.search(text), 250);
        },
      }),
      current
        ? h(
            "label",
            { class: "check" },
            h("input", { type: "checkbox", checked: search.conversation !== "", onchange: (/** @type {any} */ event) => app.deeds.searchIn(event.target.checked ? current.id : "") }),
            h("span", null, `Only in ${words.clean(current.name)}`),
          )
        : null,
    ),
    h("p", { class: "quiet", role: "status" }, search.busy ? "Searching …" : search.words.trim() ? (search.found.length ? `${words.count(search.found.length)}${search.done ? "" : " or more"} found` : "Nothing was found.") : ""),
    h(
      "ul",
      { class: "found" },
      search.found.map((message) =>
        h(
          "li",
          { key: keyOf(message) },
          h(
            "button",
            { type: "button", class: "hit", onclick: () => app.deeds.jump(message.conversation_id, message.message_id) },
            h("span", { class: "quiet" }, `${words.clean(message.conversation)} · ${words.brief(message.date)}, ${words.clock(message.date)}`),
            h("strong", { dir: "auto" }, words.clean(message.nick)),
            h("span", { class: "excerpt", dir: "auto" }, ...highlighted(message.message, search.words)),
          ),
        ),
      ),
    ),
    search.found.length && !search.done ? h("button", { type: "button", class: "button faint", disabled: search.busy, onclick: () => app.deeds.searchMore() }, "Older ones") : null,
  );
}

/**
 * A text with the words that were looked for marked.
 * @param {string} text
 * @param {string} wanted
 */
function highlighted(text, wanted) {
  const terms = wanted.replace(/from:\S+|"/g, " ").split(/\s+/).filter(Boolean);
  if (!terms.length) return [text.slice(0, 300)];
  const pattern = new RegExp(`(${terms.map((each) => each.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})`, "giu");
  const start = Math.max(0, text.search(pattern) - 60);
  const excerpt = (start ? "… " : "") + text.slice(start, start + 240);
  return excerpt.split(pattern).map((part, at) => (at % 2 ? h("mark", null, part) : part));
}
