"""What Redis does in one go: compare, and write only if nothing has changed meanwhile.

Which keys there are, :mod:`.layout` says. A log and everything that belongs to it are in one
slot of a cluster, and so are all names.
"""

from typing import Final

CREATE: Final = """
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'version', 0, 'seq', 0, 'hash', ARGV[2], 'size', 0, 'floor', 0)
redis.call('SET', KEYS[2], ARGV[1])
return 1
"""
"""Keys: end, roster. Values: the roster, the running hash. 0 if it exists."""

DISCARD: Final = """
if redis.call('HGET', KEYS[1], 'seq') == '0' then redis.call('DEL', unpack(KEYS)) end
"""
"""Keys: end, roster. Takes a conversation back that nobody has used."""

KEPT: Final = 16_384
"""Items that a feed keeps at least; who is further behind than that begins anew."""

WRITE: Final = f"""
local end_ = redis.call('HMGET', KEYS[1], 'version', 'hash', 'seq')
if end_[1] ~= ARGV[1] or end_[2] ~= ARGV[2] then return 'stale' end
local at, count = 8, tonumber(ARGV[8])
for i = 0, count - 1 do
    if redis.call('HEXISTS', KEYS[4], ARGV[at + 4 * i + 1]) == 1 then return 'said' end
end
local seq = tonumber(end_[3])
for i = 0, count - 1 do
    seq = seq + 1
    redis.call('HSET', KEYS[4], ARGV[at + 4 * i + 1], seq)
    redis.call('XADD', KEYS[3], seq .. '-0', 'e', ARGV[at + 4 * i + 2])
    local item, writer = ARGV[at + 4 * i + 3], ARGV[at + 4 * i + 4]
    redis.call('XADD', KEYS[6], 'MAXLEN', '~', {KEPT}, '0-*', 'n', ARGV[7], 'a', item)
    if writer ~= '' then redis.call('SADD', KEYS[7], writer) end
end
at = at + 4 * count + 1
for i = 1, tonumber(ARGV[at]) do
    redis.call('HSET', KEYS[5], ARGV[at + 2 * i - 1], ARGV[at + 2 * i])
end
at = at + 2 * tonumber(ARGV[at]) + 1
for i = at, #ARGV do redis.call('HDEL', KEYS[5], ARGV[i]) end
redis.call('HSET', KEYS[1], 'version', ARGV[4], 'seq', seq, 'hash', ARGV[5])
redis.call('HINCRBY', KEYS[1], 'size', ARGV[6])
if ARGV[3] ~= '' then redis.call('SET', KEYS[2], ARGV[3]) end
return 'done'
"""
"""Keys: end, roster, log, said, infos, feed, wrote.

Values: the version and the running hash that this builds on; the new roster, or empty; its version;
the new running hash; by how much the messages have grown; the node; how many entries, and for each
its author and message id, itself, what it does, and its author if it is a message; how many
GroupInfos, and for each its account and itself; and the accounts whose is not kept any more.
"""

DROP: Final = """
for i = 2, #ARGV, 3 do
    if redis.call('XDEL', KEYS[2], ARGV[i] .. '-0') == 1 then
        redis.call('HDEL', KEYS[3], ARGV[i + 1])
        redis.call('HINCRBY', KEYS[1], 'size', 0 - tonumber(ARGV[i + 2]))
    end
end
if tonumber(ARGV[1]) > tonumber(redis.call('HGET', KEYS[1], 'floor')) then
    redis.call('HSET', KEYS[1], 'floor', ARGV[1])
end
"""
"""Keys: end, log, said. Values: the new floor; for each entry its number, author and id, size."""

