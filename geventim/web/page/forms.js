/** @file Dialogs that ask for something. */

import { app, ask } from "./app.js";
import { deeds } from "./deeds.js";
import { h } from "./dom.js";
import { button, check } from "./icons.js";
import { link } from "./link.js";
import { store } from "./store.js";
import { clean } from "./words.js";

/** @type {MakeForm} */
const form = (title, text, fields, submit, run, more) => ask({ kind: "form", title, text, fields, submit, run, ...more });

/** @type {Confirm} */
const confirm = (title, text, submit, run) => form(title, text, [], submit, run, { danger: true });

/** @satisfies {Record<string, Field>} */
const FIELDS = {
	people: { name: "members", label: "People", type: "people", hint: "Several nicks with commas between them." },
	key: { name: "key", label: "Key", type: "password" },
	name: { name: "name", label: "Name" },
	passphrase: { name: "passphrase", label: "Passphrase", type: "password" },
};

/** @param {string} text */
const nicks = (text) => text.split(/[,\s]+/).flatMap((each) => each.replace(/^@/, "") || []);

/** @type {Forms} */
export const forms = {
	unlock: (run, cancelled) =>
		form("Your passphrase, please", "This could do harm in the wrong hands. Enter the passphrase of your identity once more.", [FIELDS.passphrase], "Go on", ({ passphrase }) => run(passphrase), { cancelled }),
	openSecret: (number, nick = "Somebody") =>
		form("Open a secret", `${nick} has sealed this with a key that you have agreed upon.`, [FIELDS.key], "Open", async ({ key }) => {
			const done = await link.wish("open_secret", { number, key });
			ask({ kind: "secret", nick: done.nick, text: done.message });
		}),
	sendSecret: (nick) =>
		form(
			`A secret for ${nick}`,
			"Only those who know the key can read it, even if somebody looks over their shoulder. Tell them the key in another way.",
			[{ name: "text", label: "What you want to say", type: "textarea" }, FIELDS.key],
			"Send",
			(values) => link.wish("secret", { nick, ...values }),
		),
	message: () =>
		form("Message somebody", "", [{ name: "nick", label: "Nick", type: "people", hint: "Somebody who is not connected gets it when they come back." }], "Begin", async ({ nick }) =>
			deeds.go(await link.wish("open_dm", { nick: nicks(nick)[0] ?? "" })),
		),
	enterKeyed: (name) => form(`Join ${name}`, "Only those who have its key may enter.", [FIELDS.key], "Join", async ({ key }) => deeds.go(await link.wish("join", { name, key }))),
	room: () =>
		form("Make a room", "Everybody on this server can join a room, unless it has a key.", [FIELDS.name, { name: "keyed", label: "Only those who have its key may enter", type: "checkbox" }], "Make it", async ({ name, keyed }) => {
			if (!keyed) return deeds.go(await link.wish("create_room", { name: name.trim() }));
			const done = await link.wish("new_key", { conversation: name.trim(), create: true });
			deeds.go(await link.wish("join", done));
			ask({ kind: "key", ...done });
		}),
	group: () =>
		form("Make a group", "A group is for those whom its members let in.", [FIELDS.name, { ...FIELDS.people, optional: true }], "Make it", async ({ name, members }) =>
			deeds.go(await link.wish("create_group", { name: name.trim(), members: nicks(members) })),
		),
	add: ({ id, name }) => form(`Add people to ${name}`, "They read what is said from now on.", [FIELDS.people], "Add", ({ members }) => link.wish("add", { conversation: id, members: nicks(members) })),
	exportIdentity: () =>
		form(
			"Move to another machine",
			"The file that is saved is you: whoever has it and its passphrase can be you. As soon as a client uses it elsewhere, this one is over; history stays here.",
			[{ ...FIELDS.passphrase, label: "A passphrase for the file" }],
			"Save the file",
			({ passphrase }) => deeds.exportIdentity(passphrase),
			{ danger: true },
		),
	deletion: ({ message_id }) => confirm("Delete this message?", "It is deleted for everybody, but whoever has read it has read it.", "Delete", () => link.wish("delete_message", { message_id })),
	remove: ({ id, name }, nick) => confirm(`Remove ${nick}?`, `They read nothing more of ${name}.`, "Remove", () => link.wish("remove", { conversation: id, members: [nick] })),
	newKey: ({ id, name }) =>
		confirm("Change the key?", `The members of ${name} get the new key; nobody enters with the old one any more.`, "Change it", async () => ask({ kind: "key", ...(await link.wish("new_key", { conversation: id })) })),
	leave: ({ id, name, kind }) =>
		confirm(`Leave ${name}?`, kind === "group" ? "You read nothing more of it until a member adds you again." : "You can join it again.", "Leave", () => deeds.quit("leave", id)),
	end: ({ id, name }) => confirm(`Delete ${name}?`, "The group ends for all its members. What they have read stays with them.", "Delete", () => deeds.quit("delete", id)),
};

/** @param {Form} form @param {() => void} cancel */
export const drawForm = (form, cancel) =>
	h(
		"form.content",
		{ autocomplete: "off", onsubmit: (event) => submit(form, event) },
		form.text && h("p", clean(form.text)),
		form.fields.map(drawField),
		form.error && h("p.error", { role: "alert" }, form.error),
		h("footer", button("Cancel", cancel, "faint"), h("button.button", { type: "submit", class: { danger: form.danger }, disabled: form.busy }, form.busy ? "…" : form.submit)),
	);

/** @type {Draw<Field>} */
function drawField({ name, label, type = "text", hint, optional }) {
	const id = `field-${name}`;
	const input = { id, name, dir: "auto", required: !optional, autocomplete: "off", spellcheck: "false", "aria-describedby": hint && `${id}-hint` };
	if (type === "checkbox") return check(label, false, () => {}, { name, checked: undefined });
	const isPeople = type === "people";
	return h(
		"div.field",
		{ key: name },
		h("label", { for: id }, label),
		type === "textarea" ? h("textarea", { ...input, rows: "4" }) : h("input", { ...input, type: isPeople ? "text" : type, list: isPeople && "people" }),
		isPeople && h("datalist", { id: "people" }, store.everybody(app.state).slice(0, 500).map((nick) => h("option", { key: nick, value: nick }))),
		hint && h("p.quiet", { id: `${id}-hint` }, hint),
	);
}

/** @param {Form} form @param {SubmitEvent} event */
async function submit(form, event) {
	event.preventDefault();
	if (form.busy) return;
	const values = Object.fromEntries([...new FormData(/** @type {HTMLFormElement} */ (event.target))].map(([name, value]) => [name, String(value)]));
	const isThere = () => app.ui.dialog?.["run"] === form.run;
	ask({ ...form, busy: true, error: "" });
	try {
		await form.run(values);
		if (isThere()) ask(null);
	} catch (/** @type {any} */ error) {
		if (isThere()) ask({ ...form, busy: false, error: error.message });
	}
}
