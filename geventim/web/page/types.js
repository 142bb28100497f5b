/**
 * @file What is said on the line, as far as the page reads it: see docs/programs.md.
 *
 * @typedef {"room" | "group" | "dm"} Kind
 * @typedef {"verified" | "unverified" | "changed"} Standing
 * @typedef {"normal" | "dnd" | "away"} Status
 * @typedef {"offline" | "entering" | "online" | "ended"} Connection
 *
 * @typedef {object} Conversation
 * @property {string} id
 * @property {string} name
 * @property {Kind} kind
 * @property {boolean} keyed
 * @property {string} stage
 * @property {number} unread
 * @property {number} mentions
 * @property {number} read
 * @property {number} members
 * @property {Standing} trust
 * @property {boolean} muted
 * @property {string} draft
 *
 * @typedef {{nick: string, account: string, standing: Standing}} Member
 * @typedef {{emoji: string, nicks: string[]}} Count
 * @typedef {{message_id: string, nick: string, excerpt: string, quoted_by?: string}} Quote
 * @typedef {{name: string, type: string, size: number, width?: number, height?: number}} Attachment
 *
 * @typedef {object} Message
 * @property {string} conversation
 * @property {string} kind
 * @property {string} nick
 * @property {string} message
 * @property {number} date
 * @property {number} seq
 * @property {string} conversation_id
 * @property {string} message_id
 * @property {number} order 0 as long as it waits
 * @property {boolean} [verified]
 * @property {boolean} [own]
 * @property {boolean} [history]
 * @property {boolean} [mention]
 * @property {"queued" | "sent" | "refused"} [delivery]
 * @property {boolean} [edited]
 * @property {string} [deleted] by whom; empty if it was to last so long
 * @property {Count[]} [reactions]
 * @property {Quote} [reply]
 * @property {boolean} [plain]
 * @property {number} [expires] seconds after it was read
 * @property {Attachment[]} [files]
 * @property {number} [secret] number of a secret, which opens it
 * @property {string} [line] a sentence of ours about what has happened; then it is no message
 * @property {string} [n]
 * @property {string} [request] the id of the wish that has caused it
 * @property {string} [reason] why it was not sent
 *
 * @typedef {object} Moving
 * @property {number} number
 * @property {"sending" | "fetching"} direction
 * @property {"waiting" | "running" | "done" | "failed" | "cancelled"} state
 * @property {string} name
 * @property {number} size
 * @property {number} done
 * @property {number} rate
 * @property {number | null} left
 * @property {string} conversation_id
 * @property {string} message_id
 *
 * @typedef {object} Snapshot
 * @property {string} n
 * @property {string} nick
 * @property {string} server
 * @property {Connection} connection
 * @property {string} room
 * @property {Status} status
 * @property {Conversation[]} conversations
 * @property {Record<string, Member[]>} members
 * @property {{nick: string, status: Status}[]} people
 *
 * @typedef {object} Refusal
 * @property {string} code
 * @property {string} text
 * @property {boolean} [retry]
 * @property {Record<string, unknown>} [facts]
 *
 * @typedef {{event: string, n?: string, request?: string} & Record<string, any>} Event
 * @typedef {{answer: string, done?: Record<string, any>, refused?: Refusal}} Answer
 */

export {};
