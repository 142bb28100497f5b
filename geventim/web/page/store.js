/** @file What is known, and what an event makes of it. */

import { words } from "./words.js";

/** Messages of a timeline that are held at most, and that stay when it is trimmed. */
export const [MOST, KEPT] = [120, 60];

/** @type {SetIn} */
const set = (map, key, value) => new Map(map).set(key, value);

/** @type {Handlers} */
const HANDLERS = {
	snapshot: (state, { nick, server, connection, status, conversations, members, people, queued = [] }) => ({
		...state,
		ready: true,
		nick,
		server,
		connection,
		status,
		retry: connection === "online" ? 0 : state.retry,
		conversations: new Map(conversations.map((each) => [each.id, each])),
		members: new Map(Object.entries(members)),
		people: new Map(people.map((each) => [each.nick, each.status])),
		timelines: new Map([...state.timelines].map(([id, each]) => [id, { ...each, stale: true }])),
		transfers: new Map(),
		waiting: queued.reduce((known, each) => known.set(each.message_id, { ...each, delivery: "queued" }), new Map([...state.waiting].filter(([, each]) => each.delivery === "refused"))),
	}),
	connected: (state, { nick, server }) => ({ ...state, nick, server, connection: "online", retry: 0 }),
	reconnecting: (state, event, now) => ({ ...state, connection: "offline", retry: now + event.in * 1_000 }),
	closing: (state) => ({ ...state, connection: "ended" }),
	message(state, event) {
		const { message_id: id, delivery, order, history, nick } = event;
		if (delivery && !order) return store.wait(state, id, { ...state.waiting.get(id), ...event, own: true });
		return put(store.wait(state, id), { ...event, own: !!delivery || (history && nick === state.nick) });
	},
	delayed: (state, { requests }) => [...state.waiting.values()].reduce((known, each) => (requests.includes(each.request) ? store.wait(known, each.message_id, { ...each, late: true }) : known), state),
	edited: (state, { message, parts, ...event }) => store.change(state, event, (old) => ({ ...old, message, parts, edited: true })),
	reacted: (state, event) => store.change(state, event, (old) => ({ ...old, reactions: event.reactions })),
	deleted: (state, event) => unquote(store.change(state, event, (old) => ({ ...old, message: "", deleted: event.nick, reactions: [], files: [], reply: undefined, edited: false })), event),
	read: (state, { conversation_id: id, nick, seq }) => store.people(state, id, (state.members.get(id) ?? []).map((each) => (each.nick === nick ? { ...each, read: seq } : each))),
	timer(state, event) {
		const { nick, seconds, conversation_id: id } = event;
		const line = `${nick === state.nick ? "You have" : `${nick} has`} set messages to ${seconds ? `disappear ${words.duration(seconds)} after they were read` : "stay"}`;
		return { ...note(state, event, { line }), timers: set(state.timers, id, seconds) };
	},
	secret: (state, event) => ({ ...note(state, event, { kind: "secret", nick: event.nick, secret: event.id }), secrets: new Set(state.secrets).add(event.id) }),
	sent: (state, event) => (event.kind === "secret" ? note(state, event, { kind: "secret", nick: state.nick, secret: 0, own: true }) : state),
	conversation({ conversations, ...state }, { event: _1, n: _2, request: _3, conversation: name, conversation_id: id, gone, ...rest }) {
		const all = new Map(conversations);
		if (gone) all.delete(id);
		else all.set(id, { ...rest, id, name });
		return { ...state, conversations: all };
	},
	joined: (state, { nick, others = [] }) => present(state, [nick, ...others], "normal"),
	left: (state, { nick, others = [] }) => ({ ...state, people: new Map([...state.people].filter(([each]) => each !== nick && !others.includes(each))) }),
	status(state, { nick, others = [], status }) {
		const next = present(state, [nick, ...others], status);
		return nick === state.nick ? { ...next, status } : next;
	},
	names: (state, { names, conversation }) => (conversation ? state : present({ ...state, people: new Map() }, names, "normal", state.people)),
	members(state, event) {
		const { conversation_id: id, added, removed, verified = [] } = event;
		const there = new Map(state.members.get(id)?.map((each) => [each.nick, each]));
		for (const nick of removed) there.delete(nick);
		for (const nick of added) {
			if (!there.has(nick)) there.set(nick, { nick, account: "", standing: verified.includes(nick) ? "verified" : "unverified" });
		}
		return note(state.members.has(id) ? store.people(state, id, [...there.values()]) : state, event, { line: store.membersLine(event) });
	},
	"key-changed": (state, { nick, why, known }) => ({ ...state, doubts: set(state.doubts, nick, { why, known }) }),
	trusted: (state, { nick, standing }) => store.stand(state, nick, standing),
	transfer(state, { transfer }) {
		const transfers = new Map(state.transfers);
		if (["waiting", "running"].includes(transfer.state)) transfers.set(transfer.number, transfer);
		else transfers.delete(transfer.number);
		return { ...state, transfers };
	},
};

