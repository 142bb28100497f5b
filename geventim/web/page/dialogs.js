/** @file What lies over the page: one dialog at a time. */

import * as actions from "./actions.js";
import { app, ask, prefer, redraw } from "./app.js";
import { BINDINGS, spell } from "./bindings.js";
import { deeds } from "./deeds.js";
import { byId, focusOn, h, said } from "./dom.js";
import { foundEmoji } from "./emoji.js";
import { drawForm, forms } from "./forms.js";
import { button, check, icon, named, person, quiet, seek, select, STATUSES, tool, trustSign } from "./icons.js";
import { link } from "./link.js";
import { drawPalette } from "./palette.js";
import { pictures } from "./pictures.js";
import { clean, words } from "./words.js";

/** @type {string | null} */
let shown = null;

const nameOf = (/** @type {Dialog | null} */ dialog) => dialog && [dialog.kind, dialog.title, dialog.nick, dialog.name].join(" ");

function close() {
	const { dialog } = app.ui;
	ask(null);
	dialog?.cancelled?.();
}

export function drawDialog() {
	const { dialog } = app.ui;
	const [title, ...content] = dialog ? DIALOGS[dialog.kind](dialog) : [];
	return h(
		"dialog.dialog",
		{
			id: "dialog",
			class: dialog?.kind,
			"aria-labelledby": "dialog-title",
			oncancel(event) {
				event.preventDefault();
				close();
			},
			onmousedown: ({ target, currentTarget }) => target === currentTarget && close(),
		},
		dialog && h("div.sheet", { key: nameOf(dialog) }, h("header.row", h("h2", { id: "dialog-title", dir: "auto" }, clean(String(title))), tool("close", "Close", close)), content),
	);
}

/** Open or close the element as it was drawn, and put the focus where it is wanted. */
export function settleDialog() {
	const element = byId("dialog");
	const { dialog } = app.ui;
	const name = nameOf(dialog);
	if (!element || name === shown) return;
	if (!dialog) {
		element.close();
		if (document.activeElement === document.body) focusOn("input");
	} else {
		if (!element.open) element.showModal();
		["input, textarea", "footer .button:not(.faint)", ".content button, [tabindex]"].map((each) => element.querySelector(each)).find(Boolean)?.focus();
	}
	shown = name;
}

/** @param {...Child} content */
const content = (...content) => h("div.content", content);

/** @type {DrawChoice} */
const choice = (sign, label, onclick, help) => h("button.choice", { onclick }, sign, h("span", said("span", clean(label)), help && quiet(help)));

/** @param {Action[]} all */
const choices = (all) =>
	all.map(({ icon: name, label, run, hint }) =>
		choice(icon(name), label, () => {
			ask(null);
			run();
		}, hint),
	);

/** @param {string} digits @param {string} label */
const drawDigits = (digits, label) => h("ol.digits", { "aria-label": label }, words.groups(digits).map((each, at) => h("li", { key: at }, each)));

/** @param {string} text */
const copy = (text) => button("Copy", () => deeds.copy(text), "faint");

const CALLS = [["calls", "When somebody writes to me or mentions me"], ["all", "For every message"], ["none", "Never"]];

/** @param {string} title @param {...Child} content */
const part = (title, ...content) => h("fieldset", { key: title }, h("legend", title), content);

