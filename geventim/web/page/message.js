/** @file How a row of a timeline is drawn. */

import { ofMessage } from "./actions.js";
import { app, ask } from "./app.js";
import { deeds } from "./deeds.js";
import { h, said } from "./dom.js";
import { OFTEN } from "./emoji.js";
import { forms } from "./forms.js";
import { button, icon, link, mark, named, person, quiet, tool } from "./icons.js";
import { pictures } from "./pictures.js";
import { store } from "./store.js";
import { clean, words } from "./words.js";

/** @type {DrawRow} */
export const drawRow = (row, isHot, hasTab) => {
	const key = { key: row.key, "data-key": row.key };
	switch (row.kind) {
		case "day":
			return h("div.day", key, h("span", words.dayName(row.date, Date.now())));
		case "new":
			return h("div.news", key, h("span", "New"));
		case "more":
			return h("div.edge", key, h("span.spinner", { "aria-label": "Older messages are read", role: "img" }));
		case "begin":
			return h(
				"div.begin",
				key,
				icon("lock"),
				h("p", `This is the beginning of ${app.current?.kind === "dm" ? "what you have said to each other" : clean(app.current?.name ?? "")}, as far as it is kept here.`),
				h("p.quiet", "Everything here is encrypted from end to end: the server cannot read it."),
			);
		case "line":
			return h("div.line", key, said("span", row.message.line), draw.time(row.message));
		default:
			return drawMessage(row.message, row.first, isHot, hasTab);
	}
};

/** @type {Draws<Message>} */
const draw = {
	time: ({ date }) => h("time", { title: words.moment(date) }, words.clock(date)),
	reply({ reply, conversation_id: id }) {
		if (!reply) return null;
		const held = store.messagesOf(app.state, id).find((each) => each.message_id === reply.message_id);
		return h(
			"button.reply",
			{ onclick: () => deeds.jump(id, reply.message_id) },
			said("strong", clean(reply.nick)),
			reply.quoted_by && quiet(` as quoted by ${clean(reply.quoted_by)}`),
			said("span.excerpt", held?.deleted === undefined && !reply.gone ? reply.excerpt || "an older message" : "deleted"),
		);
	},
	body({ secret, nick, message, parts, edited }) {
		if (secret !== undefined) {
			return h("div.sealed", icon("key"), secret ? "A secret message" : "A secret that you have sent", secret !== 0 && button("Open", () => forms.openSecret(secret, nick), "small"));
		}
		const does = message.startsWith("/me ") && said("p", h("em", `* ${clean(nick)} ${message.slice(4)}`));
		return message && h("div.body", { dir: "auto" }, does || (parts?.map(drawPart) ?? said("p", message)), edited && h("span.edited", " (edited)"));
	},
	files: (message) => message.files?.length && h("div.files", message.files.map((file, at) => drawFile(message, file, at))),
	reactions: (message) =>
		message.reactions?.length &&
		h(
			"div.reactions",
			message.reactions.map(({ emoji, nicks }) => {
				const mine = nicks.includes(app.state.nick);
				const who = nicks.map((nick) => (nick === app.state.nick ? "you" : clean(nick))).join(", ");
				return h("button.reaction", { key: emoji, class: { mine }, "aria-pressed": mine, title: who, onclick: () => deeds.react(message, emoji) }, h("span", emoji), h("span.number", words.count(nicks.length)));
			}),
		),
	fate(message) {
		const { delivery, reason = "", expires, own, late } = message;
		if (delivery === "refused") {
			return h("div.fate.bad", icon("warning"), h("span", `Not sent. ${reason}`), message.message && link("Try again", () => deeds.again(message)), link("Discard", () => deeds.discard(message)));
		}
		if (delivery === "queued") {
			return h("div.fate", icon("clock"), h("span", app.state.connection !== "online" ? "Is sent when you are connected" : late ? "The server has not confirmed this yet" : "Sending"), link("Don’t send", () => deeds.withdraw(message)));
		}
		/** @type {Icons["icon"]} */
		const sign = (name, label) => h("span", { title: label }, icon(name, label));
		const nicks = own ? store.readers(app.state, message) : [];
		return (
			(expires || own) &&
			h("div.sent", expires && sign("clock", `Disappears ${words.duration(expires)} after it was read`), own && (nicks.length ? sign("read", `read by ${nicks.map(clean).join(", ")}`) : sign("check", "sent")))
		);
	},
	tools(message) {
		const all = ofMessage(message, "react", "reply", "edit", "menu");
		const isThere = all[0]?.label === "React";
		return (
			all.length > 0 &&
			h(
				"div.tools",
				{ role: "toolbar", "aria-label": "Message" },
				isThere && OFTEN.map((emoji) => tool(emoji, `React with ${emoji}`, () => deeds.react(message, emoji))),
				all.map(({ icon, label, run }) => tool(icon, label, run)),
			)
		);
	},
};

/** Whether a text calls the user; what was written before does not say so. @param {string} text */
const calls = (text) => (` ${text}`.match(/[^\p{L}\p{N}]@[\p{L}\p{N}_.-]+/gu) ?? []).some((each) => each.slice(2) === app.state.nick);

