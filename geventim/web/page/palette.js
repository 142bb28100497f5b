/** @file Goes anywhere, and finds every command, by a few letters. */

import { h } from "./dom.js";
import * as forms from "./forms.js";
import { icon } from "./icons.js";
import { avatar } from "./message.js";
import * as store from "./store.js";
import { focusSearch } from "./talk.js";
import * as words from "./words.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {{key: string, label: string, hint: string, name?: import("./icons.js").IconName, nick?: string, words?: string, run: () => unknown}} Choice */

const MOST = 12;

/**
 * How well a text fits the letters that were typed; 0: not at all.
 * @param {string} text
 * @param {string} letters
 */
export function fit(text, letters) {
  const [low, wanted] = [text.toLowerCase(), letters.toLowerCase().trim()];
  if (!wanted) return 1;
  if (low.startsWith(wanted)) return 4;
  if (low.split(/[\s_.-]+/).some((each) => each.startsWith(wanted))) return 3;
  if (low.includes(wanted)) return 2;
  let at = 0;
  for (const sign of low) if (sign === wanted[at]) at += 1;
  return at === wanted.length ? 1 : 0;
}

/**
 * @param {App} app
 * @param {string} letters
 * @returns {Choice[]}
 */
function choices(app, letters) {
  const { state } = app;
  const show = (/** @type {any} */ dialog) => () => app.show({ dialog });
  const isOnlyCommands = letters.startsWith("/");
  const wanted = letters.replace(/^[/@#]/, "");
  /** @type {Choice[]} */
  const all = [];
  if (!isOnlyCommands) {
    for (const each of store.listed(state)) {
      all.push({
        key: each.id,
        label: each.name,
        hint: each.unread ? `${words.count(each.unread)} new` : "",
        ...(each.kind === "dm" ? { nick: each.name } : { name: each.kind === "group" ? "group" : "hash" }),
        run: () => {
          app.show({ dialog: null });
          app.open(each.id);
        },
      });
    }
    const known = new Set([...state.conversations.values()].filter((each) => each.kind === "dm").map((each) => each.name));
    const people = new Set([...state.people.keys(), ...[...state.members.values()].flat().map((each) => each.nick)]);
    for (const nick of [...people].sort()) {
      if (nick === state.nick || known.has(nick) || !wanted) continue;
      all.push({ key: `@${nick}`, label: nick, hint: "Write to them", nick, run: () => app.deeds.openDm(nick) });
    }
  }
  all.push(...commands(app, show));
  const ranked = all
    .map((choice) => ({ choice, rank: Math.max(fit(choice.label, wanted), choice.words && wanted ? fit(choice.words, wanted) - 0.5 : 0) }))
    .filter((each) => each.rank > 0);
  if (wanted) ranked.sort((one, other) => other.rank - one.rank);
  const found = ranked.map((each) => each.choice).slice(0, MOST);
  if (wanted && !isOnlyCommands && found.length < MOST) {
    found.push({ key: "search", label: `Search messages for “${wanted}”`, hint: "", name: "search", run: () => searchFor(app, wanted) });
  }
  return found;
}

/**
 * @param {App} app
 * @param {(dialog: any) => () => void} show
 * @returns {Choice[]}
 */
function commands(app, show) {
  const { current, deeds } = app;
  const close = (/** @type {() => unknown} */ run) => () => {
    app.show({ dialog: null });
    run();
  };
  /** @type {Choice[]} */
  const all = [
    { key: "message", label: "Message somebody", hint: "", name: "people", words: "query dm msg", run: show(forms.message(app)) },
    { key: "join", label: "Join a room", hint: "", name: "hash", words: "enter", run: show(forms.join(app)) },
    { key: "room", label: "Make a room", hint: "", name: "add", words: "create newkey", run: show(forms.room(app)) },
    { key: "group", label: "Make a group", hint: "", name: "group", words: "create", run: show(forms.group(app)) },
    { key: "news", label: "Go where something is new", hint: "Alt-A", name: "bell", run: close(() => deeds.goToNews()) },
    { key: "settings", label: "Settings", hint: "", name: "gear", words: "status away dnd ignore highlights notifications", run: () => deeds.settings() },
    { key: "help", label: "Keys", hint: "?", name: "info", words: "help shortcuts", run: show({ kind: "help" }) },
    { key: "away", label: "Be away", hint: "", name: "clock", words: "status", run: close(() => deeds.setStatus("away")) },
    { key: "dnd", label: "Do not be disturbed", hint: "", name: "mute", words: "status dnd", run: close(() => deeds.setStatus("dnd")) },
    { key: "normal", label: "Be available", hint: "", name: "check", words: "status normal back", run: close(() => deeds.setStatus("normal")) },
  ];
  if (!current) return all;
  const { id, kind, name } = current;
  /** @type {Choice[]} */
  const here = [
    { key: "find", label: `Search in ${name}`, hint: "Ctrl-F", name: "search", run: close(() => openSearch(app, id)) },
    { key: "files", label: "Attach files", hint: "", name: "attach", words: "send upload", run: close(() => document.getElementById("files")?.click()) },
    { key: "mute", label: current.muted ? `Unmute ${name}` : `Mute ${name}`, hint: "", name: "mute", run: close(() => deeds.mute(current)) },
    { key: "details", label: "Details", hint: "", name: "info", words: "members names timer disappear", run: close(() => app.show({ side: "details", pane: "side" })) },
  ];
  if (kind === "dm") {
    here.push(
      { key: "verify", label: `Compare keys with ${name}`, hint: "", name: "shield", words: "verify safety number", run: () => deeds.verify(name) },
      { key: "secret", label: `Send a secret to ${name}`, hint: "", name: "key", run: show(forms.sendSecret(app, name)) },
      { key: "who", label: `Who is ${name}?`, hint: "", name: "info", words: "whois", run: () => deeds.person(name) },
    );
  } else {
    here.push(
      { key: "code", label: `Compare the code of ${name}`, hint: "", name: "shield", words: "verify room", run: () => deeds.roomCode(id) },
      { key: "leave", label: `Leave ${name}`, hint: "", name: "close", run: show(forms.leave(app, current)) },
    );
  }
  if (kind === "group") here.push({ key: "add", label: `Add people to ${name}`, hint: "", name: "add", words: "invite", run: show(forms.add(app, current)) });
  if (current.keyed) here.push({ key: "newkey", label: `Change the key of ${name}`, hint: "", name: "key", words: "newkey", run: show(forms.newKey(app, current)) });
  return [...here, ...all];
}

/**
 * @param {App} app
 * @param {string} id of a conversation; empty for all
 */
export function openSearch(app, id) {
  app.show({ side: "search", pane: "side", search: { words: "", found: [], busy: false, done: true, ...app.ui.search, conversation: id } });
  focusSearch();
}

/**
 * @param {App} app
 * @param {string} text
 */
function searchFor(app, text) {
  app.show({ dialog: null });
  openSearch(app, "");
  requestAnimationFrame(() => {
    const input = /** @type {HTMLInputElement | null} */ (document.getElementById("search"));
    if (input) input.value = text;
    void app.deeds.search(text);
  });
}

/**
 * @param {App} app
 * @param {{words: string, at: number}} dialog
 * @returns {import("./dom.js").Child[]}
 */
export function drawPalette(app, dialog) {
  const found = choices(app, dialog.words);
  const at = Math.min(dialog.at, found.length - 1);
  const change = (/** @type {object} */ changed) => app.show({ dialog: { kind: "palette", ...dialog, ...changed } });
  return [
    h("h2", { key: "title", id: "dialog-title", class: "unseen" }, "Go to, or do"),
    h("input", {
      key: "input",
      class: "wide",
      type: "text",
      role: "combobox",
      dir: "auto",
      autocomplete: "off",
      spellcheck: "false",
      "data-first": "",
      "aria-label": "Go to, or do",
      "aria-expanded": "true",
      "aria-controls": "palette",
      "aria-activedescendant": found[at] ? `choice-${at}` : undefined,
      placeholder: "A conversation, a person, or what you want to do",
      value: dialog.words,
      oninput: (/** @type {any} */ event) => change({ words: event.target.value, at: 0 }),
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key === "ArrowDown") change({ at: (at + 1) % Math.max(1, found.length) });
        else if (event.key === "ArrowUp") change({ at: (at - 1 + found.length) % Math.max(1, found.length) });
        else if (event.key === "Enter") found[at]?.run();
        else return;
        event.preventDefault();
        requestAnimationFrame(() => document.querySelector("#palette [aria-selected=true]")?.scrollIntoView({ block: "nearest" }));
      },
    }),
    h(
      "ul",
      { key: "list", id: "palette", class: "content", role: "listbox", "aria-label": "Choices" },
      found.map((choice, place) =>
        h(
          "li",
          { key: choice.key, id: `choice-${place}`, role: "option", "aria-selected": String(place === at), onclick: choice.run },
          choice.nick ? avatar(choice.nick) : h("span", { class: "sign" }, icon(choice.name ?? "info")),
          h("span", { class: "name", dir: "auto" }, words.clean(choice.label)),
          choice.hint ? h("span", { class: "quiet" }, choice.hint) : null,
        ),
      ),
    ),
  ];
}