/** @type {Draw<{ignored: string[]}>} */
function drawSettings({ ignored }) {
	const { preferences, state } = app;
	const { settings } = state;
	return h(
		"div.content",
		quiet("You are ", h("strong", { dir: "auto" }, state.nick), ` on ${state.server}.`),
		part(
			"Status",
			Object.entries(STATUSES).slice(0, 3).map(([status, label]) => check(label, state.status === status, () => deeds.setStatus(status), { type: "radio", name: "status" })),
		),
		part(
			"Notifications",
			select("Notify me", CALLS, preferences.notify, (notify) => prefer({ notify })),
			check("Show what was written", preferences.words, (words) => prefer({ words })),
			drawPermission(),
			h(
				"label.field",
				h("span", "Words that call me, as if I was mentioned"),
				h("input", {
					type: "text",
					dir: "auto",
					mount: (input) => (input.value = settings.highlights.join(", ")),
					placeholder: "release, lunch",
					onchange: ({ target }) => deeds.settle("highlights", target.value.split(",").flatMap((/** @type {string} */ each) => each.trim() || [])),
				}),
			),
		),
		part(
			"In all front ends",
			check("Show small pictures at once", settings.pictures, (value) => deeds.settle("pictures", value)),
			check("Tell others how far I have read", settings.receipts, (value) => deeds.settle("receipts", value)),
		),
		part(
			"Ignored",
			ignored.length
				? h("ul", ignored.map((nick) => h("li.row", { key: nick }, named(nick), button("Hear of them again", () => deeds.ignore(nick, false), "small faint"))))
				: quiet("Nobody."),
		),
		part("You", button("Move to another machine", forms.exportIdentity, "faint"), " ", button("End this session", link.leave, "faint")),
	);
}

function drawPermission() {
	const permission = window.Notification?.permission;
	if (permission === "default") return button("Let this page notify me", () => Notification.requestPermission().then(redraw), "small");
	if (permission === "denied") return quiet("This browser does not let the page notify you. Its settings for this address say so.");
	return !permission && quiet("This browser has no notifications.");
}

