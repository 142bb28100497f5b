/** @file Calls the user: notifications as the settings allow, and counts in the title and the icon. */

import { app, enter, toast } from "./app.js";
import { byId } from "./dom.js";
import * as store from "./store.js";
import { clean } from "./words.js";

/** Milliseconds between two announcements to who listens to the page. */
const PAUSE = 2_000;

const ICON = "/page/icon.svg";

let shown = -1;
/** @type {string[][]} */
const heard = [];
let isSpeaking = false;

/** @param {Told} event a message or a secret */
export function hear({ history, delivery, nick, message, mention, event, conversation_id: id }) {
	const { state, ui, preferences } = app;
	if (history || delivery || nick === state.nick) return;
	const conversation = state.conversations.get(id);
	const text = event === "secret" ? "A secret message" : message || "A file";
	if (id === ui.open && document.hasFocus()) return announce(clean(nick), text);
	if (!conversation || conversation.muted || state.status === "dnd") return;
	if (event === "secret") toast(`${clean(nick)} has sent a secret.`);
	const calls = mention || conversation.kind === "dm";
	if (preferences.notify === "none" || (preferences.notify === "calls" && !calls)) return;
	if (!("Notification" in window) || Notification.permission !== "granted") return;
	const where = conversation.kind === "dm" ? "" : ` in ${clean(conversation.name)}`;
	const note = new Notification(clean(nick) + where, { body: preferences.words ? text.slice(0, 200) : "New message", tag: id });
	note.onclick = () => {
		window.focus();
		enter(id);
		note.close();
	};
}

/** Say it to who listens to the page, but not everything that a crowd says. @param {...string} said */
function announce(...said) {
	heard.push(said);
	if (isSpeaking) return;
	isSpeaking = true;
	const speak = () => {
		const all = heard.splice(0);
		const [nick, text] = all.at(-1) ?? [];
		isSpeaking = all.length > 0;
		if (!isSpeaking) return;
		const place = byId("live");
		if (place) place.textContent = all.length === 1 ? `${nick}: ${text.slice(0, 300)}` : `${all.length} new messages, the last from ${nick}`;
		setTimeout(speak, PAUSE);
	};
	setTimeout(speak, 150);
}

/** Show how much is new. */
export function count() {
	const { unread, calls } = store.news(app.state);
	const name = app.current?.name;
	const title = `${calls ? `(${calls}) ` : unread ? "• " : ""}${name ? `${clean(name)} – ` : ""}geventim`;
	if (document.title !== title) document.title = title;
	const number = calls || (unread ? 0.5 : 0);
	if (number === shown) return;
	shown = number;
	void badge(number);
}

/** @param {number} number of what calls the user; a half for what does not */
async function badge(number) {
	const link = /** @type {HTMLLinkElement} */ (document.querySelector("link[rel=icon]"));
	const picture = new Image();
	picture.src = ICON;
	await picture.decode().catch(() => null);
	const canvas = document.createElement("canvas");
	canvas.width = canvas.height = 64;
	const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
	context.drawImage(picture, 0, 0, 64, 64);
	context.fillStyle = number < 1 ? "#ffb020" : "#e5484d";
	context.beginPath();
	context.arc(44, 44, number < 1 ? 12 : 20, 0, 2 * Math.PI);
	context.fill();
	context.fillStyle = "#fff";
	context.font = "bold 28px system-ui, sans-serif";
	context.textAlign = "center";
	if (number >= 1) context.fillText(number > 9 ? "9+" : String(number), 44, 54);
	canvas.toBlob((blob) => {
		if (!blob || number !== shown) return;
		URL.revokeObjectURL(link.href);
		link.href = number ? URL.createObjectURL(blob) : ICON;
	});
}
