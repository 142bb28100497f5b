/** @file What is known, and what an event makes of it. */

import { words } from "./words.js";

/** Messages of a timeline that are held at most, and those that stay when the oldest are let go of. */
export const [MOST, KEPT] = [120, 60];

/** @template K, V @param {ReadonlyMap<K, V>} map @param {K} key @param {V} value @returns {ReadonlyMap<K, V>} */
const set = (map, key, value) => new Map(map).set(key, value);

/** @type {Record<string, (state: State, event: any, now: number) => State>} */
const HANDLERS = {
	snapshot: (state, { nick, server, connection, status, conversations, members, people }) => ({
		...state,
		ready: true,
		nick,
		server,
		connection,
		status,
		retry: connection === "online" ? 0 : state.retry,
		conversations: new Map(conversations.map((/** @type {Conversation} */ each) => [each.id, each])),
		members: new Map(Object.entries(members)),
		people: new Map(people.map((/** @type {any} */ each) => [each.nick, each.status])),
		timelines: new Map([...state.timelines].map(([id, each]) => [id, { ...each, stale: true }])),
		transfers: new Map(),
	}),
	connected: (state, { nick, server }) => ({ ...state, nick, server, connection: "online", retry: 0 }),
	reconnecting: (state, event, now) => ({ ...state, connection: "offline", retry: now + event.in * 1_000 }),
	closing: (state) => ({ ...state, connection: "ended" }),
	message: (state, event) => put(state, { ...event, own: "delivery" in event || (event.history && event.nick === state.nick) }),
	edited: (state, { message, parts, ...event }) => store.change(state, event, (old) => ({ ...old, message, parts, edited: true })),
	reacted: (state, event) => store.change(state, event, (old) => ({ ...old, reactions: event.reactions })),
	deleted: (state, event) => store.change(state, event, ({ reactions: _1, files: _2, reply: _3, edited: _4, ...old }) => ({ ...old, message: "", deleted: event.nick })),
	read: (state, { conversation_id: id, nick, seq }) => store.people(state, id, (state.members.get(id) ?? []).map((each) => (each.nick === nick ? { ...each, read: seq } : each))),
	timer: (state, event) => ({ ...note(state, event, { line: timerLine(event, state.nick) }), timers: set(state.timers, event.conversation_id, event.seconds) }),
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
	trusted: (state, { nick, standing }) => store.stand(state, nick, standing),
	transfer(state, { transfer }) {
		const transfers = new Map(state.transfers);
		if (["waiting", "running"].includes(transfer.state)) transfers.set(transfer.number, transfer);
		else transfers.delete(transfer.number);
		return { ...state, transfers };
	},
};

/** @param {State} state @param {string[]} nicks @param {Status} status @param {State["people"]} [known] */
const present = (state, nicks, status, known) => ({ ...state, people: new Map([...state.people, ...nicks.map((nick) => /** @type {const} */ ([nick, known?.get(nick) ?? status]))]) });

/** @param {{nick: string, seconds: number}} event @param {string} me */
const timerLine = ({ nick, seconds }, me) =>
	`${nick === me ? "You have" : `${nick} has`} set messages to ${seconds ? `disappear ${words.duration(seconds)} after they were read` : "stay"}`;

/** Remember what is no message. @param {State} state @param {any} event @param {Partial<Message>} what @returns {State} */
function note(state, event, what) {
	const id = event.conversation_id;
	const before = state.notes.get(id) ?? [];
	const message_id = event.message_id || `note ${event.n}`;
	if (!id || what.line === "" || before.some((each) => each.message_id === message_id)) return state;
	const noted = { conversation: event.conversation ?? event.nick, conversation_id: id, kind: "", nick: "", message: "", seq: 0, order: 0, date: event.date ?? Date.now() / 1_000, message_id, ...what };
	return { ...state, notes: set(state.notes, id, [...before, noted].slice(-200)) };
}

/** @param {State} state @param {Id} id @param {Timeline} timeline @returns {State} */
const withTimeline = (state, id, timeline) => ({ ...state, timelines: set(state.timelines, id, timeline) });

