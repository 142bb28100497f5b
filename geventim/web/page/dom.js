/** @file Draws what differs from before. Text is only ever text. */

const SVG = "http://www.w3.org/2000/svg";

/** @type {WeakMap<Element, VNode[]>} */
const drawn = new WeakMap();

/** @type {Dom["h"]} */
export const h = (name, ...rest) => {
	const [tag, ...classes] = name.split(".");
	const [first] = rest;
	const has = first && typeof first === "object" && !Array.isArray(first) && !("tag" in first);
	const props = /** @type {any} */ (has ? { ...first } : {});
	if (typeof props.class === "object") classes.push(...Object.keys(props.class).filter((each) => props.class[each]));
	else if (props.class) classes.push(props.class);
	if (classes.length) props.class = classes.join(" ");
	if (tag === "button") props.type ??= "button";
	return { tag, key: `${name} ${props.key ?? ""}`, props, children: nodes(/** @type {Child[]} */ (has ? rest.slice(1) : rest)), text: "", element: null };
};

/** @type {Dom["said"]} */
export const said = (name, ...text) => h(name, { dir: "auto" }, text);

/** @param {Child[]} children @returns {VNode[]} */
const nodes = (children) =>
	/** @type {any[]} */ (children).flat(4).flatMap((child) => {
		if (child === false || child === null || child === undefined || child === "") return [];
		return typeof child === "object" ? [child] : [{ tag: "#", key: "#", props: {}, children: [], text: String(child), element: null }];
	});

/** @type {Dom["draw"]} */
export const draw = (container, children) => {
	const wanted = nodes(children);
	reconcile(container, drawn.get(container) ?? [], wanted);
	drawn.set(container, wanted);
};

/** @type {Dom["byId"]} */
export const byId = (id) => document.getElementById(id);

/** @type {Dom["focusOn"]} */
export const focusOn = (id) => requestAnimationFrame(() => byId(id)?.focus());

/** @type {Reconcile} */
function reconcile(parent, before, after) {
	const known = index(before);
	const wanted = index(after);
	// First those that go: what stays is not moved then, and keeps its focus.
	for (const [name, node] of known) if (!wanted.has(name)) node.element.remove();
	let place = parent.firstChild;
	for (const [name, node] of wanted) {
		const old = known.get(name);
		if (!old) create(node, parent);
		else if (old !== node) update(old, node);
		if (node.element === place) place = place?.nextSibling ?? null;
		else parent.insertBefore(node.element, place);
	}
}

/** @param {VNode[]} list */
function index(list) {
	/** @type {Record<string, number>} */
	const counts = {};
	return new Map(list.map((node) => [`${node.key} ${(counts[node.key] = (counts[node.key] ?? 0) + 1)}`, node]));
}

/** @type {Create} */
function create(node, parent) {
	if (node.tag === "#") return (node.element = document.createTextNode(node.text));
	const isSvg = node.tag === "svg" || parent.namespaceURI === SVG;
	const element = isSvg ? document.createElementNS(SVG, node.tag) : document.createElement(node.tag);
	node.element = element;
	if (!node.props.own) for (const child of node.children) element.append(create(child, element));
	for (const name in node.props) setProp(element, name, node.props[name], undefined);
	node.props.mount?.(element);
	return element;
}

/** @param {VNode} old @param {VNode} node */
function update(old, node) {
	const element = (node.element = old.element);
	if (old.text !== node.text) element.data = node.text;
	if (!node.props.own) reconcile(element, old.children, node.children);
	for (const name in { ...old.props, ...node.props }) setProp(element, name, node.props[name], old.props[name]);
}

/** @type {SetProp} */
function setProp(element, name, value, old) {
	if (["key", "mount", "own"].includes(name)) return;
	const isAria = name.startsWith("aria-");
	// What is being typed differs from what was drawn last.
	if (name === "value" && value !== undefined) element.value !== value && (element.value = value);
	else if (name === "style") for (const key in value) element.style.setProperty(key, value[key]);
	else if (value === old) return;
	// A browser would do nothing more after a listener has given a false.
	else if (name.startsWith("on")) element[name] = value ? (/** @type {Event} */ event) => void value(event) : null;
	else if (name === "checked") element[name] = value;
	else if (value === undefined || value === null || (value === false && !isAria)) element.removeAttribute(name);
	else element.setAttribute(name, value === true && !isAria ? "" : value);
}
