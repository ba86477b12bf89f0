-- The last question before a send, asked of Redis in one step for several texts. Keys: runtime/gate_keys.py.
-- ARGV[1]: JSON {partitions, sender, earliest, rates, slack_us, grace_us, alive_us, texts}; `budget` if bounded; `fault` only in tests
-- Returns a JSON list of [word, detail]: ["ok", us to the next token]  ["wait", us]  ["no", reason]
local asked = cjson.decode(ARGV[1])
local time = redis.call('TIME')
local now_us = tonumber(time[1]) * 1000000 + tonumber(time[2])
local now = math.floor(now_us / 1000)
local epoch = redis.call('GET', 'gate:epoch')
local warm = epoch and redis.call('SCARD', 'gate:rebuilt:' .. epoch) >= asked.partitions
local FOREVER = 9007199254740991

local function num(value) return tonumber(value or '-1') end

-- Who else waits: the token goes to the earliest deadline among the senders that are alive.
local function hear_senders()
  if asked.earliest then
    redis.call('HSET', 'gate:waiting', asked.sender, asked.earliest .. ':' .. string.format('%.0f', now_us))
    redis.call('PEXPIRE', 'gate:waiting', 60000)
  else
    redis.call('HDEL', 'gate:waiting', asked.sender)
  end
  local others = redis.call('HGETALL', 'gate:waiting')
  local first = FOREVER
  for i = 1, #others, 2 do
    local deadline, seen = string.match(others[i + 1], '^(%d+):(%d+)$')
    if others[i] ~= asked.sender and now_us - tonumber(seen) < asked.alive_us then
      first = math.min(first, tonumber(deadline))
    end
  end
  return first
end
local elsewhere = hear_senders()

local function paused(workspace)
  local word = redis.call('HGET', 'gate:paused', workspace)
  return word and string.sub(word, -2) == ':1'
end

-- A tie silences.
local function silenced(r)
  local phone = 'phone:' .. r.ref
  local start = num(redis.call('HGET', phone, 'start'))
  local stop = num(redis.call('HGET', phone, 'stop'))
  if stop >= 0 and stop >= start then return 'opted_out' end
  local hold = num(redis.call('HGET', phone, 'hold'))
  if hold >= 0 and hold >= start then return 'held_unclear' end
  if r.consent_at == 0 then return 'no_consent' end
  if num(redis.call('HGET', phone, 'ended')) >= r.consent_at then return 'consent_ended' end
  if num(redis.call('HGET', phone, r.ended)) >= r.consent_at then return 'consent_ended' end
end

local function capped(r)
  local counted, n = {}, 0
  for _, id in ipairs(redis.call('SMEMBERS', 'cap:' .. r.event)) do counted[id] = true end
  for _, id in ipairs(r.counted) do counted[id] = true end
  for _, id in ipairs(redis.call('SMEMBERS', 'free:' .. r.event)) do counted[id] = nil end
  counted[r.id] = nil
  for _ in pairs(counted) do n = n + 1 end
  return n >= r.cap
end

local function is_one_of(name, names)
  for _, other in ipairs(names) do
    if name == other then return true end
  end
  return false
end

-- Free, or mine, or left behind by a claim that the journal has closed; never one that was barred.
local function barred(r)
  if asked.fault == 'lease' then return false end
  if redis.call('SISMEMBER', 'dead:' .. r.text_id, r.claim) == 1 then return true end
  local holder = redis.call('GET', 'claim:' .. r.text_id)
  if not holder or holder == r.claim then return false end
  local before = string.match(holder, '^poison:(.*)$') or holder
  return not is_one_of(before, r.dead)
end

local function free_at()
  local latest = 0
  for name in pairs(asked.rates) do latest = math.max(latest, num(redis.call('GET', 'rate:' .. name))) end
  return latest
end

local function rate_wait(r)
  local at = free_at()
  if at > now_us then return at - now_us end
  if elsewhere < r.not_after and now_us - at < asked.grace_us then return asked.grace_us - (now_us - at) end
  return 0
end

local function take_rate(r)
  for name, per_s in pairs(asked.rates) do
    local at = math.max(num(redis.call('GET', 'rate:' .. name)), now_us - asked.slack_us)
    local later = at + r.segments * 1000000 / per_s
    redis.call('SET', 'rate:' .. name, string.format('%.0f', later), 'PX', 3600000)
  end
end

local function keep(key, ms)
  if redis.call('PTTL', key) < ms then redis.call('PEXPIRE', key, ms) end
end

-- Segments that passed on this day, UTC. Replies count, and go: their number is bounded for each phone.
local spent_key = 'spent:' .. math.floor(tonumber(time[1]) / 86400)
local function over_budget(r)
  return asked.budget and num(redis.call('GET', spent_key) or '0') + r.segments > asked.budget
end

local function refused(r)
  if r.token then
    local used = redis.call('GET', 'token:' .. r.token)
    if used and used ~= r.text_id then return 'token_used' end
  else
    if paused('all') or paused(r.workspace) then return 'paused' end
    local reason = silenced(r)
    if reason then return reason end
    if r.counts and capped(r) then return 'capped' end
    if over_budget(r) then return 'over_budget' end
  end
  if now >= r.not_after then return 'expired' end
  if barred(r) then return 'claimed' end
end

local function pass(r)
  local kept_ms = r.not_after - now + 172800000
  take_rate(r)
  redis.call('INCRBY', spent_key, r.segments)
  redis.call('EXPIRE', spent_key, 172800)
  redis.call('SET', 'claim:' .. r.text_id, r.claim, 'PX', kept_ms)
  for _, id in ipairs(r.dead) do redis.call('SADD', 'dead:' .. r.text_id, id) end
  if #r.dead > 0 then keep('dead:' .. r.text_id, kept_ms) end
  if r.token then redis.call('SET', 'token:' .. r.token, r.text_id, 'PX', kept_ms) end
  if r.counts then
    redis.call('SREM', 'free:' .. r.event, r.id)
    redis.call('SADD', 'cap:' .. r.event, r.id)
    keep('cap:' .. r.event, r.keep_cap)
  end
  if asked.fault == 'no-drain' then return end
  redis.call('ZADD', 'drain:' .. r.ref, now + r.drain, r.claim)
  keep('drain:' .. r.ref, r.drain)
end

local function judge(r)
  if r.epoch ~= epoch and asked.fault ~= 'giveback' then return {'no', 'forgot'} end
  if not warm then return {'wait', 200000} end
  local reason = refused(r)
  if reason then return {'no', reason} end
  local wait = rate_wait(r)
  if wait > 0 then return {'wait', math.ceil(wait)} end
  pass(r)
  return {'ok', math.max(0, math.ceil(free_at() - now_us))}
end

local answers = {}
for i, r in ipairs(asked.texts) do answers[i] = judge(r) end
return #answers == 0 and '[]' or cjson.encode(answers)