/** Each gives a title, and what is below it. @type {Dialogs} */
const DIALOGS = {
	palette: (dialog) => ["Go to, or do", drawPalette(dialog)],
	form: (dialog) => [dialog.title, drawForm(dialog, close)],
	settings: (dialog) => ["Settings", drawSettings(dialog)],
	begin: () => ["New conversation", content(choices(actions.begin()))],
	rooms({ rooms, more, words: wanted }) {
		const bare = (/** @type {string} */ name) => name.trim().replace(/^#/, "");
		const join = (/** @type {string} */ name) => name && deeds.join(name);
		const found = rooms.filter(({ name, joined }) => !joined && name.includes(wanted));
		return [
			"Join a room",
			seek("Name of the room", "Find, or type a name", (words) => ask({ ...app.ui.dialog, kind: "rooms", words: bare(words) }), {
				class: "wide",
				onkeydown: ({ key, target }) => key === "Enter" && join(bare(target.value)),
			}),
			content(
				found.map(({ name, keyed }) => choice(icon(keyed ? "key" : "hash"), name, () => (keyed ? forms.enterKeyed(name) : join(name)), keyed ? "Needs a key" : "")),
				!found.length && quiet("There is none of that name that you are not in."),
				more && button("More", () => deeds.rooms(rooms, wanted), "faint"),
			),
		];
	},
	verify: ({ nick, number, standing, code }) => [
		`Is it really ${nick}?`,
		content(
			h("p", `Compare these digits with ${clean(nick)}, in person or by telephone. If both of you see the same ones, nobody stands between you.`),
			h("div.compare", drawDigits(number, "Safety number"), drawCode(code)),
			standing !== "unverified" && trustSign(standing),
			h(
				"footer",
				copy(words.groups(number).join(" ")),
				standing === "changed" && button("Accept without comparing", () => deeds.trust("trust", nick), "faint"),
				button("They are the same", () => deeds.trust("confirm", nick)),
			),
		),
	],
	code: ({ conversation, code, members }) => [
		`Code of ${conversation}`,
		content(
			h("p", `All ${words.plural(members, "member")} see the same digits now, if nobody has come between. They change whenever somebody comes or goes.`),
			drawDigits(code, "Code"),
			h("footer", copy(words.groups(code).join(" "))),
		),
	],
	key: ({ name, key }) => [
		`The key of ${name}`,
		content(
			h("p", "Give it to those who are to enter, in another way. It is shown now, and not again."),
			h("code.opened", { dir: "ltr" }, key),
			h("footer", copy(key), button("Done", close)),
		),
	],
	secret: ({ nick, text }) => [`A secret of ${nick}`, content(said("p.opened", text), h("footer", button("Hide it", close)))],
	person: ({ nick, known, ignored }) => [
		nick,
		content(
			h("div.portrait", person(nick), known?.standing && trustSign(known.standing)),
			known?.identity
				? h(
						"dl.facts",
						[["Key", h("code", known.identity)], ["Known since", words.brief(known.since)], ["In common", known.conversations.map(clean).join(", ")]].map(([name, value]) => value && [h("dt", name), said("dd", value)]),
					)
				: quiet(known?.why ?? "…"),
			choice(icon("reply"), "Write to them", () => deeds.openDm(nick)),
			choice(icon("shield"), "Compare keys", () => deeds.verify(nick)),
			choice(icon("key"), "Send a secret", () => forms.sendSecret(nick)),
			ignored !== undefined && choice(icon("mute"), ignored ? "Hear of them again" : "Ignore", () => deeds.ignore(nick, !ignored), ignored ? "" : "You hear nothing of them any more"),
		),
	],
	message: ({ message }) => [
		"Message",
		content(quiet(`${clean(message.nick)}, ${words.moment(message.date)}`), choices(actions.ofMessage(message, "reply", "react", "copy", "quote", "edit", "who", "remove"))),
	],
	emoji(dialog) {
		const pick = (/** @type {string} */ sign) => {
			ask(null);
			if (dialog.message) void deeds.react(dialog.message, sign);
			else deeds.insert(sign);
		};
		return [
			dialog.message ? "React" : "Emoji",
			seek("Find an emoji", "Find, or type one", (words) => ask({ ...dialog, words }), {
				class: "wide",
				onkeydown(event) {
					// What was typed since this was drawn counts.
					const [first] = foundEmoji(event.target.value)[0].emoji;
					if (event.key !== "Enter" || !first) return;
					event.preventDefault();
					pick(first.sign);
				},
			}),
			content(
				foundEmoji(dialog.words ?? "").map(({ name, emoji }) =>
					h(
						"section",
						{ key: name, "aria-label": name },
						h("h3", name),
						h("div.grid", emoji.map(({ sign, words }) => h("button", { key: sign, title: words, "aria-label": words, onclick: () => pick(sign) }, sign))),
						!emoji.length && quiet("None is called that here."),
					),
				),
			),
		];
	},
	picture: ({ name, key, size }) => [
		name,
		h("div.content.frame", h("img", { src: pictures.get(key)?.url, alt: name })),
		h("footer", button(`Save (${words.size(size)})`, () => pictures.download(key, name))),
	],
	help: () => [
		"Keys",
		h(
			"div.content",
			{ tabindex: "0", role: "group", "aria-label": "Keys" },
			Object.entries(BINDINGS).map(([place, bindings]) => [
				h("h3", place),
				h("dl.keys", Object.values(bindings).map(([keys, help]) => [h("dt", keys.split(" ").map((key) => [h("kbd", spell(key)), " "])), h("dd", help)])),
			]),
			h("h3", "How to write"),
			h("p", ["*emphasis*", "**strong**", "`code`", "> quote", "- list", "[words](https://…)"].map((each) => [h("code", each), " "]), "and three backticks around lines of code."),
		),
	],
};

/** @param {string[]} rows of a QR code */
function drawCode(rows) {
	const path = rows.flatMap((row, y) => [...row].map((sign, x) => (sign === "1" ? `M${x + 4} ${y + 4}h1v1h-1z` : "")));
	const size = rows.length + 8;
	return h("svg.qr", { viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": "The same as a QR code" }, h("rect", { width: size, height: size }), h("path", { d: path.join("") }));
}
