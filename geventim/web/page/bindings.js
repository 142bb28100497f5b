/** @file Which keys do what. */

/** By the place and the deed: the keys, and what help says. @type {Record<string, Record<string, string[]>>} */
export const BINDINGS = {
	Everywhere: {
		palette: ["Ctrl+k", "go anywhere, or find a command"],
		search: ["Ctrl+f", "search in this conversation"],
		next: ["Alt+ArrowDown", "next conversation"],
		previous: ["Alt+ArrowUp", "previous conversation"],
		nextNew: ["Alt+Shift+ArrowDown", "next one with something new"],
		previousNew: ["Alt+Shift+ArrowUp", "previous one with something new"],
		news: ["Alt+a", "where something is new, first where you are called"],
		part: ["F6", "next part of the page"],
		details: ["Alt+m", "show or hide the details"],
		escape: ["Escape", "close, stop, or back to the input"],
		help: ["? F1", "this page"],
	},
	"While writing": {
		send: ["Enter", "send"],
		line: ["Shift+Enter", "a new line"],
		editLast: ["ArrowUp", "in an empty input: edit your last message"],
		complete: ["Tab", "complete a nick after @, or an emoji after :"],
		page: ["PageUp PageDown", "read what was said before"],
		newest: ["Ctrl+End", "to the newest message"],
	},
	"On a message": {
		move: ["ArrowUp ArrowDown", "the message before, or after"],
		reply: ["r", "reply"],
		edit: ["e", "edit, if it is yours"],
		react: ["+", "react"],
		copy: ["c", "copy"],
		quote: ["q", "quote"],
		remove: ["d Delete", "delete for everybody, if it is yours"],
		who: ["w", "who is this"],
		menu: ["Enter", "everything that can be done with it"],
	},
};

/** @type {Record<string, string>} */
const NAMES = { ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc", PageUp: "Page Up", PageDown: "Page Down" };

/** A key as people know it. @param {string} key */
export const spell = (key) =>
	key
		.split(/(?<=.)\+/)
		.map((each) => NAMES[each] ?? (each.length === 1 ? each.toUpperCase() : each))
		.join("-");

/** What a key that was pressed is called in the table. @type {NameOf} */
export function nameOf({ key, ctrlKey, metaKey, altKey, shiftKey }) {
	const isSign = key.length === 1;
	const held = [(ctrlKey || metaKey) && "Ctrl", altKey && "Alt", shiftKey && !isSign && "Shift"].filter(Boolean);
	return [...held, isSign && held.length ? key.toLowerCase() : key].join("+");
}

/** The deed that a key stands for in a place. @type {DeedOf} */
export const deedOf = (place, key) => Object.entries(BINDINGS[place] ?? {}).find(([, [keys]]) => keys.split(" ").includes(key))?.[0];
