/** @file What the user can settle. */

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { STATUSES } from "./sidebar.js";
import * as words from "./words.js";

/** @typedef {import("./app.js").App} App */

/** @type {[import("./preferences.js").Calls, string][]} */
const CALLS = [
  ["calls", "When somebody writes to me or mentions me"],
  ["all", "For every message"],
  ["none", "Never"],
];

/**
 * @param {App} app
 * @param {{highlights: string[], ignored: string[]}} dialog
 */
export function drawSettings(app, { highlights, ignored }) {
  const { preferences, state } = app;
  const { values } = preferences;
  const prefer = (/** @type {Partial<import("./preferences.js").Preferences["values"]>} */ changed) => {
    preferences.change(changed);
    app.draw();
  };
  return h(
    "div",
    { class: "content" },
    h("p", { class: "quiet" }, "You are ", h("strong", { dir: "auto" }, words.clean(state.nick)), ` on ${state.server}.`),
    h(
      "fieldset",
      null,
      h("legend", null, "Status"),
      Object.entries(STATUSES).map(([status, label]) =>
        h(
          "label",
          { key: status, class: "check" },
          h("input", { type: "radio", name: "status", value: status, checked: state.status === status, "data-first": state.status === status ? "" : undefined, onchange: () => app.deeds.setStatus(/** @type {any} */ (status)) }),
          h("span", { class: `dot ${status}` }),
          h("span", null, label),
        ),
      ),
    ),
    h(
      "fieldset",
      null,
      h("legend", null, "Notifications"),
      h(
        "label",
        { class: "field" },
        h("span", null, "Notify me"),
        h(
          "select",
          { value: values.notify, onchange: (/** @type {any} */ event) => prefer({ notify: event.target.value }) },
          CALLS.map(([name, label]) => h("option", { key: name, value: name, selected: name === values.notify }, label)),
        ),
      ),
      h("label", { class: "check" }, h("input", { type: "checkbox", checked: values.words, onchange: (/** @type {any} */ event) => prefer({ words: event.target.checked }) }), h("span", null, "Show what was written")),
      drawPermission(app),
      h(
        "label",
        { class: "field" },
        h("span", null, "Words that call me, as if I was mentioned"),
        h("input", { type: "text", dir: "auto", value: highlights.join(", "), placeholder: "release, lunch", onchange: (/** @type {any} */ event) => highlight(app, event.target.value) }),
      ),
    ),
    h(
      "fieldset",
      null,
      h("legend", null, "Pictures"),
      h("label", { class: "check" }, h("input", { type: "checkbox", checked: values.pictures, onchange: (/** @type {any} */ event) => prefer({ pictures: event.target.checked }) }), h("span", null, "Show small ones at once")),
    ),
    h(
      "fieldset",
      null,
      h("legend", null, "Ignored"),
      ignored.length
        ? h("ul", { class: "plain-list" }, ignored.map((nick) => h("li", { key: nick }, h("span", { dir: "auto" }, words.clean(nick)), h("button", { type: "button", class: "button small faint", onclick: () => app.deeds.ignore(nick, false) }, "Hear of them again"))))
        : h("p", { class: "quiet" }, "Nobody."),
    ),
    h(
      "fieldset",
      null,
      h("legend", null, "This page"),
      h("button", { type: "button", class: "button faint", onclick: () => app.link.leave() }, icon("close"), "End this session"),
    ),
  );
}

/** @param {App} app */
function drawPermission(app) {
  if (!("Notification" in window)) return h("p", { class: "quiet" }, "This browser has no notifications.");
  if (Notification.permission === "granted") return null;
  if (Notification.permission === "denied") return h("p", { class: "quiet" }, "This browser does not let the page notify you. Its settings for this address say so.");
  return h("button", { type: "button", class: "button small", onclick: () => Notification.requestPermission().then(() => app.draw()) }, "Let this page notify me");
}

/**
 * @param {App} app
 * @param {string} text
 */
async function highlight(app, text) {
  const value = text.split(",").map((each) => each.trim()).filter(Boolean);
  const done = await app.wish("change_setting", { name: "highlights", value });
  if (done && app.ui.dialog?.kind === "settings") {
    app.show({ dialog: { ...app.ui.dialog, highlights: done.highlights } });
  }
}
