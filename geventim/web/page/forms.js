/** @file Dialogs that ask for something. */

import { ask, show } from "./app.js";
import * as deeds from "./deeds.js";
import * as link from "./link.js";
/** @type {Field} */
const PEOPLE = { name: "members", label: "People", type: "people", hint: "Several nicks with commas between them." };

/** @param {string} label @returns {Field} */
const key = (label) => ({ name: "key", label, type: "password" });

/** @param {string} text */
const nicks = (text) => text.split(/[,\s]+/).flatMap((each) => each.replace(/^@/, "") || []);

/** @param {Omit<Form, "kind">} about @returns {Form} */
const form = (about) => ({ kind: "form", ...about });

/** @param {(passphrase: string) => unknown} run @param {() => void} cancelled */
export const unlock = (run, cancelled) =>
	form({
		title: "Your passphrase, please",
		text: "This could do harm in wrong hands. Enter the passphrase of your identity once more.",
		fields: [{ ...key("Passphrase"), name: "passphrase" }],
		submit: "Go on",
		run: ({ passphrase }) => run(passphrase),
		cancelled,
	});

/** @param {string | undefined} nick @param {(key: string) => unknown} run */
export const openSecret = (nick, run) =>
	form({
		title: "Open a secret",
		text: `${nick ?? "Somebody"} has sealed this with a key that you have agreed upon.`,
		fields: [key("Key")],
		submit: "Open",
		run: ({ key }) => run(key),
	});

/** @param {string} nick */
export const sendSecret = (nick) =>
	form({
		title: `A secret for ${nick}`,
		text: "Only who knows the key reads it, even where somebody looks over a shoulder. Tell them the key on another way.",
		fields: [{ name: "text", label: "What you want to say", type: "textarea" }, key("Key")],
		submit: "Send",
		run: (values) => link.wish("secret", { nick, ...values }),
	});


export const message = () =>
	form({
		title: "Message somebody",
		fields: [{ name: "nick", label: "Nick", type: "people", hint: "Who is not connected gets it on return." }],
		submit: "Begin",
		run: async ({ nick }) => deeds.go(await link.wish("open_dm", { nick: nicks(nick)[0] ?? "" })),
	});


export const join = () =>
	form({
		title: "Join a room",
		fields: [{ name: "name", label: "Name of the room" }, { ...key("Key"), optional: true, hint: "Only if it is a keyed room." }],
		submit: "Join",
		run: async ({ name, key }) => deeds.go(await link.wish("join", { name: name.trim().replace(/^#/, ""), key })),
	});


export const room = () =>
	form({
		title: "Make a room",
		text: "Everybody on this server can join a room, unless it has a key.",
		fields: [{ name: "name", label: "Name" }, { name: "keyed", label: "Only who has its key may enter", type: "checkbox" }],
		submit: "Make it",
		async run({ name, keyed }) {
			if (!keyed) return deeds.go(await link.wish("create_room", { name: name.trim() }));
			const done = await link.wish("new_key", { conversation: name.trim(), create: true });
			const { conversations } = await link.wish("conversations");
			deeds.go(conversations.find((/** @type {Conversation} */ each) => each.name === done.name));
			ask({ kind: "key", ...done });
		},
	});


export const group = () =>
	form({
		title: "Make a group",
		text: "A group is for those whom its members let in.",
		fields: [{ name: "name", label: "Name" }, { ...PEOPLE, optional: true }],
		submit: "Make it",
		run: async ({ name, members }) => deeds.go(await link.wish("create_group", { name: name.trim(), members: nicks(members) })),
	});

/** @param {Conversation} conversation */
export const add = ({ id, name }) =>
	form({
		title: `Add people to ${name}`,
		text: "They read what is said from now on.",
		fields: [PEOPLE],
		submit: "Add",
		run: ({ members }) => link.wish("add", { conversation: id, members: nicks(members) }),
	});


export const exportIdentity = () =>
	form({
		title: "Move to another machine",
		text: "The file that is saved is you: whoever has it and its passphrase can be you. As soon as a client uses it elsewhere, this one is over; history stays here.",
		fields: [{ ...key("A passphrase for the file"), name: "passphrase" }],
		submit: "Save the file",
		danger: true,
		run: ({ passphrase }) => deeds.exportIdentity(passphrase),
	});

/** @param {string} title @param {string} text @param {string} submit @param {() => unknown} run */
const confirm = (title, text, submit, run) => form({ title, text, submit, danger: true, run });

/** @param {Message} message */
export const deletion = ({ message_id }) =>
	confirm("Delete this message?", "It is deleted for everybody. Who has read it has read it.", "Delete", () => link.wish("delete_message", { message_id }));

/** @param {Conversation} conversation @param {string} nick */
export const remove = ({ id, name }, nick) =>
	confirm(`Remove ${nick}?`, `They read nothing more of ${name}.`, "Remove", () => link.wish("remove", { conversation: id, members: [nick] }));

/** @param {Conversation} conversation */
export const newKey = ({ id, name }) =>
	confirm("Change the key?", `The members of ${name} get the new key; nobody enters with the old one any more.`, "Change it", async () =>
		show({ dialog: { kind: "key", ...(await link.wish("new_key", { conversation: id })) } }),
	);

/** @param {Conversation} conversation */
export const leave = ({ id, name, kind }) =>
	confirm(`Leave ${name}?`, kind === "group" ? "You read nothing more of it until a member adds you again." : "You can join it again.", "Leave", () =>
		link.wish("leave", { conversation: id }),
	);

/** @param {Conversation} conversation */
export const end = ({ id, name }) =>
	confirm(`Delete ${name}?`, "The group ends for all its members. What they have read stays with them.", "Delete", () =>
		link.wish("delete", { conversation: id }),
	);
