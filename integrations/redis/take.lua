-- Takes one request of the budget KEYS[1]. Answers the milliseconds after which to
-- ask again, 0 if the request is taken, and the number of its window, or of the one
-- that is used up.
--
-- Times are milliseconds of the server's clock. The fields of the budget:
--   window  number of the present window
--   ends    when it ends; 0: no answer has told it yet
--   left    requests in it
--   out     requests taken in it of which nothing was noted
--   probes  requests taken in it before anything was known; probe: when the last was
--   late    milliseconds until the answer to such a request, as last seen
--   told    window in which somebody was told its end
--   was     end of the window before
--   paused  until when a 429 holds everybody back
--   quiet   until when the provider counts as one that tells no figures
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local found = redis.call('HMGET', KEYS[1], 'window', 'ends', 'left', 'probes', 'probe', 'late', 'told', 'paused', 'quiet')
local function field(i) return tonumber(found[i]) or 0 end
local window, ends, probes, late = found[1], field(2), field(4), math.max(field(6), 2)

if now < field(8) then
  return { field(8) - now, 0 }
end
if now < ends then
  if field(3) > 0 then
    redis.call('HINCRBY', KEYS[1], 'left', -1)
    redis.call('HINCRBY', KEYS[1], 'out', 1)
    return { 0, tonumber(window) }
  end
  if found[7] ~= window then -- the first to come back asks for all, so the others come after its answer
    redis.call('HSET', KEYS[1], 'told', window)
    return { ends - now, tonumber(window) }
  end
  return { ends - now + late, tonumber(window) }
end
if ends > 0 or not window then
  probes = 0
  window = string.format('%d', clock[1] * 1000000 + clock[2])
  redis.call('HSET', KEYS[1], 'window', window, 'was', ends, 'ends', 0, 'left', 0, 'out', 0)
end
if now >= field(9) then
  -- Each request that stays without an answer holds the next back for half as long.
  if probes > 0 and now < field(5) + math.floor(250 / 2 ^ (probes - 1)) then
    return { late, 0 }
  end
  redis.call('HSET', KEYS[1], 'probes', probes + 1, 'probe', now)
end
redis.call('HINCRBY', KEYS[1], 'out', 1)
redis.call('PEXPIRE', KEYS[1], 600000)
return { 0, tonumber(window) }
