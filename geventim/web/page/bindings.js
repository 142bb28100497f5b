/**
 * @file Which keys do what: one table, from which help is made as well.
 *
 * @typedef {{where: string, keys: string[], help: string, deed: string}} Binding
 */

/** @type {Binding[]} */
export const BINDINGS = [
  ["Everywhere", "Ctrl+k", "go anywhere, or find a command", "palette"],
  ["Everywhere", "Ctrl+f", "search in this conversation", "search"],
  ["Everywhere", "Alt+ArrowDown", "next conversation", "next"],
  ["Everywhere", "Alt+ArrowUp", "previous conversation", "previous"],
  ["Everywhere", "Alt+Shift+ArrowDown", "next one with something new", "nextNew"],
  ["Everywhere", "Alt+Shift+ArrowUp", "previous one with something new", "previousNew"],
  ["Everywhere", "Alt+a", "where something is new, first where you are called", "news"],
  ["Everywhere", "F6", "next part of the page", "part"],
  ["Everywhere", "Alt+m", "show or hide the details", "details"],
  ["Everywhere", "Escape", "close, stop, or back to the input", "escape"],
  ["Everywhere", "? F1", "this page", "help"],
  ["While writing", "Enter", "send", ""],
  ["While writing", "Shift+Enter", "a new line", ""],
  ["While writing", "ArrowUp", "in an empty input: edit your last message", "editLast"],
  ["While writing", "Shift+Tab", "to the messages", ""],
  ["While writing", "Tab", "complete a nick after @, or an emoji after :", ""],
  ["While writing", "PageUp PageDown", "read what was said before", "page"],
  ["While writing", "Ctrl+End", "to the newest message", "newest"],
  ["On a message", "ArrowUp ArrowDown", "the message before, or after", "move"],
  ["On a message", "r", "reply", "reply"],
  ["On a message", "e", "edit, if it is yours", "edit"],
  ["On a message", "+", "react", "react"],
  ["On a message", "c", "copy", "copy"],
  ["On a message", "q", "quote", "quote"],
  ["On a message", "d Delete", "delete for everybody, if it is yours", "remove"],
  ["On a message", "w", "who is this", "who"],
  ["On a message", "o", "open a secret, or the first picture", "openIt"],
  ["On a message", "Enter", "everything that can be done with it", "menu"],
].map(([where = "", keys = "", help = "", deed = ""]) => ({ where, keys: keys.split(" "), help, deed }));

/** @type {Record<string, string>} */
const NAMES = {
  ArrowUp: "↑",
  ArrowDown: "↓",
  Escape: "Esc",
  PageUp: "Page Up",
  PageDown: "Page Down",
};

/**
 * A key as people know it.
 * @param {string} key
 */
export const spell = (key) =>
  key
    .split(/(?<=.)\+/)
    .map((each) => NAMES[each] ?? (each.length === 1 ? each.toUpperCase() : each))
    .join("-");

/**
 * What a key that was pressed is called in the table.
 * @param {{key: string, ctrlKey: boolean, metaKey: boolean, altKey: boolean, shiftKey: boolean}} event
 */
export function nameOf({ key, ctrlKey, metaKey, altKey, shiftKey }) {
  const isSign = key.length === 1;
  return [
    ctrlKey || metaKey ? "Ctrl" : "",
    altKey ? "Alt" : "",
    shiftKey && !isSign ? "Shift" : "",
    isSign && (ctrlKey || altKey || metaKey) ? key.toLowerCase() : key,
  ]
    .filter(Boolean)
    .join("+");
}

/**
 * The deed that a key stands for there.
 * @param {string} where
 * @param {string} name
 */
export const deedOf = (where, name) =>
  BINDINGS.find((each) => each.where === where && each.deed && each.keys.includes(name))?.deed;
