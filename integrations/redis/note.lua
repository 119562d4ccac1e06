-- Notes in the budget KEYS[1] what became of a request. take.lua describes its
-- fields; beside those there are
--   guess   milliseconds that the last window was taken to last
--   short   a guess that was too short, which counts until shortly
-- The arguments: window, status, limit, remaining (-1: not told), milliseconds until
-- the reset (0: not told), of the length of a window (0) and of Retry-After (0).
local window, status, limit, remaining = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local reset, length, retry = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local found = redis.call('HMGET', KEYS[1], 'window', 'ends', 'left', 'out', 'probe', 'was', 'paused', 'guess', 'short', 'shortly')
local function field(i) return tonumber(found[i]) or 0 end

if found[1] ~= window then
  return 0 -- it is of a window that has passed
end
local out = math.max(field(4) - 1, 0)
redis.call('HSET', KEYS[1], 'out', out)

if status == 429 then
  local wait = retry > 0 and retry or reset > 0 and reset or 1000
  if field(2) == 0 and field(6) > 0 and now < field(6) + 1000 then -- the window before had not ended
    redis.call('HSET', KEYS[1], 'short', field(8), 'shortly', now + 50 * field(8))
  end
  redis.call('HSET', KEYS[1], 'paused', math.max(field(7), now + wait))
  redis.call('HDEL', KEYS[1], 'window', 'ends')
  redis.call('PEXPIRE', KEYS[1], wait + 600000)
elseif remaining >= 0 and reset > 0 then
  if field(2) > 0 and now + reset <= field(2) + 1000 then
    redis.call('HSET', KEYS[1], 'left', math.min(field(3), remaining)) -- less: others take too
    return 0
  end
  local lasts = reset
  if limit > 0 and remaining + 1 + out >= limit then -- the window has just begun
    local guess = length
    if guess == 0 then -- the reset is told in whole seconds: the shortest length that fits it
      local short = now < field(10) and field(9) or 0
      guess = (math.floor(math.max(reset - 1000, short) / 1000) + 1) * 1000
      if field(8) <= reset + now - field(5) then -- an answer that comes late makes the length seem less
        guess = math.max(guess, field(8))
      end
    end
    redis.call('HSET', KEYS[1], 'guess', guess)
    lasts = math.min(guess, reset + 1000)
  end
  redis.call('HSET', KEYS[1], 'ends', now + lasts, 'left', math.max(remaining - out, 0), 'quiet', 0)
  if field(5) > 0 then
    redis.call('HSET', KEYS[1], 'late', math.min(now - field(5), 250))
  end
  redis.call('PEXPIRE', KEYS[1], lasts + 600000)
elseif field(2) == 0 and status > 0 and status ~= 401 then
  redis.call('HSET', KEYS[1], 'quiet', now + 60000)
end
return 0
