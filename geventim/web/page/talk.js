/** @file The second pane: one conversation, and the input. */

import { h } from "./dom.js";
import { drawCompletion } from "./completion.js";
import { icon } from "./icons.js";
import { avatar, progress } from "./message.js";
import * as forms from "./forms.js";
import * as store from "./store.js";
import * as words from "./words.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./types.js").Conversation} Conversation */

/** @type {Record<string, string>} */
export const TRUST = { verified: "verified", unverified: "not verified", changed: "key changed" };

/** @type {Record<string, string>} */
const STAGES = {
  outside: "Your client looks for the way back into this conversation.",
  stopped: "The server contradicts what your client knows of this conversation. Nothing is sent here until you decide.",
};

/** @param {App} app */
export function drawTalk(app) {
  const conversation = app.current;
  if (!conversation) {
    return h(
      "main",
      { key: "talk", class: "talk nothing" },
      icon("lock"),
      h("h1", null, `Welcome, ${app.state.nick}`),
      h("p", null, "Choose a conversation, or begin one."),
      h("button", { type: "button", class: "button", onclick: () => app.show({ dialog: { kind: "begin" } }) }, "New conversation"),
    );
  }
  return h(
    "main",
    { key: "talk", class: "talk", "aria-label": words.clean(conversation.name) },
    drawHeader(app, conversation),
    drawWarnings(app, conversation),
    h("div", {
      key: "timeline",
      class: "timeline",
      role: "log",
      "aria-live": "off",
      "aria-label": "Messages",
      tabindex: "-1",
      own: true,
      mount: (/** @type {HTMLElement} */ element) => app.timeline.mount(element),
    }),
    drawDown(app, conversation),
    drawTransfers(app, conversation),
    drawComposer(app, conversation),
  );
}

/**
 * @param {App} app
 * @param {Conversation} conversation
 */
function drawHeader(app, conversation) {
  const { ui, state } = app;
  const { kind, name } = conversation;
  const status = kind === "dm" ? state.people.get(name) : undefined;
  const about = [
    kind === "dm" ? { normal: "available", away: "away", dnd: "does not want to be disturbed" }[status ?? "normal"] : words.plural(conversation.members, "person").replace("persons", "people"),
    conversation.keyed ? "keyed room" : "",
  ];
  if (kind === "dm" && !status) about[0] = "not connected";
  const toggle = (/** @type {"details" | "search"} */ side) =>
    app.show(ui.side === side ? { side: "", pane: "talk" } : { side, pane: "side" });
  return h(
    "header",
    { key: "header", class: "bar" },
    h("button", { type: "button", class: "plain back", "aria-label": "All conversations", onclick: () => app.show({ pane: "list" }) }, icon("back")),
    kind === "dm" ? h("span", { class: "person" }, avatar(name), h("span", { class: `dot ${status ?? "gone"}` })) : h("span", { class: "sign" }, icon(conversation.keyed ? "key" : kind === "group" ? "group" : "hash")),
    h(
      "div",
      { class: "about" },
      h("h1", { dir: "auto" }, words.clean(name)),
      h("p", { class: "quiet" }, about.filter(Boolean).join(" · ")),
    ),
    h(
      "button",
      {
        type: "button",
        class: `chip ${conversation.trust}`,
        title: "End-to-end encrypted. Compare keys to be sure with whom.",
        onclick: () => (kind === "dm" ? app.deeds.verify(name) : app.deeds.roomCode(conversation.id)),
      },
      icon(conversation.trust === "changed" ? "warning" : conversation.trust === "verified" ? "shield" : "lock"),
      h("span", null, TRUST[conversation.trust]),
    ),
    h("button", { type: "button", class: "plain", "aria-label": "Search (Ctrl-F)", title: "Search (Ctrl-F)", "aria-pressed": String(ui.side === "search"), onclick: () => { toggle("search"); if (app.ui.side === "search") focusSearch(); } }, icon("search")),
    h("button", { type: "button", class: "plain", "aria-label": "Details", title: "Details", "aria-pressed": String(ui.side === "details"), onclick: () => toggle("details") }, icon("info")),
  );
}

export function focusSearch() {
  requestAnimationFrame(() => document.getElementById("search")?.focus());
}

/**
 * @param {App} app
 * @param {Conversation} conversation
 */
function drawWarnings(app, conversation) {
  const nicks = store.inQuestion(app.state, conversation);
  const [first] = nicks;
  const stage = STAGES[conversation.stage];
  return h(
    "div",
    { key: "warnings", class: "warnings" },
    first
      ? h(
          "div",
          { key: "changed", class: "banner bad", role: "alert" },
          icon("warning"),
          h(
            "span",
            null,
            h("strong", { dir: "auto" }, words.clean(app.deeds.name(nicks))),
            nicks.length > 1 ? " have other identity keys than before. " : " has another identity key than before. ",
            conversation.kind === "room"
              ? "Somebody may pose as them. Ask them on another way."
              : "Somebody may pose as them: nothing is sent here until you have decided. Ask them on another way.",
          ),
          h("span", { class: "choices" },
            h("button", { type: "button", class: "button small", onclick: () => app.deeds.verify(first) }, "Compare keys"),
            h("button", { type: "button", class: "button small", onclick: () => app.deeds.trust(first) }, "Accept the new key"),
          ),
        )
      : null,
    stage
      ? h(
          "div",
          { key: "stage", class: "banner", role: "status" },
          icon("warning"),
          h("span", null, stage),
          conversation.stage === "stopped"
            ? h("button", { type: "button", class: "button small", onclick: () => app.wish("rejoin", { conversation: conversation.id }) }, "Go on anyway")
            : null,
        )
      : null,
  );
}

/**
 * @param {App} app
 * @param {Conversation} conversation
 */
