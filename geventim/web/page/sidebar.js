/** @file The first pane: who one is, and all conversations. */

import { h } from "./dom.js";
import * as forms from "./forms.js";
import { icon } from "./icons.js";
import { avatar } from "./message.js";
import * as store from "./store.js";
import * as words from "./words.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./types.js").Conversation} Conversation */

/** @type {Record<import("./types.js").Status, string>} */
export const STATUSES = { normal: "Available", away: "Away", dnd: "Do not disturb" };

/** @type {[import("./types.js").Kind, string][]} */
const KINDS = [
  ["room", "Rooms"],
  ["group", "Groups"],
  ["dm", "People"],
];

/** @param {App} app */
export function drawSidebar(app) {
  const { state } = app;
  const all = store.listed(state);
  return h(
    "nav",
    { key: "sidebar", class: "sidebar", "aria-label": "Conversations" },
    h(
      "header",
      { class: "bar" },
      h(
        "button",
        { type: "button", class: "me", "aria-label": `${state.nick}, ${STATUSES[state.status]}: settings`, title: "Settings", onclick: () => app.deeds.settings() },
        h("span", { class: "person" }, avatar(state.nick), h("span", { class: `dot ${state.status}` })),
        h("span", { class: "who" }, h("strong", { dir: "auto" }, state.nick), h("span", { class: "quiet" }, STATUSES[state.status])),
      ),
      h("button", { type: "button", class: "plain", "aria-label": "Find (Ctrl-K)", title: "Find (Ctrl-K)", onclick: () => app.show({ dialog: { kind: "palette", words: "", at: 0 } }) }, icon("search")),
      h("button", { type: "button", class: "plain", "aria-label": "New conversation", title: "New conversation", onclick: () => app.show({ dialog: { kind: "begin" } }) }, icon("add")),
    ),
    h(
      "div",
      { class: "conversations", tabindex: "-1" },
      KINDS.map(([kind, title]) => {
        const some = all.filter((each) => each.kind === kind);
        if (!some.length) return null;
        return h(
          "section",
          { key: kind, "aria-label": title },
          h("h2", null, title),
          h("ul", null, some.map((each) => drawConversation(app, each))),
        );
      }),
    ),
    drawFirstSteps(app),
  );
}

/**
 * @param {App} app
 * @param {Conversation} conversation
 */
function drawConversation(app, conversation) {
  const { ui, state } = app;
  const { id, name, kind, unread, mentions, muted } = conversation;
  const isOpen = id === ui.open;
  const calls = kind === "dm" ? unread : mentions;
  const draft = isOpen ? "" : (app.composing.get(id)?.text ?? conversation.draft);
  const status = kind === "dm" ? state.people.get(name) : undefined;
  const said = [
    words.clean(name),
    unread ? `${unread} unread` : "",
    mentions ? `${mentions} for you` : "",
    TRUST[conversation.trust],
    muted ? "muted" : "",
    draft ? "with a draft" : "",
  ];
  return h(
    "li",
    { key: id },
    h(
      "button",
      {
        type: "button",
        class: ["conversation", isOpen ? "open" : "", unread && !muted ? "unread" : "", muted ? "muted" : ""].filter(Boolean).join(" "),
        "aria-current": isOpen ? "page" : undefined,
        "aria-label": said.filter(Boolean).join(", "),
        "data-id": id,
        onclick: () => app.open(id),
      },
      kind === "dm"
        ? h("span", { class: "person" }, avatar(name), h("span", { class: `dot ${status ?? "gone"}` }))
        : h("span", { class: "sign" }, icon(conversation.keyed ? "key" : kind === "group" ? "group" : "hash")),
      h("span", { class: "name", dir: "auto" }, words.clean(name)),
      conversation.trust === "changed" ? h("span", { class: "mark bad", title: "A key has changed" }, icon("warning")) : null,
      conversation.trust === "verified" ? h("span", { class: "mark good", title: "Verified" }, icon("shield")) : null,
      muted ? h("span", { class: "quiet", title: "Muted" }, icon("mute")) : null,
      draft ? h("span", { class: "quiet", title: "Draft" }, icon("edit")) : null,
      calls
        ? h("span", { class: "badge calls", title: "For you" }, words.count(calls))
        : unread
          ? h("span", { class: "badge" }, words.count(unread))
          : null,
    ),
  );
}

/** @type {Record<string, string>} */
const TRUST = { verified: "verified", unverified: "", changed: "a key has changed" };

/** @param {App} app */
function drawFirstSteps(app) {
  const { state, preferences } = app;
  const { started } = preferences.values;
  if (started.includes("done")) return null;
  const all = [...state.conversations.values()];
  const isVerified = [...state.members.values()].flat().some((each) => each.standing === "verified" && each.nick !== state.nick);
  const hasSpoken = [...state.timelines.values()].some((each) => each.messages.some((message) => message.own));
  const room = all.find((each) => each.kind === "room");
  const dm = all.find((each) => each.kind === "dm");
  /** @type {[string, boolean, string, () => unknown][]} */
  const steps = [
    ["say", hasSpoken, `Say hello${room ? ` in ${room.name}` : ""}`, () => (room ? app.open(room.id) : app.show({ dialog: forms.join(app) }))],
    ["dm", !!dm, "Write to somebody", () => app.show({ dialog: forms.message(app) })],
    ["verify", isVerified, "Compare keys with them", () => (dm ? app.deeds.verify(dm.name) : app.show({ dialog: forms.message(app) }))],
    ["notify", !("Notification" in window) || Notification.permission !== "default", "Choose when you are called", () => app.deeds.settings()],
  ];
  const done = steps.filter(([name, is]) => is || started.includes(name));
  const fresh = done.map(([name]) => name).filter((name) => !started.includes(name));
  if (fresh.length) preferences.change({ started: [...started, ...fresh] });
  if (done.length === steps.length) return null;
  return h(
    "section",
    { key: "steps", class: "steps", "aria-label": "First steps" },
    h(
      "header",
      null,
      h("h2", null, "First steps"),
      h("span", { class: "quiet" }, `${done.length} of ${steps.length}`),
      h("button", { type: "button", class: "plain", "aria-label": "Hide the first steps", title: "Hide", onclick: () => { preferences.change({ started: ["done"] }); app.draw(); } }, icon("close")),
    ),
    h(
      "ol",
      null,
      steps.map(([name, is, text, run]) => {
        const isDone = is || started.includes(name);
        return h(
          "li",
          { key: name, class: isDone ? "done" : "" },
          h("span", { class: "tick" }, isDone ? icon("check", "done") : null),
          isDone ? h("span", null, text) : h("button", { type: "button", class: "link", onclick: run }, text),
        );
      }),
    ),
  );
}
