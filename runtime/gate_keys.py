"""The layout of the gate in Redis, shared by the sender (all of it) and the gateway (flags, pauses, drain).

``gate:epoch``           counts the times that Redis lost its data or its identity
``gate:run``             the server's run id of that epoch
``gate:rebuilt:{epoch}`` the partitions whose state was rebuilt since: the gate is warm when all are in
``gate:paused``          hash: workspace (or ``all``) to ``at_ms:1`` (paused) or ``at_ms:0``
``phone:{ref}``          hash of maxima in milliseconds: stop, start, hold, ended, ``ended|workspace|person``
``drain:{ref}``          sorted set: claims that passed the gate, until when they may still write
``cap:{ws}/{event}``     set of ``text_id#attempt`` that count; ``free:…`` those proven not sent
``claim:{text_id}``      the claim that passed the gate, or ``poison:claim`` after a loss of Redis
``dead:{text_id}``       claims that must never pass: surely not sent, given up
``token:{uuid}``         the text that the reply's token was used for
``seen:{uuid}``          first receipt of a reply, milliseconds
``rate:{name}``          theoretical arrival time of the next segment, milliseconds
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

EPOCH, RUN, PAUSED = "gate:epoch", "gate:run", "gate:paused"


def phone_key(phone_ref: str) -> str:
    """The hash of a phone's maxima."""
    return f"phone:{phone_ref}"


def drain_key(phone_ref: str) -> str:
    """The claims of a phone that may still write."""
    return f"drain:{phone_ref}"


def seen_key(inbound_uuid: str) -> str:
    """The first receipt of a reply."""
    return f"seen:{inbound_uuid}"


def rebuilt_key(epoch: int) -> str:
    """The partitions rebuilt in an epoch."""
    return f"gate:rebuilt:{epoch}"


def ended_field(workspace_id: str | None, person_id: str | None) -> str:
    """The field of an end of consent: of a workspace and person, or of the whole phone."""
    return "ended" if workspace_id is None or person_id is None else f"ended|{workspace_id}|{person_id}"


def ms(at: datetime) -> int:
    """An instant as the gate keeps it; rounded down."""
    return int(at.timestamp() * 1000)
