/** @file The page as a whole: three panes, what stands above them, and what lies over them. */

import { drawDialog } from "./dialogs.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { drawSide } from "./side.js";
import { drawSidebar } from "./sidebar.js";
import { drawTalk } from "./talk.js";

/** @typedef {import("./app.js").App} App */

/**
 * @param {App} app
 * @returns {import("./dom.js").Child[]}
 */
export function drawPage(app) {
  const { ui, state } = app;
  if (ui.line === "ended") return [drawEnd(ui.code)];
  if (!state.ready) return [drawWaiting(app)];
  const isSide = ui.side !== "" && (ui.side === "search" || !!app.current);
  return [
    h("a", { key: "skip", class: "skip", href: "#input", onclick: toInput }, "To the input"),
    h(
      "div",
      { key: "shell", class: isSide ? "shell has-side" : "shell", "data-pane": ui.pane },
      drawBanners(app),
      drawSidebar(app),
      drawTalk(app),
      isSide ? drawSide(app) : null,
    ),
    drawDialog(app),
    h(
      "div",
      { key: "toasts", class: "toasts", role: "status", "aria-live": "polite" },
      ui.toasts.map((toast) =>
        h(
          "div",
          { key: `toast ${toast.id}`, class: `toast ${toast.tone}` },
          h("span", { dir: "auto" }, toast.text),
          toast.label ? h("button", { type: "button", class: "link", onclick: toast.run }, toast.label) : null,
          h("button", { type: "button", class: "plain", "aria-label": "Close", onclick: () => app.dismiss(toast.id) }, icon("close")),
        ),
      ),
    ),
    h("div", { key: "live", id: "live", class: "unseen", "aria-live": "polite", own: true }),
    ui.dragging ? h("div", { key: "drop", class: "drop", "aria-hidden": "true" }, icon("attach"), h("p", null, `Drop to send to ${app.current?.name ?? ""}`)) : null,
  ];
}

/** @param {globalThis.Event} event */
function toInput(event) {
  event.preventDefault();
  document.getElementById("input")?.focus();
}

/** @param {App} app */
function drawBanners(app) {
  const { ui, state } = app;
  const banners = [];
  if (ui.line === "lost") {
    banners.push(
      h(
        "div",
        { key: "line", class: "banner bad", role: "alert" },
        icon("warning"),
        h("span", null, "The client on this machine does not answer. This page comes back by itself as soon as it does; if the client has ended, start it again with "),
        h("code", null, "eim-client --web"),
        h("span", null, ", which gives another link."),
      ),
    );
  } else if (state.connection !== "online") {
    banners.push(
      h(
        "div",
        { key: "connection", class: "banner", role: "status" },
        icon("clock"),
        h("span", null, `${connectionSays(app)} What you write is kept, and sent once you are connected.`),
      ),
    );
  }
  if (ui.announcement) {
    banners.push(
      h(
        "div",
        { key: "announcement", class: "banner", role: "status" },
        icon("info"),
        h("strong", null, "From the operator: "),
        h("span", { dir: "auto" }, ui.announcement),
        h("button", { type: "button", class: "plain", "aria-label": "Close", onclick: () => app.show({ announcement: "" }) }, icon("close")),
      ),
    );
  }
  return h("div", { key: "banners", class: "banners" }, banners);
}

/** @param {App} app */
function connectionSays({ state }) {
  if (state.connection === "entering") return `Connecting to ${state.server} …`;
  if (state.connection === "ended") return "The client has ended.";
  const seconds = Math.ceil((state.retry - Date.now()) / 1_000);
  return seconds > 0 ? `Not connected; the next attempt comes in ${seconds} s.` : "Not connected.";
}

/** @param {App} app */
function drawWaiting(app) {
  return h(
    "main",
    { key: "waiting", class: "lonely", role: "status" },
    h("span", { class: "spinner large" }),
    h("h1", null, "geventim"),
    h("p", null, app.ui.line === "lost" ? "The client on this machine does not answer." : "One moment …"),
  );
}

/** @type {Record<string, [string, string]>} */
const ENDS = {
  no_token: ["This page needs a link", "It is opened by a link from your client, which works once and for half a minute."],
  old_link: ["This link was used already", "A link works once, and for half a minute. If it was not you who has used it, somebody else on this machine has."],
  taken_over: ["This session was ended", "Its link was used a second time. One of the two may have been somebody else, so neither goes on."],
  too_many: ["This session was ended", "There were too many at a time."],
  left: ["You have left", "This page holds nothing any more. The client goes on."],
  gone: ["The client does not answer", "It may have ended since this link was made."],
};

/** @param {string} code */
function drawEnd(code) {
  const [title, text] = ENDS[code] ?? ["This session is over", "The client that it belonged to has ended, or does not know it any more."];
  return h(
    "main",
    { key: "end", class: "lonely" },
    icon("lock"),
    h("h1", null, title),
    h("p", null, text),
    h("p", null, "To get another link, type ", h("code", null, "@web"), " in your running client, or start one:"),
    h("pre", { class: "command", tabindex: "0" }, h("code", null, "eim-client --web")),
  );
}
