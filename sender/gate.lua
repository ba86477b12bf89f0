-- The last question before a send, asked of Redis in one step for several texts.
-- ARGV[1]: number of partitions; ARGV[2]: JSON list of requests. Returns a JSON list of [verdict, detail]:
--   ["ok", now_ms]  ["wait", ms]  ["no", reason]
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local epoch = redis.call('GET', 'gate:epoch')
local warm = epoch and redis.call('SCARD', 'gate:rebuilt:' .. epoch) >= tonumber(ARGV[1])

local function num(value) return tonumber(value or '-1') end

local function paused(workspace)
  local word = redis.call('HGET', 'gate:paused', workspace)
  return word and string.sub(word, -2) == ':1'
end

local function silenced(r)
  local phone = 'phone:' .. r.ref
  local start = num(redis.call('HGET', phone, 'start'))
  local stop = num(redis.call('HGET', phone, 'stop'))
  if stop >= 0 and stop >= start then return 'opted_out' end
  local hold = num(redis.call('HGET', phone, 'hold'))
  if hold >= 0 and hold >= start then return 'held_unclear' end
  if num(redis.call('HGET', phone, 'ended')) >= r.consent_at then return 'consent_ended' end
  if num(redis.call('HGET', phone, r.ended)) >= r.consent_at then return 'consent_ended' end
end

local function capped(r)
  local counted = {}
  for _, id in ipairs(redis.call('SMEMBERS', 'cap:' .. r.event)) do counted[id] = true end
  for _, id in ipairs(r.counted) do counted[id] = true end
  for _, id in ipairs(redis.call('SMEMBERS', 'free:' .. r.event)) do counted[id] = nil end
  counted[r.id] = nil
  local n = 0
  for _ in pairs(counted) do n = n + 1 end
  return n >= r.cap
end

local function rate_wait(r)
  local longest = 0
  for name, per_s in pairs(r.rates) do
    local at = tonumber(redis.call('GET', 'rate:' .. name) or '0')
    longest = math.max(longest, at - now)
  end
  return math.ceil(longest)
end

local function take_rate(r)
  for name, per_s in pairs(r.rates) do
    local at = math.max(tonumber(redis.call('GET', 'rate:' .. name) or '0'), now)
    redis.call('SET', 'rate:' .. name, at + r.segments * 1000 / per_s, 'PX', 600000)
  end
end

local function judge(r)
  if not warm then return {'wait', 500} end
  if r.token then
    local used = redis.call('GET', 'token:' .. r.token)
    if used and used ~= r.text_id then return {'no', 'token_used'} end
  else
    if paused('all') or paused(r.workspace) then return {'no', 'paused'} end
    local reason = silenced(r)
    if reason then return {'no', reason} end
    if r.counts and capped(r) then return {'no', 'capped'} end
  end
  if now >= r.not_after then return {'no', 'expired'} end
  local claim = redis.call('GET', 'claim:' .. r.text_id)
  if claim and claim ~= r.claim then return {'no', 'claimed'} end
  if redis.call('SISMEMBER', 'dead:' .. r.text_id, r.claim) == 1 then return {'no', 'claimed'} end
  local wait = rate_wait(r)
  if wait > 0 then return {'wait', wait} end
  take_rate(r)
  local keep = r.not_after - now + 172800000
  redis.call('SET', 'claim:' .. r.text_id, r.claim, 'PX', keep)
  if r.token then redis.call('SET', 'token:' .. r.token, r.text_id, 'PX', keep) end
  if r.counts then
    redis.call('SREM', 'free:' .. r.event, r.id)
    redis.call('SADD', 'cap:' .. r.event, r.id)
    redis.call('PEXPIRE', 'cap:' .. r.event, r.keep_cap)
  end
  redis.call('ZADD', 'drain:' .. r.ref, now + r.drain, r.claim)
  redis.call('PEXPIRE', 'drain:' .. r.ref, r.drain)
  return {'ok', now}
end

local answers = {}
for i, r in ipairs(cjson.decode(ARGV[2])) do answers[i] = judge(r) end
return cjson.encode(answers)
