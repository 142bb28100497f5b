/** @file Draws what elements there should be: only what differs is touched. Text is only ever text. */

const SVG = "http://www.w3.org/2000/svg";

/** @type {WeakMap<Element, VNode[]>} */
const drawn = new WeakMap();

/**
 * An element that should be there, as `"div.class"`, its props if it has any, and what is in it. Of
 * the props, `key` tells it from its siblings, `on…` listen, `style` is an object, `mount` is called
 * once with the element, and with `own` its children are somebody else's.
 * @param {string} name @param {...(Record<string, any> | Child)} rest @returns {VNode}
 */
export function h(name, ...rest) {
	const [tag, ...classes] = name.split(".");
	const [first] = rest;
	const has = first && typeof first === "object" && !Array.isArray(first) && !("tag" in first);
	const props = /** @type {Record<string, any>} */ (has ? { ...first } : {});
	if (props.class) classes.push(props.class);
	if (classes.length) props.class = classes.join(" ");
	if (tag === "button") props.type ??= "button";
	return { tag, key: props.key ?? "", props, children: nodes(/** @type {Child[]} */ (has ? rest.slice(1) : rest)), text: "", element: null };
}

/** @param {Child[]} children @returns {VNode[]} */
function nodes(children) {
	return /** @type {any[]} */ (children).flat(4).flatMap((child) => {
		if (child === false || child === null || child === undefined || child === "") return [];
		return typeof child === "object" ? [child] : [{ tag: "#", key: "", props: {}, children: [], text: String(child), element: null }];
	});
}

/** Have `container` hold `children`, and nothing else. @param {Element} container @param {Child[]} children */
export function draw(container, children) {
	const wanted = nodes(children);
	reconcile(container, drawn.get(container) ?? [], wanted);
	drawn.set(container, wanted);
}

/** The element with that id, which is a field. @param {string} id @returns {any} */
export const byId = (id) => document.getElementById(id);

/** Put the focus there, once it is drawn. @param {string} id */
export const focusOn = (id) => requestAnimationFrame(() => byId(id)?.focus());

/** @param {Element} parent @param {VNode[]} before @param {VNode[]} after */
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
	/** @type {Map<string, VNode>} */
	const found = new Map();
	list.forEach((node, place) => {
		let name = node.key ? `${node.tag}=${node.key}` : `${node.tag}-${place}`;
		while (found.has(name)) name += "+";
		found.set(name, node);
	});
	return found;
}

/** @param {VNode} node @param {Element} parent */
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
	if (node.tag === "#") {
		if (old.text !== node.text) element.data = node.text;
		return;
	}
	if (!node.props.own) reconcile(element, old.children, node.children);
	for (const name in old.props) if (!(name in node.props)) setProp(element, name, undefined, old.props[name]);
	for (const name in node.props) setProp(element, name, node.props[name], old.props[name]);
}

/** @param {any} element @param {string} name @param {any} value @param {any} old */
function setProp(element, name, value, old) {
	if (name === "key" || name === "mount" || name === "own") return;
	// What is being typed differs from what was drawn last.
	if (name === "value" && value !== undefined) element.value !== value && (element.value = value);
	else if (name === "style") for (const key in value) element.style.setProperty(key, value[key]);
	else if (value === old) return;
	// What a listener gives is nothing to the browser, which would do nothing more after a false.
	else if (name.startsWith("on")) element[name] = value ? (/** @type {any} */ event) => void value(event) : null;
	else if (name === "checked") element[name] = value;
	else if (value === undefined || value === null || value === false) element.removeAttribute(name);
	else element.setAttribute(name, value === true ? "" : value);
}
