/** @file Keys, and files that are dropped or pasted. */

import { deedOf, nameOf } from "./bindings.js";
import { completionKey } from "./completion.js";
import { closeDialog } from "./dialogs.js";
import { openSearch } from "./palette.js";
import { keyOf } from "./store.js";

/** @typedef {import("./app.js").App} App */

/** What may be a command of the other front ends: no path, and no text of several lines. */
const COMMAND = /^\/([a-z]{2,12})(?: [^\n]*)?$/;

/**
 * Take keys and files for the whole page.
 * @param {App} app
 */
export function listen(app) {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || app.ui.line === "ended" || !app.state.ready) return;
    if (take(app, event)) event.preventDefault();
  });
  // The caret decides what is completed.
  document.addEventListener("selectionchange", () => {
    if (document.activeElement?.id === "input") app.draw();
  });
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length || app.ui.dialog) return;
    event.preventDefault();
    app.deeds.attach(files);
  });
  let depth = 0;
  const hasFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files");
  document.addEventListener("dragenter", (event) => {
    if (!hasFiles(event)) return;
    depth += 1;
    app.show({ dragging: !!app.current && !app.ui.dialog });
  });
  document.addEventListener("dragleave", (event) => {
    if (!hasFiles(event)) return;
    depth -= 1;
    if (depth <= 0) app.show({ dragging: false });
  });
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    // The browser would leave the page for the file.
    event.preventDefault();
    depth = 0;
    const wanted = app.ui.dragging;
    app.show({ dragging: false });
    if (wanted && event.dataTransfer) app.deeds.attach(event.dataTransfer.files);
  });
}

/**
 * @param {App} app
 * @param {KeyboardEvent} event
 * @returns {boolean} whether it was for the page
 */
function take(app, event) {
  const name = nameOf(event);
  const target = /** @type {HTMLElement} */ (event.target);
  if (app.ui.dialog) {
    if (name === "Ctrl+k") app.show({ dialog: { kind: "palette", words: "", at: 0 } });
    return name === "Ctrl+k";
  }
  const isInput = target.id === "input";
  if (isInput && completionKey(app, event)) return true;
  if (isInput && name === "Enter" && !matchMedia("(pointer: coarse)").matches) {
    send(app);
    return true;
  }
  const isTyping = target.matches("input, textarea, select");
  const place = isInput ? "While writing" : target.matches("[data-key]") ? "On a message" : "";
  const deed = (place && deedOf(place, name)) || deedOf("Everywhere", name);
  if (!deed || (isTyping && name.length === 1)) return false;
  return DEEDS[deed]?.(app, event) !== false;
}

/** @param {App} app */
function send(app) {
  const { text, edit } = app.writing(app.ui.open);
  const command = COMMAND.exec(text);
  if (command?.[1] && !edit && !app.ui.command) app.show({ command: `/${command[1]}` });
  else void app.deeds.send();
}

/** @param {App} app */
function hot(app) {
  const messages = app.state.timelines.get(app.ui.open)?.messages ?? [];
  return messages.find((each) => keyOf(each) === app.ui.hot && !each.line);
}

/**
 * @param {(app: App, message: import("./types.js").Message) => unknown} deed
 * @returns {(app: App) => boolean}
 */
const withMessage = (deed) => (app) => {
  const message = hot(app);
  if (!message) return false;
  deed(app, message);
  return true;
};

/** @type {Record<string, (app: App, event: KeyboardEvent) => unknown>} */
const DEEDS = {
  palette: (app) => app.show({ dialog: { kind: "palette", words: "", at: 0 } }),
  search: (app) => openSearch(app, app.ui.open),
  next: (app) => app.deeds.go(1),
  previous: (app) => app.deeds.go(-1),
  nextNew: (app) => app.deeds.go(1, true),
  previousNew: (app) => app.deeds.go(-1, true),
  news: (app) => app.deeds.goToNews(),
  part: nextPart,
  details: (app) => app.show(app.ui.side === "details" ? { side: "", pane: "talk" } : { side: "details", pane: "side" }),
  help: (app) => app.show({ dialog: { kind: "help" } }),
  escape,
  editLast: (app) => {
    const { text, edit } = app.writing(app.ui.open);
    if (text || edit) return false;
    app.deeds.editLast();
    return true;
  },
  page: (_, event) => {
    const timeline = document.querySelector(".timeline");
    if (!timeline) return false;
    timeline.scrollBy({ top: (event.key === "PageUp" ? -0.85 : 0.85) * timeline.clientHeight });
    return true;
  },
  newest: (app) => app.deeds.toNewest(),
  move: (_, event) => {
    const next = event.key === "ArrowUp" ? "previousElementSibling" : "nextElementSibling";
    let row = /** @type {Element | null} */ (event.target)?.[next] ?? null;
    while (row && !row.matches("[tabindex]")) row = row[next];
    if (row) /** @type {HTMLElement} */ (row).focus();
    else if (event.key === "ArrowDown") document.getElementById("input")?.focus();
    return true;
  },
  reply: withMessage((app, message) => message.order && app.deeds.reply(message)),
  edit: withMessage((app, message) => app.deeds.edit(message)),
  react: withMessage((app, message) => message.order && app.show({ dialog: { kind: "emoji", message } })),
  copy: withMessage((app, message) => app.deeds.copy(message)),
  quote: withMessage((app, message) => app.deeds.quote(message)),
  remove: withMessage((app, message) => message.own && app.deeds.remove(message)),
  who: withMessage((app, message) => !message.own && app.deeds.person(message.nick)),
  menu: withMessage((app, message) => app.show({ dialog: { kind: "message", message } })),
  openIt: withMessage((app, message) => {
    if (message.secret) app.deeds.openSecret(message);
    else if (app.pictures.get(message.message_id, 0)?.url) {
      app.show({ dialog: { kind: "picture", message, file: message.files?.[0], at: 0 } });
    }
  }),
};

/** @param {App} app */
function escape(app) {
  const { ui } = app;
  const written = app.writing(ui.open);
  const input = document.getElementById("input");
  if (ui.dialog) closeDialog(app);
  else if (written.edit || written.reply) app.deeds.stopWriting();
  else if (ui.side === "search") app.show({ side: "", pane: "talk" });
  else if (document.activeElement === input && app.timeline.isUp) app.deeds.toNewest();
  else if (ui.pane === "side") app.show({ pane: "talk" });
  input?.focus();
}

/** @param {App} app */
function nextPart(app) {
  const last = document.querySelector('.timeline [tabindex="0"]');
  const parts = [
    document.querySelector(".conversation.open") ?? document.querySelector(".sidebar button"),
    last,
    document.getElementById("input"),
    document.querySelector(".side button:not(.back)"),
  ].filter((each) => each !== null && /** @type {HTMLElement} */ (each).offsetParent !== null);
  const areas = [".sidebar", ".timeline", ".composer", ".side"];
  const here = areas.findIndex((each) => document.activeElement?.closest(each));
  const order = parts.map((each) => areas.findIndex((area) => each?.closest(area)));
  const at = order.findIndex((each) => each > here);
  /** @type {HTMLElement | null | undefined} */ (parts[at < 0 ? 0 : at])?.focus();
  app.draw();
}
