/** @file What the user can settle. */

import { app, ask, prefer, redraw, wish } from "./app.js";
import * as deeds from "./deeds.js";
import * as link from "./link.js";
import { h } from "./dom.js";
import * as forms from "./forms.js";
import { quiet, STATUSES } from "./icons.js";
import { clean } from "./words.js";

/** @type {[Calls, string][]} */
const CALLS = [["calls", "When somebody writes to me or mentions me"], ["all", "For every message"], ["none", "Never"]];

/** @type {Draw<any>} */
export function drawSettings({ highlights, ignored }) {
	const { preferences, state } = app;
	const part = (/** @type {string} */ title, /** @type {Child[]} */ ...content) => h("fieldset", { key: title }, h("legend", title), content);
	const check = (/** @type {"words" | "pictures"} */ name, /** @type {string} */ label) =>
		h("label.check", { key: name }, h("input", { type: "checkbox", checked: preferences[name], onchange: (/** @type {any} */ event) => prefer({ [name]: event.target.checked }) }), h("span", label));
	return h(
		"div.content",
		quiet("You are ", h("strong", { dir: "auto" }, state.nick), ` on ${state.server}.`),
		part(
			"Status",
			Object.entries(STATUSES).map(([status, label]) => {
				const checked = state.status === status;
				return h(
					"label.check",
					{ key: status },
					h("input", { type: "radio", name: "status", value: status, checked, "data-first": checked, onchange: () => deeds.setStatus(/** @type {Status} */ (status)) }),
					h("span.dot", { class: status }),
					h("span", label),
				);
			}),
		),
		part(
			"Notifications",
			h(
				"label.field",
				h("span", "Notify me"),
				h("select", { onchange: (/** @type {any} */ event) => prefer({ notify: event.target.value }) }, CALLS.map(([value, label]) => h("option", { key: value, value, selected: value === preferences.notify }, label))),
			),
			check("words", "Show what was written"),
			drawPermission(),
			h(
				"label.field",
				h("span", "Words that call me, as if I was mentioned"),
				h("input", { type: "text", dir: "auto", mount: (/** @type {HTMLInputElement} */ input) => (input.value = highlights.join(", ")), placeholder: "release, lunch", onchange: (/** @type {any} */ event) => highlight(event.target.value) }),
			),
		),
		part("Pictures", check("pictures", "Show small ones at once")),
		part(
			"Ignored",
			ignored.length
				? h("ul.plain-list", ignored.map((/** @type {string} */ nick) => h("li", { key: nick }, h("span", { dir: "auto" }, clean(nick)), h("button.button.small.faint", { onclick: () => deeds.ignore(nick, false) }, "Hear of them again"))))
				: quiet("Nobody."),
		),
		part(
			"You",
			h("button.button.faint", { onclick: () => ask(forms.exportIdentity()) }, "Move to another machine"),
			" ",
			h("button.button.faint", { onclick: () => link.leave() }, "End this session"),
		),
	);
}


function drawPermission() {
	const permission = "Notification" in window ? Notification.permission : "none";
	if (permission === "granted") return null;
	if (permission === "none") return quiet("This browser has no notifications.");
	if (permission === "denied") return quiet("This browser does not let the page notify you. Its settings for this address say so.");
	return h("button.button.small", { onclick: () => Notification.requestPermission().then(() => redraw()) }, "Let this page notify me");
}

/** @param {string} text */
async function highlight(text) {
	const value = text.split(",").flatMap((each) => each.trim() || []);
	const done = await wish("change_setting", { name: "highlights", value });
	if (done && app.ui.dialog?.kind === "settings") ask({ ...app.ui.dialog, highlights: done.highlights });
}
