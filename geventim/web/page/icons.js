/** @file Pictures of a few lines, and other small things that are drawn in many places. */

import { h } from "./dom.js";
import { hue, initial } from "./words.js";

const PATHS = {
	add: "M12 5v14M5 12h14",
	attach: "M20 11.5l-8.2 8.2a5 5 0 0 1-7.1-7.1l8.6-8.6a3.4 3.4 0 0 1 4.8 4.8l-8.6 8.6a1.7 1.7 0 0 1-2.4-2.4l7.8-7.8",
	back: "M15 5l-7 7 7 7",
	bell: "M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15zM10 20.5h4",
	check: "M5 12.5l4.5 4.5L19 7.5",
	clock: "M12 3.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 0 0 0-17zM12 7.5V12l3 2",
	close: "M6 6l12 12M18 6L6 18",
	copy: "M9 9h10v11H9zM15 9V4H5v11h4",
	down: "M12 5v14M6 13l6 6 6-6",
	download: "M12 4v11M7 11l5 5 5-5M5 20h14",
	edit: "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3",
	file: "M6 3h8l4 4v14H6zM14 3v4h4",
	gear: "M4 7h9M17 7h3M4 17h3M11 17h9M15 4.5v5M9 14.5v5",
	group: "M9 11a3.2 3.2 0 1 0 0-6.4a3.2 3.2 0 0 0 0 6.4zM2.8 19a6.2 6.2 0 0 1 12.4 0M16 5a3 3 0 0 1 0 6M17.5 13.5a5.6 5.6 0 0 1 3.7 5.5",
	hash: "M9.5 4L7.5 20M16.5 4l-2 16M4.5 9.5h16M3.5 15h16",
	info: "M12 3.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 0 0 0-17zM12 11v5M12 7.8v.4",
	key: "M8 12.5a3.8 3.8 0 1 0 0 7.6a3.8 3.8 0 0 0 0-7.6zM10.8 13.5L20 4.3M16.5 7.8l2.7 2.7",
	lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
	more: "M5.5 12h.01M12 12h.01M18.5 12h.01",
	mute: "M6 16V11a6 6 0 0 1 9.5-4.9M18 11v5l1.5 2h-11M10 20.5h4M4 4l16 16",
	people: "M12 12a4 4 0 1 0 0-8a4 4 0 0 0 0 8zM4.5 20a7.5 7.5 0 0 1 15 0",
	picture: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 8.8v.1",
	reply: "M10 6L4.5 11.5 10 17M5 11.5h8.5a6 6 0 0 1 6 6v1",
	search: "M10.5 4a6.5 6.5 0 1 0 0 13a6.5 6.5 0 0 0 0-13zM15.5 15.5L20.5 20.5",
	send: "M4 12L20.5 4.5 15 20.5l-3.5-6.5zM11.5 14l4-5",
	shield: "M12 3l7.5 3v5.5c0 4.6-3 8-7.5 9.5c-4.5-1.5-7.5-4.9-7.5-9.5V6zM8.5 12l2.5 2.5 4.5-5",
	smile: "M12 3.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 0 0 0-17zM8.5 14a4 4 0 0 0 7 0M9 9.5v.1M15 9.5v.1",
	timer: "M12 6a7 7 0 1 0 0 14a7 7 0 0 0 0-14zM12 9.5V13l2.200 1.5M9.5 3h5",
	trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5",
	warning: "M12 4L2.5 20h19zM12 10v4.5M12 17.300v.2",
};

/** @typedef {keyof typeof PATHS} IconName */

/** With a `label` it says something; without one it only adorns. @param {IconName} name @param {string} [label] */
export const icon = (name, label) =>
	h(
		"svg.icon",
		{ viewBox: "0 0 24 24", ...(label ? { role: "img", "aria-label": label } : { "aria-hidden": "true" }) },
		h("path", { d: PATHS[name] }),
	);

/** A button that is a picture. @param {IconName} name @param {string} label @param {(event: any) => unknown} run @param {object} [more] */
export const tool = (name, label, run, more = {}) =>
	h("button.plain", { "aria-label": label, title: label, onclick: run, ...more }, icon(name));

/** What is said quietly. @param {...Child} text */
export const quiet = (...text) => h("span.quiet", text);

/** A round sign for somebody. @param {string} name @param {Status | "gone" | ""} [status] */
export const person = (name, status = "") =>
	h(
		"span.person",
		h("span.avatar", { style: { "--hue": String(hue(name)) }, "aria-hidden": "true" }, initial(name)),
		status && h("span", { class: `dot ${status}` }),
	);

/** The sign of a conversation. @param {Conversation} conversation @param {State} state */
export const sign = ({ kind, keyed, name }, state) =>
	kind === "dm" ? person(name, state.people.get(name) ?? "gone") : h("span.sign", icon(keyed ? "key" : kind === "group" ? "group" : "hash"));

/** What is held of somebody, if it is worth a word. @param {Standing | ""} standing */
export const mark = (standing) =>
	standing === "verified"
		? h("span.mark.good", { title: "Verified: you have compared keys" }, icon("shield", "verified"))
		: standing === "changed" && h("span.mark.bad", { title: "The key has changed" }, icon("warning", "key changed"));

/** The icon that says how sure one is. @param {Standing} trust */
export const trustIcon = (trust) => icon(trust === "changed" ? "warning" : trust === "verified" ? "shield" : "lock");

/** @type {Record<Standing, string>} */
export const TRUST = { verified: "verified", unverified: "not verified", changed: "key changed" };

/** @type {Record<Status, string>} */
export const STATUSES = { normal: "Available", away: "Away", dnd: "Do not disturb" };