function drawDown(app, conversation) {
  if (!app.timeline.isUp && !app.state.timelines.get(conversation.id)?.after) return null;
  const { unread } = conversation;
  return h(
    "div",
    { key: "down", class: "down" },
    h(
      "button",
      { type: "button", class: unread ? "button" : "button faint", onclick: () => app.deeds.toNewest(), "aria-label": unread ? `${unread} new: go to the newest` : "Go to the newest" },
      icon("down"),
      unread ? h("span", null, `${words.count(unread)} new`) : null,
    ),
  );
}

/**
 * @param {App} app
 * @param {Conversation} conversation
 */
function drawTransfers(app, conversation) {
  const some = [...app.state.transfers.values()].filter((each) => each.conversation_id === conversation.id && each.direction === "sending");
  return h(
    "div",
    { key: "transfers", class: "transfers" },
    some.map((each) =>
      h(
        "div",
        { key: String(each.number), class: "file" },
        icon("file"),
        h(
          "div",
          { class: "about" },
          h("span", { class: "name", dir: "auto" }, words.clean(each.name)),
          h("span", { class: "quiet" }, [`${words.size(each.done)} of ${words.size(each.size)}`, each.rate ? `${words.size(each.rate)}/s` : "", each.left ? `${Math.ceil(each.left)} s left` : ""].filter(Boolean).join(" · ")),
          progress(each),
        ),
        h("button", { type: "button", class: "plain", "aria-label": `Cancel ${words.clean(each.name)}`, title: "Cancel", onclick: () => app.wish("cancel_transfer", { number: each.number }) }, icon("close")),
      ),
    ),
  );
}

/**
 * @param {App} app
 * @param {Conversation} conversation
 */
function drawComposer(app, conversation) {
  const { id, kind, name } = conversation;
  const written = app.writing(id);
  const isBlocked = kind !== "room" && store.inQuestion(app.state, conversation).length > 0;
  const about = written.edit ?? written.reply;
  const where = kind === "dm" ? `to ${words.clean(name)}` : `in ${words.clean(name)}`;
  const canSend = !isBlocked && (written.text.trim() !== "" || written.files.length > 0);
  return h(
    "form",
    { key: "composer", class: "composer", onsubmit: submit, "aria-label": "Write" },
    about
      ? h(
          "div",
          { key: "about", class: "context" },
          icon(written.edit ? "edit" : "reply"),
          h("span", { class: "excerpt", dir: "auto" }, written.edit ? "Edit your message" : `Reply to ${words.clean(about.nick)}: ${about.message.slice(0, 120)}`),
          h("button", { type: "button", class: "plain", "aria-label": "Stop", title: "Stop (Esc)", onclick: () => app.deeds.stopWriting() }, icon("close")),
        )
      : null,
    app.ui.command
      ? h(
          "div",
          { key: "command", class: "context", role: "status" },
          icon("info"),
          h("span", { class: "excerpt" }, "This looks like a command, and was not sent."),
          h("button", { type: "button", class: "link", onclick: () => app.show({ dialog: { kind: "palette", words: app.ui.command, at: 0 }, command: "" }) }, "Find it"),
          h("button", { type: "button", class: "link", onclick: () => app.deeds.send() }, "Send as text"),
        )
      : null,
    written.files.length
      ? h(
          "div",
          { key: "files", class: "chosen" },
          written.files.map((file, at) =>
            h(
              "span",
              { key: `${at} ${file.name}`, class: "chip" },
              icon("file"),
              h("span", { dir: "auto", class: "name" }, words.clean(file.name)),
              h("span", { class: "quiet" }, words.size(file.size)),
              h("button", { type: "button", class: "plain", "aria-label": `Remove ${words.clean(file.name)}`, onclick: () => app.write(id, { files: written.files.filter((each) => each !== file) }) }, icon("close")),
            ),
          ),
        )
      : null,
    drawCompletion(app),
    h(
      "div",
      { key: "row", class: "row" },
      h("button", { type: "button", class: "plain", "aria-label": "Attach files", title: "Attach files", disabled: isBlocked, onclick: () => document.getElementById("files")?.click() }, icon("attach")),
      h("input", { key: "files", id: "files", type: "file", multiple: true, hidden: true, tabindex: "-1", "aria-label": "Files", onchange: (/** @type {any} */ event) => { app.deeds.attach(event.target.files); event.target.value = ""; } }),
      h("textarea", {
        key: "input",
        id: "input",
        rows: "1",
        dir: "auto",
        "aria-label": `Message ${where}`,
        placeholder: isBlocked ? "Nothing is sent here at the moment" : `Message ${where}`,
        disabled: isBlocked,
        value: written.text,
        autocomplete: "off",
        spellcheck: "true",
        oninput: (/** @type {any} */ event) => app.deeds.type(event.target.value),
        onclick: () => app.draw(),
        onblur: () => app.deeds.keepDraft(id),
      }),
      kind === "dm" ? h("button", { key: "secret", type: "button", class: "plain", "aria-label": "Send a secret", title: "Send a secret", disabled: isBlocked, onclick: () => app.show({ dialog: forms.sendSecret(app, name) }) }, icon("key")) : null,
      h("button", { key: "emoji", type: "button", class: "plain", "aria-label": "Emoji", title: "Emoji", disabled: isBlocked, onclick: () => app.show({ dialog: { kind: "emoji", message: null } }) }, icon("smile")),
      h("button", { key: "send", type: "submit", class: "button send", "aria-label": written.edit ? "Save" : "Send", title: "Send (Enter)", disabled: !canSend }, icon("send")),
    ),
  );

  /** @param {globalThis.Event} event */
  function submit(event) {
    event.preventDefault();
    void app.deeds.send();
  }
}
