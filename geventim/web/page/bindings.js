/** @file Which keys do what: one table, from which help is made as well. */

const EVERYWHERE = "Everywhere";
const WRITING = "While writing";
const MESSAGE = "On a message";
export { EVERYWHERE, MESSAGE, WRITING };

/** Where, the keys, what help says, and the deed. @type {[string, string, string, string?][]} */
export const BINDINGS = [
	[EVERYWHERE, "Ctrl+k", "go anywhere, or find a command", "palette"],
	[EVERYWHERE, "Ctrl+f", "search in this conversation", "search"],
	[EVERYWHERE, "Alt+ArrowDown", "next conversation", "next"],
	[EVERYWHERE, "Alt+ArrowUp", "previous conversation", "previous"],
	[EVERYWHERE, "Alt+Shift+ArrowDown", "next one with something new", "nextNew"],
	[EVERYWHERE, "Alt+Shift+ArrowUp", "previous one with something new", "previousNew"],
	[EVERYWHERE, "Alt+a", "where something is new, first where you are called", "news"],
	[EVERYWHERE, "F6", "next part of the page", "part"],
	[EVERYWHERE, "Alt+m", "show or hide the details", "details"],
	[EVERYWHERE, "Escape", "close, stop, or back to the input", "escape"],
	[EVERYWHERE, "? F1", "this page", "help"],
	[WRITING, "Enter", "send"],
	[WRITING, "Shift+Enter", "a new line"],
	[WRITING, "ArrowUp", "in an empty input: edit your last message", "editLast"],
	[WRITING, "Tab", "complete a nick after @, or an emoji after :"],
	[WRITING, "PageUp PageDown", "read what was said before", "page"],
	[WRITING, "Ctrl+End", "to the newest message", "newest"],
	[MESSAGE, "ArrowUp ArrowDown", "the message before, or after", "move"],
	[MESSAGE, "r", "reply", "reply"],
	[MESSAGE, "e", "edit, if it is yours", "edit"],
	[MESSAGE, "+", "react", "react"],
	[MESSAGE, "c", "copy", "copy"],
	[MESSAGE, "q", "quote", "quote"],
	[MESSAGE, "d Delete", "delete for everybody, if it is yours", "remove"],
	[MESSAGE, "w", "who is this", "who"],
	[MESSAGE, "Enter", "everything that can be done with it", "menu"],
];

/** @type {Record<string, string>} */
const NAMES = { ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc", PageUp: "Page Up", PageDown: "Page Down" };

/** A key as people know it. @param {string} key */
export const spell = (key) =>
	key
		.split(/(?<=.)\+/)
		.map((each) => NAMES[each] ?? (each.length === 1 ? each.toUpperCase() : each))
		.join("-");

/** What a key that was pressed is called in the table. @param {Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">} event */
export function nameOf({ key, ctrlKey, metaKey, altKey, shiftKey }) {
	const isSign = key.length === 1;
	const held = [(ctrlKey || metaKey) && "Ctrl", altKey && "Alt", shiftKey && !isSign && "Shift"].filter(Boolean);
	return [...held, isSign && held.length ? key.toLowerCase() : key].join("+");
}

/** The deed that a key stands for there. @param {string} where @param {string} key */
export const deedOf = (where, key) => BINDINGS.find(([place, keys, , deed]) => place === where && deed && keys.split(" ").includes(key))?.[3];