REGISTER: Final = """
local id, account, nick, look, key = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
if ARGV[6] == 'listed' and redis.call('SISMEMBER', KEYS[5], nick) == 0 then return 'not_listed' end
if ARGV[7] == 'invited' then
    local end_ = tonumber(redis.call('HGET', KEYS[9], ARGV[8]) or 'inf')
    if redis.call('HEXISTS', KEYS[6], ARGV[8]) == 0 or tonumber(ARGV[9]) >= end_ then
        return 'not_invited'
    end
end
if redis.call('HEXISTS', KEYS[2], nick) == 1 then return 'nick_taken' end
if redis.call('HEXISTS', KEYS[3], look) == 1 then return 'nick_taken' end
if redis.call('HEXISTS', KEYS[7], nick) == 1 then return 'nick_taken' end
if redis.call('HEXISTS', KEYS[8], look) == 1 then return 'nick_taken' end
if redis.call('HEXISTS', KEYS[1], id) == 1 then return 'key_taken' end
if redis.call('HEXISTS', KEYS[4], key) == 1 then return 'key_taken' end
if ARGV[7] == 'invited' and redis.call('HINCRBY', KEYS[6], ARGV[8], -1) <= 0 then
    redis.call('HDEL', KEYS[6], ARGV[8])
    redis.call('HDEL', KEYS[9], ARGV[8])
end
redis.call('HSET', KEYS[1], id, account)
redis.call('HSET', KEYS[2], nick, id)
redis.call('HSET', KEYS[3], look, id)
redis.call('HSET', KEYS[4], key, id)
return ''
"""
"""Keys: accounts, nicks, looks, keys, allowed, invites, rooms, faces, ends.

Values: id, account, folded nick, skeleton, channel key, whether it must be listed, whether it must
be invited, the code, and the time. The answer is the refusal, or empty.
"""

EXCHANGE: Final = """
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1
"""
"""Put a field from one value to another. 0 if it has a third."""

JUDGE: Final = """
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
for i = 2, #ARGV - 2 do
    if redis.call('HGET', KEYS[i], ARGV[i + 2]) == ARGV[1] then
        redis.call('HDEL', KEYS[i], ARGV[i + 2])
    end
end
return 1
"""
"""Keys: accounts, nicks, looks. Values: id, the account as it was and as it is, and the folded nick
and its skeleton if they are free from now on. 0 if it was something else.
"""

PERSON: Final = b"person"

CLAIM: Final = f"""
if redis.call('HEXISTS', KEYS[3], ARGV[1]) == 1 then return '{PERSON.decode()}' end
if redis.call('HEXISTS', KEYS[4], ARGV[2]) == 1 then return '{PERSON.decode()}' end
local holder = redis.call('HGET', KEYS[1], ARGV[1]) or redis.call('HGET', KEYS[2], ARGV[2])
if holder and holder ~= ARGV[3] then return holder end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
redis.call('ZADD', KEYS[5], 0, ARGV[1])
return ''
"""
"""Keys: rooms, faces, nicks, looks, order. Values: name, skeleton, conversation.

Which room has the name, if another one does, or PERSON.
"""

RELEASE: Final = """
if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[3] then
    redis.call('HDEL', KEYS[1], ARGV[1])
    redis.call('ZREM', KEYS[3], ARGV[1])
end
if redis.call('HGET', KEYS[2], ARGV[2]) == ARGV[3] then redis.call('HDEL', KEYS[2], ARGV[2]) end
"""
"""Keys: rooms, faces, order. Values as above, to give a name back."""

ROOMS: Final = """
if redis.call('ZCARD', KEYS[2]) ~= redis.call('HLEN', KEYS[1]) then
    redis.call('DEL', KEYS[2])
    for _, name in ipairs(redis.call('HKEYS', KEYS[1])) do redis.call('ZADD', KEYS[2], 0, name) end
end
local found = {}
local names = redis.call('ZRANGEBYLEX', KEYS[2], '(' .. ARGV[1], '+', 'LIMIT', 0, ARGV[2])
for _, name in ipairs(names) do
    local room = redis.call('HGET', KEYS[1], name)
    if room then
        found[#found + 1] = name
        found[#found + 1] = room
    end
end
return found
"""
"""Keys: rooms, order. Values: a folded name, how many at most. Names behind it, each with its room.

Earlier programs kept no order: it is made anew where it does not fit.
"""

