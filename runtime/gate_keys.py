"""The layout of the gate in Redis, shared by the sender (all of it) and the gateway (flags, pauses, drain).

``gate:epoch``           when Redis last lost its data or its identity, microseconds: it names the epoch
``gate:run``             the server's run id of that epoch
``gate:rebuilt:{epoch}`` the partitions whose state was rebuilt since: the gate is warm when all are in
``gate:behind:{epoch}``  gateways whose spooled flags have still to be raised: no rebuild before it is empty
``gate:paused``          hash: workspace (or ``all``) to ``at_ms:1`` (paused) or ``at_ms:0``
``gate:waiting``         hash: sender to ``deadline_ms:seen_us``, the earliest deadline that it holds
``phone:{ref}``          hash of maxima in milliseconds: stop, start, hold, ended, ``ended|workspace|person``
``drain:{ref}``          sorted set: claims that passed the gate, until when (ms) they may still write
``cap:{ws}/{event}``     set of ``text_id#attempt`` that count; ``free:…`` those proven not sent
``claim:{text_id}``      the claim that passed the gate, or ``poison:claim`` after a loss of Redis
``dead:{text_id}``       claims that must never pass: surely not sent, given up
``token:{uuid}``         the text that the reply's token was used for
``seen:{uuid}``          first receipt of a reply, milliseconds
``spent:{day}``          segments that passed on a day since 1970, for the spend breaker
``rate:{name}``          theoretical arrival time of the next segment or look, microseconds
"""

from datetime import datetime

RAISE = """
local raised = 0
for i = 1, #ARGV, 2 do
  local known = tonumber(redis.call('HGET', KEYS[1], ARGV[i]) or '-1')
  if tonumber(ARGV[i + 1]) > known then
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
    raised = raised + 1
  end
end
return raised
"""
"""Lua: raise fields of a hash to values, never lower. KEYS: the hash; ARGV: field, value, field, value…"""

PAUSE = """
local known = redis.call('HGET', KEYS[1], ARGV[1]) or '-1:0'
if tonumber(ARGV[2]) > tonumber(string.match(known, '^(-?%d+):')) then
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ':' .. ARGV[3])
end
return redis.call('HGET', KEYS[1], ARGV[1])
"""
"""Lua: pause or resume unless a later word is known. KEYS: PAUSED; ARGV: workspace, at_ms, 1 or 0."""

BEGIN = """
local epoch = redis.call('GET', KEYS[2])
if epoch and redis.call('GET', KEYS[1]) == ARGV[1] then return epoch end
local time = redis.call('TIME')
epoch = string.format('%.0f', tonumber(time[1]) * 1000000 + tonumber(time[2]))
redis.call('SET', KEYS[1], ARGV[1])
redis.call('SET', KEYS[2], epoch)
return epoch
"""
"""Lua: the epoch. A server of another run id, or one that lost its data, begins a new one: cold until
rebuilt. KEYS: RUN, EPOCH; ARGV: the run id that INFO names on this very connection.
"""

SENDING = """
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local epoch = redis.call('GET', KEYS[#KEYS])
local lost = not epoch or now - tonumber(epoch) / 1000 < tonumber(ARGV[1])
local counts = {}
for i = 1, #KEYS - 1 do
  counts[i] = lost and 1 or redis.call('ZCOUNT', KEYS[i], '(' .. now, '+inf')
end
return counts
"""
"""Lua: how many claims of each phone may still write; 1 if marks may have been lost. KEYS: drain keys, last
EPOCH; ARGV: how long a mark lives, milliseconds.
"""

EPOCH, RUN, PAUSED, WAITING = "gate:epoch", "gate:run", "gate:paused", "gate:waiting"


def phone_key(phone_ref: str) -> str:
    """The hash of a phone's maxima."""
    return f"phone:{phone_ref}"


def drain_key(phone_ref: str) -> str:
    """The claims of a phone that may still write."""
    return f"drain:{phone_ref}"


def seen_key(inbound_uuid: str) -> str:
    """The first receipt of a reply."""
    return f"seen:{inbound_uuid}"


def rebuilt_key(epoch: str) -> str:
    """The partitions rebuilt in an epoch."""
    return f"gate:rebuilt:{epoch}"


def behind_key(epoch: str) -> str:
    """The gateways whose spooled flags are not all raised in an epoch."""
    return f"gate:behind:{epoch}"


def ended_field(workspace_id: str | None, person_id: str | None) -> str:
    """The field of an end of consent: of a workspace and person, or of the whole phone."""
    return "ended" if workspace_id is None or person_id is None else f"ended|{workspace_id}|{person_id}"


def ms(at: datetime) -> int:
    """An instant as the gate keeps it; rounded down."""
    return int(at.timestamp() * 1000)
