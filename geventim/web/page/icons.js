/** @file Small things that are drawn in many places. */

import { h } from "./dom.js";
import { clean, words } from "./words.js";

const CIRCLE = "M12 3.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 0 0 0-17z";

const BELL = "M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15z";

const PATHS = {
	add: "M12 5v14M5 12h14",
	attach: "M20 11l-8 8a5 5 0 0 1-7-7l8-8a3 3 0 0 1 5 5l-8 8a1 1 0 0 1-3-3l7-7",
	back: "M15 5l-7 7 7 7",
	bell: `${BELL}M10 20.5h4`,
	check: "M5 12.5l4.5 4.5L19 7.5",
	clock: `${CIRCLE}M12 7.5V12l3 2`,
	close: "M6 6l12 12M18 6L6 18",
	copy: "M9 9h10v11H9zM15 9V4H5v11h4",
	download: "M12 4v11M7 11l5 5 5-5M5 20h14",
	edit: "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3",
	file: "M6 3h8l4 4v14H6zM14 3v4h4",
	gear: "M4 7h9M17 7h3M4 17h3M11 17h9M15 4.5v5M9 14.5v5",
	group: "M9 11a3 3 0 1 0 0-6a3 3 0 0 0 0 6zM3 19a6 6 0 0 1 12 0M16 5a3 3 0 0 1 0 6M18 14a5 5 0 0 1 3 5",
	hash: "M9.5 4L7.5 20M16.5 4l-2 16M4.5 9.5h16M3.5 15h16",
	info: `${CIRCLE}M12 11v5M12 7.8v.4`,
	key: "M8 12.5a3.8 3.8 0 1 0 0 7.6a3.8 3.8 0 0 0 0-7.6zM10.8 13.5L20 4.3M16.5 7.8l2.7 2.7",
	lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
	more: "M5.5 12h.01M12 12h.01M18.5 12h.01",
	mute: `${BELL}M4 4l16 16`,
	people: "M12 12a4 4 0 1 0 0-8a4 4 0 0 0 0 8zM4.5 20a7.5 7.5 0 0 1 15 0",
	read: "M2 12.5l4.5 4.5L16 7.5M12.5 16l1 1L23 7.5",
	reply: "M10 6L4.5 11.5 10 17M5 11.5h8.5a6 6 0 0 1 6 6v1",
	search: "M10.5 4a6.5 6.5 0 1 0 0 13a6.5 6.5 0 0 0 0-13zM15.5 15.5L20.5 20.5",
	send: "M4 12L20.5 4.5 15 20.5l-3.5-6.5zM11.5 14l4-5",
	shield: "M12 3l7.5 3v5.5c0 4.6-3 8-7.5 9.5c-4.5-1.5-7.5-4.9-7.5-9.5V6zM8.5 12l2.5 2.5 4.5-5",
	smile: `${CIRCLE}M8.5 14a4 4 0 0 0 7 0M9 9.5v.1M15 9.5v.1`,
	trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5",
	warning: "M12 4L2.5 20h19zM12 10v4.5M12 17.3v.2",
};

/** @typedef {keyof typeof PATHS} IconName */

/** @type {Icons["icon"]} */
export const icon = (name, label) => h("svg.icon", { viewBox: "0 0 24 24", ...(label ? { role: "img", "aria-label": label } : { "aria-hidden": true }) }, h("path", { d: PATHS[name] }));

/** @type {Icons["tool"]} */
export const tool = (sign, label, run, more) => h("button.plain", { key: label, class: sign, "aria-label": label, title: label, onclick: run, ...more }, sign in PATHS ? icon(/** @type {IconName} */ (sign)) : sign);

/** @type {Icons["button"]} */
export const button = (text, onclick, look) => h("button.button", { key: text, class: look, onclick }, text);

/** @type {Icons["link"]} */
export const link = (text, onclick) => h("button.link", { key: text, onclick }, text);

/** @type {Icons["quiet"]} */
export const quiet = (...text) => h("span.quiet", text);

/** @type {Icons["named"]} */
export const named = (text, ...more) => h("span.name", { dir: "auto" }, clean(text), more);

/** @type {Icons["seek"]} */
export const seek = (label, placeholder, oninput, more) => h("input", { type: "search", "aria-label": label, placeholder, autocomplete: "off", oninput: ({ target }) => oninput(target.value), ...more });

/** @type {Icons["check"]} */
export const check = (label, checked, run, more) =>
	h("label.check", { key: label }, h("input", { type: "checkbox", checked, onchange: ({ target }) => run(target.checked), ...more }), h("span", label));

/** @type {Icons["select"]} */
export const select = (label, choices, chosen, run) =>
	h(
		"label.field",
		h("span", label),
		h("select", { onchange: ({ target }) => run(target.value) }, choices.map(([value, name]) => h("option", { key: `${value} ${value === chosen}`, value, selected: value === chosen }, name))),
	);

/** @type {Icons["banner"]} */
export const banner = (sign, text, ...more) =>
	h("div.banner", { key: sign, class: { bad: sign === "warning" }, role: sign === "warning" ? "alert" : "status" }, icon(sign), h("span", text), more);

/** @type {Icons["lonely"]} */
export const lonely = (sign, title, ...more) => h("section.talk.lonely", { key: title }, sign, h("h1", title), more);

/** @type {Icons["person"]} */
export const person = (name, status = "") =>
	h("span.person", h("span.avatar", { style: { "--hue": words.hue(name) }, "aria-hidden": true }, words.initial(name)), status && h("span.dot", { class: status }));

/** @type {Icons["sign"]} */
export const sign = ({ kind, keyed, name }, state) =>
	kind === "dm" ? person(name, state.people.get(name) ?? "gone") : h("span.sign", icon(keyed ? "key" : kind === "group" ? "group" : "hash"));

/** @type {Icons["mark"]} */
export const mark = (standing) =>
	standing === "verified"
		? h("span.mark.good", { title: "Verified: you have compared keys" }, icon("shield", "verified"))
		: standing === "changed" && h("span.mark.bad", { title: "The key has changed" }, icon("warning", "key changed"));

/** @type {Icons["trustSign"]} */
export const trustSign = (trust, text = "") => h("span.trust", { class: trust }, icon(trust === "changed" ? "warning" : trust === "verified" ? "shield" : "lock"), h("span.text", text + TRUST[trust]));

/** @satisfies {Record<Standing, string>} */
const TRUST = { verified: "verified", unverified: "not verified", changed: "key changed" };

export const STATUSES = { normal: "Available", away: "Away", dnd: "Do not disturb", gone: "Not connected" };
