/** @file Draws what elements there should be: only what differs is touched. Text is only ever text. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @typedef {object} Node
 * @property {string} tag "#" for text
 * @property {string} key
 * @property {Record<string, any>} props
 * @property {Node[]} children
 * @property {string} text
 * @property {any} element of the document, once it is drawn
 */

/** @typedef {Node | string | number | false | null | undefined} Child */
/** @typedef {Child | Child[] | (Child | Child[])[]} Children */

/** @type {WeakMap<Element, Node[]>} */
const drawn = new WeakMap();

/**
 * An element that should be there. Among its props `key` tells it from its siblings, `on…` are
 * listeners, `style` is an object, `mount` is called once with the element, and `own` says that
 * its children are somebody else's.
 * @param {string} tag
 * @param {Record<string, any> | null} [props]
 * @param {...Children} children
 * @returns {Node}
 */
export function h(tag, props, ...children) {
  return {
    tag,
    key: props?.key ?? "",
    props: props ?? {},
    children: nodes(/** @type {Child[]} */ (children.flat(3))),
    text: "",
    element: null,
  };
}

/** @param {Child[]} children */
function nodes(children) {
  /** @type {Node[]} */
  const found = [];
  for (const child of children) {
    if (child === false || child === null || child === undefined || child === "") continue;
    if (typeof child === "object") found.push(child);
    else {
      found.push({ tag: "#", key: "", props: {}, children: [], text: String(child), element: null });
    }
  }
  return found;
}

/**
 * Have `container` hold `children`, and nothing else.
 * @param {Element} container
 * @param {Child[]} children
 */
export function draw(container, children) {
  const wanted = nodes(children);
  reconcile(container, drawn.get(container) ?? [], wanted);
  drawn.set(container, wanted);
}

/**
 * @param {Element} parent
 * @param {Node[]} before
 * @param {Node[]} after
 */
function reconcile(parent, before, after) {
  if (before.length === 0) {
    for (const node of after) parent.append(create(node, parent));
    return;
  }
  const known = index(before);
  const wanted = index(after);
  for (const [name, node] of known) {
    if (!wanted.has(name)) node.element.remove();
  }
  let place = parent.firstChild;
  for (const [name, node] of wanted) {
    const old = known.get(name);
    if (old === undefined) create(node, parent);
    else if (old !== node) update(old, node);
    if (node.element === place) place = place?.nextSibling ?? null;
    else parent.insertBefore(node.element, place);
  }
}

/** @param {Node[]} list */
function index(list) {
  /** @type {Map<string, Node>} */
  const found = new Map();
  list.forEach((node, place) => {
    let name = node.key ? `${node.tag}=${node.key}` : `${node.tag}-${place}`;
    while (found.has(name)) name += "+";
    found.set(name, node);
  });
  return found;
}

/**
 * @param {Node} node
 * @param {Element} parent
 */
function create(node, parent) {
  if (node.tag === "#") return (node.element = document.createTextNode(node.text));
  const isSvg = node.tag === "svg" || parent.namespaceURI === SVG;
  const element = isSvg
    ? document.createElementNS(SVG, node.tag)
    : document.createElement(node.tag);
  node.element = element;
  if (!node.props.own) {
    for (const child of node.children) element.append(create(child, element));
  }
  for (const [name, value] of Object.entries(node.props)) setProp(element, name, value, undefined);
  node.props.mount?.(element);
  return element;
}

/**
 * @param {Node} old
 * @param {Node} node
 */
function update(old, node) {
  const element = (node.element = old.element);
  if (node.tag === "#") {
    if (old.text !== node.text) element.data = node.text;
    return;
  }
  if (!node.props.own) reconcile(element, old.children, node.children);
  for (const name of Object.keys(old.props)) {
    if (!(name in node.props)) setProp(element, name, undefined, old.props[name]);
  }
  for (const [name, value] of Object.entries(node.props)) {
    setProp(element, name, value, old.props[name]);
  }
}

/**
 * @param {any} element
 * @param {string} name
 * @param {any} value
 * @param {any} old
 */
function setProp(element, name, value, old) {
  if (name === "key" || name === "mount" || name === "own") return;
  if (name === "value") {
    // What is being typed differs from what was drawn last.
    if (value !== undefined && element.value !== value) element.value = value;
  } else if (name === "style") {
    for (const key of Object.keys(old ?? {})) {
      if (!(key in (value ?? {}))) element.style.removeProperty(key);
    }
    for (const [key, each] of Object.entries(value ?? {})) element.style.setProperty(key, each);
  } else if (value === old) return;
  else if (name.startsWith("on")) element[name] = value ?? null;
  else if (name === "checked" || name === "indeterminate" || name === "srcObject") {
    element[name] = value;
  } else if (value === undefined || value === null || value === false) {
    element.removeAttribute(name === "class" ? "class" : name);
  } else element.setAttribute(name, value === true ? "" : String(value));
}