/** @type {Present} */
const present = (state, nicks, status, known) => ({ ...state, people: new Map([...state.people, ...nicks.map((nick) => /** @type {const} */ ([nick, known?.get(nick) ?? status]))]) });

/** Remember what is no message. @type {Note} */
function note(state, event, what) {
	const id = event.conversation_id;
	const before = state.notes.get(id) ?? [];
	const message_id = event.message_id || `note ${event.n}`;
	if (!id || what.line === "" || before.some((each) => each.message_id === message_id)) return state;
	const noted = { conversation: event.conversation ?? event.nick, conversation_id: id, kind: "", nick: "", message: "", seq: 0, order: 0, date: event.date ?? Date.now() / 1_000, message_id, ...what };
	return { ...state, notes: set(state.notes, id, [...before, noted].slice(-200)) };
}

/** @type {WithTimeline} */
const withTimeline = (state, id, timeline) => ({ ...state, timelines: set(state.timelines, id, timeline) });

/** @param {Message[]} messages */
const inOrder = (messages) => messages.sort((one, other) => one.order - other.order);

/** Have a message in its timeline, if that is held up to its end; once only. @type {Put} */
function put(state, message) {
	const id = message.conversation_id;
	const timeline = state.timelines.get(id);
	if (!timeline) return state;
	const key = store.keyOf(message);
	const others = timeline.messages.filter((each) => store.keyOf(each) !== key);
	// Newer ones are not here, so its place is not here either.
	if (timeline.after && others.length === timeline.messages.length) return state;
	const messages = inOrder([...others, message]);
	return withTimeline(state, id, { ...timeline, messages: messages.slice(0, MOST), after: timeline.after || messages.length > MOST });
}

/** Have no answer show what has been deleted. @type {Unquote} */
function unquote(state, { conversation_id: id, message_id }) {
	const timeline = state.timelines.get(id);
	if (!timeline?.messages.some(({ reply }) => reply?.message_id === message_id)) return state;
	const messages = timeline.messages.map((each) => (each.reply?.message_id === message_id ? { ...each, reply: { ...each.reply, excerpt: "", gone: true } } : each));
	return withTimeline(state, id, { ...timeline, messages });
}

const KINDS = { room: 0, group: 1, dm: 2 };