/** Have a message in its timeline, if that is held up to its end; once only. @param {State} state @param {Message} message */
function put(state, message) {
	const id = message.conversation_id;
	const timeline = state.timelines.get(id);
	if (!timeline) return state;
	const messages = [...timeline.messages];
	const key = store.keyOf(message);
	const at = messages.findLastIndex((each) => store.keyOf(each) === key);
	// Newer ones are not here, so its place is not here either.
	if (at < 0 && timeline.after) return state;
	if (at >= 0) [message] = messages.splice(at, 1).map((old) => ({ ...old, ...message }));
	insert(messages, message);
	return withTimeline(state, id, { ...timeline, messages: messages.slice(0, MOST), after: timeline.after || messages.length > MOST });
}

/** What waits comes after all others. @param {Message} message */
const rank = ({ delivery, order }) => (delivery && !order ? Infinity : order);

/** @param {Message[]} messages @param {Message} message */
function insert(messages, message) {
	let at = messages.length;
	while (at > 0 && rank(messages[at - 1]) > rank(message)) at -= 1;
	messages.splice(at, 0, message);
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
		secrets: new Set(),
		contacts: [],
		settings: { highlights: [], receipts: true, pictures: true },
	}),
	receive: (state, event, now) => HANDLERS[event.event]?.(state, event, now) ?? state,
	keyOf: ({ message_id, conversation_id, seq }) => message_id || `${conversation_id} ${seq}`,
	messagesOf: (state, id) => state.timelines.get(id)?.messages ?? [],
	readers: (state, { conversation_id: id, seq, order }) => (order ? (state.members.get(id) ?? []).flatMap(({ nick, read = 0 }) => (read >= seq && nick !== state.nick ? nick : [])) : []),
	change(state, { conversation_id: id, message_id }, alter) {
		const timeline = state.timelines.get(id);
		const at = timeline?.messages.findLastIndex((each) => each.message_id === message_id) ?? -1;
		if (!timeline || at < 0) return state;
		const altered = alter(timeline.messages[at]);
		return withTimeline(state, id, { ...timeline, messages: timeline.messages.toSpliced(at, 1, ...(altered ? [altered] : [])) });
	},
	expect: (state, id) => withTimeline(state, id, { messages: [], before: true, after: false, stale: true }),
	hold(state, id, where, page, isWhole) {
		const held = state.timelines.get(id) ?? { messages: [], before: true, after: true, stale: true };
		const keys = new Set(page.map(store.keyOf));
		const old = held.messages.filter((each) => !keys.has(store.keyOf(each)));
		if (where === "before") {
			const messages = [...page, ...old];
			return withTimeline(state, id, { ...held, messages: messages.slice(0, MOST), before: !isWhole, after: held.after || messages.length > MOST });
		}
		if (where === "after") {
			for (const each of page) insert(old, each);
			return withTimeline(state, id, { messages: old.slice(-MOST), before: held.before || old.length > MOST, after: !isWhole, stale: false });
		}
		// Some may have come since the page was read.
		const newest = page.at(-1)?.order ?? 0;
		const newer = where === "last" ? old.filter(({ delivery, order }) => (order ? order > newest : delivery)) : [];
		return withTimeline(state, id, { messages: [...page, ...newer], before: !isWhole, after: where === "around", stale: false });
	},
	trim(state, id) {
		const timeline = state.timelines.get(id);
		if (!timeline || timeline.after || timeline.messages.length < MOST - 20) return state;
		return withTimeline(state, id, { ...timeline, messages: timeline.messages.slice(-KEPT), before: true });
	},
	forget: (state, ids) => ({ ...state, timelines: new Map([...state.timelines].filter(([id]) => ids.includes(id))) }),
	people: (state, id, members) => ({ ...state, members: set(state.members, id, members) }),
	stand: (state, nick, standing) => ({ ...state, members: new Map([...state.members].map(([id, list]) => [id, list.map((each) => (each.nick === nick ? { ...each, standing } : each))])) }),
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