REMEMBER: Final = """
redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2])
return redis.call('HGET', KEYS[1], ARGV[1])
"""
"""Key: made. Values: the message id, the conversation. Which one was made with it first."""

STOCK: Final = """
redis.call('RPUSH', KEYS[1], unpack(ARGV, 2))
redis.call('LTRIM', KEYS[1], ARGV[1], -1)
"""
"""Key: packages. Values: where those begin that are kept, counted from the end; the packages."""

TAKE: Final = """
local last = redis.call('GET', KEYS[2])
local old, kept = 0, redis.call('LRANGE', KEYS[1], 0, -1)
while kept[old + 1] and struct.unpack('>d', kept[old + 1]) < tonumber(ARGV[1]) do old = old + 1 end
local first = kept[old + 1]
if not first and not last then return {} end
redis.call('LTRIM', KEYS[1], old + (first and 1 or 0), -1)
if first then return {string.sub(first, 9), #kept - old - 1} end
return {last, 0}
"""
"""Keys: packages, last resort. Value: from when on they count. The package, and what is left."""

COUNT: Final = """
local count = 0
for _, package in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
    if struct.unpack('>d', package) >= tonumber(ARGV[1]) then count = count + 1 end
end
return count
"""
"""Key: packages. Value: from when on they count."""

ACQUIRE: Final = """
local wanted = redis.call('GET', KEYS[2])
if redis.call('EXISTS', KEYS[1]) == 1 then
    redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[4])
    return 0
end
if wanted and wanted ~= ARGV[3] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('DEL', KEYS[2])
return 1
"""
"""Keys: turn, wanted. Values: the lease, for how many milliseconds, the node, how long it waits."""

GIVE_BACK: Final = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
"""
"""Key: turn. Value: the lease."""

BEGIN_BLOB: Final = """
local first = redis.call('HGET', KEYS[2], ARGV[4])
if first then return {'', redis.call('HGET', KEYS[1], first)} end
local function have(key, field) return tonumber(redis.call('HGET', key, field) or 0) end
local weight, most, space = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
if have(KEYS[4], ARGV[3]) >= tonumber(ARGV[8]) then return {'too_many_begun'} end
if most >= 0 and have(KEYS[3], ARGV[3]) + weight > most then return {'quota_files'} end
if space >= 0 and have(KEYS[3], '') + weight > space then return {'no_space'} end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('HSET', KEYS[2], ARGV[4], ARGV[1])
for _, field in ipairs({ARGV[3], ''}) do
    redis.call('HINCRBY', KEYS[3], field, weight)
    redis.call('HINCRBY', KEYS[4], field, 1)
    redis.call('HINCRBY', KEYS[5], field, 1)
end
return {'', ARGV[2]}
"""
"""Keys: all, made, kept, begun, count.

Values: id, blob, account, creation, weight, what the account and all may have (-1: no end), how
many may be begun. A refusal, or nothing and the blob.
"""

CHANGE_BLOB: Final = """
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
if ARGV[3] == '' then
    redis.call('HDEL', KEYS[1], ARGV[1])
    redis.call('HDEL', KEYS[2], ARGV[5])
else
    redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
end
for _, field in ipairs({ARGV[4], ''}) do
    redis.call('HINCRBY', KEYS[3], field, ARGV[6])
    redis.call('HINCRBY', KEYS[4], field, ARGV[7])
    redis.call('HINCRBY', KEYS[5], field, ARGV[8])
end
return 1
"""
"""Keys as above. Values: id, the blob as it was, and as it is or nothing; account, creation; what
that adds to kept, begun and count. 1 if it was like that, else nothing is changed.
"""

MARK: Final = """
redis.set_repl(redis.REPL_REPLICA)
redis.call('SET', KEYS[1], '')
"""
"""Key: mark. Have the replicas told something after everything else; no disk has to keep it."""