/** @type {Store} */
export const store = {
	initial: () => ({
		ready: false,
		nick: "",
		server: "",
		connection: "offline",
		retry: 0,
		status: "normal",
		conversations: new Map(),
		members: new Map(),
		people: new Map(),
		timelines: new Map(),
		notes: new Map(),
		transfers: new Map(),
		timers: new Map(),
		waiting: new Map(),
		doubts: new Map(),
		secrets: new Set(),
		contacts: [],
		settings: { highlights: [], place: "", receipts: true, pictures: true },
	}),
	receive: (state, event, now) => HANDLERS[event.event]?.(state, event, now) ?? state,
	keyOf: ({ message_id, conversation_id, seq }) => message_id || `${conversation_id} ${seq}`,
	messagesOf: (state, id) => state.timelines.get(id)?.messages ?? [],
	readers: (state, { conversation_id: id, seq, order }) => (order ? (state.members.get(id) ?? []).flatMap(({ nick, read = 0 }) => (read >= seq && nick !== state.nick ? nick : [])) : []),
	change(state, { conversation_id: id, message_id }, alter) {
		const timeline = state.timelines.get(id);
		const at = timeline?.messages.findLastIndex((each) => each.message_id === message_id) ?? -1;
		if (!timeline || at < 0) return state;
		return withTimeline(state, id, { ...timeline, messages: timeline.messages.with(at, alter(timeline.messages[at])) });
	},
	wait(state, id, message) {
		const waiting = new Map(state.waiting);
		if (message) waiting.set(id, message);
		else if (!waiting.delete(id)) return state;
		return { ...state, waiting };
	},
	expect: (state, id) => withTimeline(state, id, { messages: [], before: true, after: false, stale: true }),
	hold(state, id, where, page, isWhole) {
		const held = state.timelines.get(id) ?? { messages: [], before: true, after: true, stale: true };
		const keys = new Set(page.map(store.keyOf));
		const newest = page.at(-1)?.order ?? 0;
		// Some may have come since the last page was read.
		const stays = (/** @type {Message} */ each) => !keys.has(store.keyOf(each)) && where !== "around" && (where !== "last" || each.order > newest);
		const messages = inOrder([...page, ...held.messages.filter(stays)]);
		const isMuch = messages.length > MOST;
		if (where === "before") return withTimeline(state, id, { ...held, messages: messages.slice(0, MOST), before: !isWhole, after: held.after || isMuch });
		if (where === "after") return withTimeline(state, id, { messages: messages.slice(-MOST), before: held.before || isMuch, after: !isWhole, stale: false });
		return withTimeline(state, id, { messages, before: !isWhole, after: where === "around", stale: false });
	},
	trim(state, id) {
		const timeline = state.timelines.get(id);
		if (!timeline || timeline.after || timeline.messages.length < MOST - 20) return state;
		return withTimeline(state, id, { ...timeline, messages: timeline.messages.slice(-KEPT), before: true });
	},
	forget: (state, ids) => ({ ...state, timelines: new Map([...state.timelines].filter(([id]) => ids.includes(id))) }),
	people: (state, id, members) => ({ ...state, members: set(state.members, id, members) }),
	stand: (state, nick, standing) => ({ ...state, members: new Map([...state.members].map(([id, list]) => [id, list.map((each) => (each.nick === nick ? { ...each, standing } : each))])) }),
	titleOf: ({ kind, name }) => (kind === "dm" ? "@" : "#") + name,
	listed: (state) => [...state.conversations.values()].sort((one, other) => KINDS[one.kind] - KINDS[other.kind] || one.name.localeCompare(other.name)),
	everybody(state) {
		const all = new Set([...state.contacts, ...state.people.keys(), ...[...state.members.values()].flat().map((each) => each.nick)]);
		all.delete(state.nick);
		return [...all].sort();
	},
	news(state) {
		let [unread, calls] = [0, 0];
		for (const each of state.conversations.values()) {
			if (each.muted) continue;
			unread += each.unread;
			calls += each.kind === "dm" ? each.unread : each.mentions;
		}
		return { unread, calls };
	},
	inQuestion(state, { id, kind, name, trust }) {
		if (trust !== "changed") return [];
		const found = (state.members.get(id) ?? []).flatMap(({ nick, standing }) => (standing === "changed" && nick !== state.nick ? nick : []));
		return found.length || kind !== "dm" ? found : [name];
	},
	isBlocked: (state, conversation) => conversation.kind !== "room" && store.inQuestion(state, conversation).length > 0,
	membersLine: ({ added, removed, by }) =>
		[added, removed]
			.flatMap((nicks, at) => {
				const some = nicks.length > 4 ? `${nicks.slice(0, 3).join(", ")} and ${nicks.length - 3} others` : nicks.join(", ");
				const says = by && !nicks.includes(by) ? `${by} ${["added", "removed"][at]} ${some}` : `${some} ${["joined", "left"][at]}`;
				return nicks.length ? says : [];
			})
			.join("; "),
};
