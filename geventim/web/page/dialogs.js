/** @file What lies over the page: one dialog at a time, in one element that stays. */

import { app, ask } from "./app.js";
import { BINDINGS, spell } from "./bindings.js";
import * as deeds from "./deeds.js";
import { focusOn, h } from "./dom.js";
import { EMOJI, findEmoji } from "./emoji.js";
import { drawForm } from "./fields.js";
import * as forms from "./forms.js";
import { icon, person, quiet, tool, TRUST, trustIcon } from "./icons.js";
import { drawPalette } from "./palette.js";
import * as pictures from "./pictures.js";
import { qr } from "./qr.js";
import { drawSettings } from "./settings.js";
import * as words from "./words.js";

const { clean } = words;

let shown = "";

const nameOf = (/** @type {Dialog | null} */ dialog) => (dialog ? [dialog.kind, dialog.title, dialog.nick, dialog.name].join(" ") : "");

function close() {
	const { dialog } = app.ui;
	ask(null);
	dialog?.cancelled?.();
}

export function drawDialog() {
	const { dialog } = app.ui;
	const oncancel = (/** @type {globalThis.Event} */ event) => {
		event.preventDefault();
		close();
	};
	const onmousedown = (/** @type {globalThis.Event} */ { target, currentTarget }) => target === currentTarget && close();
	return h(
		"dialog.dialog",
		{ key: "dialog", class: dialog?.kind, "aria-labelledby": "dialog-title", oncancel, onmousedown },
		dialog && h("div.sheet", { key: nameOf(dialog) }, DIALOGS[dialog.kind](dialog)),
	);
}

/** Open or close the element as it was drawn, and put the focus where it is wanted. */
export function settleDialog() {
	const element = /** @type {HTMLDialogElement | null} */ (document.querySelector("dialog.dialog"));
	const { dialog } = app.ui;
	const name = nameOf(dialog);
	if (!element || name === shown) return;
	if (!dialog) {
		element.close();
		if (document.activeElement === document.body) focusOn("input");
	} else {
		if (!element.open) element.showModal();
		const wanted = element.querySelector("[data-first]") ?? element.querySelector(".content :is(input, textarea, select, button)");
		/** @type {HTMLElement | null} */ (wanted)?.focus();
	}
	shown = name;
}

/** @param {string} text */
const title = (text) => h("header", { key: "title" }, h("h2", { id: "dialog-title", dir: "auto" }, text), tool("close", "Close (Esc)", close));

/** @param {...Child} content */
const content = (...content) => h("div.content", { key: "content" }, content);

/** @param {IconName} name @param {string} label @param {() => unknown} onclick @param {string} [hint] */
const choice = (name, label, onclick, hint) => h("button.choice", { key: label, onclick }, icon(name), h("span", label, hint && quiet(hint)));

/** @param {string} label @param {() => unknown} onclick @param {boolean} [isFaint] */
const button = (label, onclick, isFaint = false) => h("button.button", { key: label, class: isFaint ? "faint" : "", "data-first": !isFaint, onclick }, label);

/** @param {string} digits @param {string} label */
const drawDigits = (digits, label) => h("ol.digits", { "aria-label": label }, words.groups(digits).map((each, at) => h("li", { key: String(at) }, each)));