/** @type {DrawMessage} */
function drawMessage(message, first, hot, hasTab) {
	const { nick, own, delivery, deleted } = message;
	const key = store.keyOf(message);
	return h(
		"div.message",
		{
			key,
			"data-key": key,
			class: { first, own, mention: !own && (message.mention || calls(message.message)), hot, waits: delivery === "queued", flash: app.ui.flash === key },
			role: "article",
			"aria-label": `${clean(nick)}, ${words.clock(message.date)}: ${deleted === undefined ? message.message.slice(0, 200) : "deleted"}`,
			tabindex: hasTab ? "0" : "-1",
		},
		h("div.margin", first ? person(nick) : draw.time(message)),
		h(
			"div.said",
			first &&
				h(
					"div.head",
					h("button.nick", { dir: "auto", tabindex: "-1", style: { "--hue": words.hue(nick) }, onclick: () => !own && deeds.person(nick) }, clean(nick)),
					mark(message.verified && !own ? "verified" : ""),
					draw.time(message),
				),
			message.reply && draw.reply(message),
			deleted === undefined
				? [draw.body(message), draw.files(message), draw.reactions(message), draw.fate(message)]
				: h("p.deleted", icon("trash"), deleted ? `Deleted by ${clean(deleted)}` : "This message has disappeared"),
		),
		hot && draw.tools(message),
	);
}

/** @type {Draw<Part>} */
function drawPart(part) {
	switch (part.node) {
		case "words":
			return part.text;
		case "code":
			return h("code", part.text);
		case "code_block":
			return h("div.block", { dir: "ltr" }, h("span.language", part.language), h("pre", { tabindex: "0" }, h("code", part.text)));
		case "link": {
			if (!/^(https?|mailto):/i.test(part.url)) return part.text;
			const isPlain = part.text === part.url || `mailto:${part.text}` === part.url;
			const target = !isPlain && h("span.target", { dir: "ltr" }, ` (${part.url})`);
			return h("a", { href: part.url, target: "_blank", rel: "noopener noreferrer", title: part.url }, part.text, target);
		}
		case "list":
			return h(part.first === null ? "ul" : "ol", { start: part.first }, part.items.map((each) => said("li", each.map(drawPart))));
		default:
			return h({ emphasis: "em", strong: "strong", paragraph: "p", quote: "blockquote" }[part.node], { dir: part.node === "paragraph" && "auto" }, part.parts.map(drawPart));
	}
}

/** @type {DrawFile} */
function drawFile(message, file, at) {
	const { message_id: id, order } = message;
	const key = `${id}/${at}`;
	const [name, size] = [clean(file.name), words.size(file.size)];
	if (order && pictures.isPicture(file)) {
		const picture = pictures.get(key);
		if (!picture && pictures.isSmall(file) && pictures.hasRoom()) pictures.fetch(key);
		const [width, height] = fit(picture?.width || file.width || 0, picture?.height || file.height || 0);
		const style = { width: `${width}px`, "aspect-ratio": `${width} / ${height}` };
		if (picture?.state === "shown") {
			return h("button.picture", { key, style, onclick: () => ask({ kind: "picture", name, key, size: file.size }), title: `${name}, ${size}` }, h("img", { src: picture.url, alt: name, draggable: "false" }));
		}
		if (!picture || picture.state === "busy") {
			return h(
				"button.picture.empty",
				{ key, style, disabled: !!picture, onclick: () => pictures.fetch(key) },
				file.thumbnail && h("img", { alt: "", mount: (image) => pictures.preview(image, file.thumbnail) }),
				picture ? h("span.spinner") : icon("file"),
				h("span", picture ? name : `Show ${name} (${size})`),
			);
		}
	}
	const isBusy = pictures.isBusy(key);
	const moving = [...app.state.transfers.values()].find((each) => each.message_id === id && each.name === file.name);
	const act = order > 0 && (isBusy ? tool("close", `Cancel ${name}`, () => pictures.cancel(key), { key }) : tool("download", `Save ${name}`, () => pictures.download(key, file.name), { key }));
	return drawCard(key, file, isBusy && (moving ?? {}), act);
}

/** @type {DrawCard} */
export const drawCard = (key, { name, size }, moving, act) => {
	const { done, rate, left } = moving || {};
	const about = [done === undefined ? words.size(size) : `${words.size(done)} of ${words.size(size)}`, rate && `${words.size(rate)}/s`, left && `${Math.ceil(left)} s left`];
	return h("div.file", { key }, icon("file"), h("div.about", named(name), quiet(about.filter(Boolean).join(" · ")), moving && h("progress", { "aria-label": "Progress", max: size || 1, value: done })), act);
};

/** How large a picture is shown. @type {Fitted} */
function fit(width, height) {
	const scale = Math.min(1, 420 / width, 320 / height);
	return width && height ? [Math.max(48, width * scale), Math.max(32, height * scale)] : [280, 180];
}