/** @type {Record<string, (dialog: any) => Child[]>} */
const DIALOGS = {
	palette: drawPalette,
	form: (dialog) => [title(dialog.title), drawForm(dialog, close)],
	settings: (dialog) => [title("Settings"), drawSettings(dialog)],
	begin: () => [
		title("New conversation"),
		content(
			choice("people", "Message somebody", () => ask(forms.message()), "For the two of you"),
			choice("hash", "Join a room", () => ask(forms.join()), "One that is there already"),
			choice("add", "Make a room", () => ask(forms.room()), "Open to everybody here, or with a key"),
			choice("group", "Make a group", () => ask(forms.group()), "For those whom you choose"),
		),
	],
	verify: ({ nick, number, standing }) => [
		title(`Is it really ${clean(nick)}?`),
		content(
			h("p", `Compare these digits with ${clean(nick)}, in person or by telephone. If both of you see the same ones, nobody stands between you.`),
			h("div.compare", drawDigits(number, "Safety number"), drawQr(number)),
			standing !== "unverified" && h("p.trust", { class: standing }, trustIcon(standing), standing === "verified" ? "You have verified them already." : "The key is not the one that you knew."),
			h(
				"footer",
				button("Copy", () => deeds.copy(words.groups(number).join(" ")), true),
				standing === "changed" ? button("Accept the new key", () => deeds.trust(nick)) : button("They are the same", () => deeds.confirm(nick)),
			),
		),
	],
	code: ({ conversation, code, members }) => [
		title(`Code of ${clean(conversation)}`),
		content(
			h("p", `All ${words.plural(members, "member")} see the same digits now, if nobody has come between. They change whenever somebody comes or goes.`),
			drawDigits(code, "Code"),
			h("footer", button("Copy", () => deeds.copy(words.groups(code).join(" ")))),
		),
	],
	key: ({ name, key }) => [
		title(`The key of ${clean(name)}`),
		content(
			h("p", "Give it to those who are to enter, on another way. It is shown now, and not again."),
			h("code.opened", { dir: "ltr" }, key),
			h("footer", button("Done", close, true), button("Copy", () => deeds.copy(key))),
		),
	],
	secret: ({ nick, text }) => [title(`A secret of ${clean(nick)}`), content(h("p.opened", { dir: "auto" }, text), h("footer", button("Hide it", close)))],
	person: ({ nick, known, ignored }) => [
		title(clean(nick)),
		content(
			h("div.portrait", person(nick), known?.standing && h("p.trust", { class: known.standing }, trustIcon(known.standing), TRUST[/** @type {Standing} */ (known.standing)])),
			known?.identity
				? h(
						"dl.facts",
						[["Key", h("code", known.identity)], ["Known since", words.brief(known.since)], ["In common", known.conversations.map(clean).join(", ")]].map(([name, value]) => value && [h("dt", name), h("dd", { dir: "auto" }, value)]),
					)
				: quiet(known?.why ?? "…"),
			choice("reply", "Write to them", () => deeds.openDm(nick)),
			choice("shield", "Compare keys", () => deeds.verify(nick)),
			choice("key", "Send a secret", () => ask(forms.sendSecret(nick))),
			ignored !== undefined && choice("mute", ignored ? "Hear of them again" : "Ignore", () => deeds.ignore(nick, !ignored), ignored ? "" : "You hear nothing of them any more"),
		),
	],
	message({ message }) {
		const { own, order, nick, message: text } = /** @type {Message} */ (message);
		const act = (/** @type {IconName} */ name, /** @type {string} */ label, /** @type {(message: Message) => unknown} */ deed) =>
			choice(name, label, () => {
				ask(null);
				deed(message);
			});
		return [
			title("Message"),
			content(
				quiet(`${clean(nick)}, ${words.moment(message.date)}`),
				order > 0 && act("reply", "Reply", deeds.reply),
				order > 0 && act("smile", "React", () => ask({ kind: "emoji", message })),
				text && act("copy", "Copy the text", () => deeds.copy(text)),
				text && act("reply", "Quote", deeds.quote),
				own && order > 0 && text && act("edit", "Edit", deeds.edit),
				!own && act("info", "Who is this?", () => deeds.person(nick)),
				order > 0 && (own || app.current?.kind === "group") && act("trash", "Delete for everybody", () => ask(forms.deletion(message))),
			),
		];
	},
	emoji(dialog) {
		const wanted = (dialog.words ?? "").trim();
		const pick = (/** @type {string} */ sign) => {
			ask(null);
			if (dialog.message) void deeds.react(dialog.message, sign);
			else deeds.insert(sign);
		};
		const found = wanted ? [{ name: "Found", emoji: findEmoji(wanted) }] : EMOJI;
		if (/\p{Extended_Pictographic}|\p{Regional_Indicator}/u.test(wanted)) found[0].emoji = [{ sign: wanted, words: wanted }];
		const onkeydown = (/** @type {KeyboardEvent} */ event) => {
			const first = found[0].emoji[0];
			if (event.key !== "Enter" || !first) return;
			event.preventDefault();
			pick(first.sign);
		};
		const oninput = (/** @type {any} */ event) => ask({ ...dialog, words: event.target.value });
		return [
			title(dialog.message ? "React" : "Emoji"),
			h("input.wide", { key: "find", type: "search", "aria-label": "Find an emoji", placeholder: "Find, or type one", "data-first": true, autocomplete: "off", oninput, onkeydown }),
			content(
				found.map(({ name, emoji }) =>
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
		title(name),
		h("div.content.frame", { key: "frame" }, h("img", { src: pictures.get(key)?.url, alt: name })),
		h("footer", { key: "footer" }, button(`Save (${words.size(size)})`, () => pictures.download(key, name))),
	],
	help: () => [
		title("Keys"),
		h(
			"div.content",
			{ key: "content", tabindex: "0", role: "group", "aria-label": "Keys", "data-first": true },
			[...new Set(BINDINGS.map(([where]) => where))].map((place) =>
				h(
					"section",
					{ key: place },
					h("h3", place),
					h("dl.keys", BINDINGS.map(([where, keys, help]) => where === place && [h("dt", keys.split(" ").map((key) => [h("kbd", spell(key)), " "])), h("dd", help)])),
				),
			),
			h("section", { key: "text" }, h("h3", "How to write"), h("p", ["*emphasis*", "**strong**", "`code`", "> quote", "- list", "[words](https://…)"].map((each) => [h("code", each), " "]), "and three backticks around lines of code.")),
		),
	],
};

/** @param {string} digits */
function drawQr(digits) {
	const path = qr(digits).map((row, y) => row.map((dark, x) => (dark ? `M${x + 4} ${y + 4}h1v1h-1z` : "")).join(""));
	return h("svg.qr", { viewBox: "0 0 33 33", role: "img", "aria-label": "The same as a QR code" }, h("rect", { width: "33", height: "33" }), h("path", { d: path.join("") }));
}
