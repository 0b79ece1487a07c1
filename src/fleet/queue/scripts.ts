/** Scripts run in Redis without another command in between. Each returns a text or a number. */

/**
 * Stores the result of a slice if it is the first one, counts it, and ends the run if it was the last. If the run already has too many lines, the
 * short result is stored. Returns `gone` if the run was removed or
 * submitted anew, `present` if there was a result, `finished` if it ended the run, else `stored`.
 */
export const storeResult = `
local run, results, order = KEYS[1], KEYS[2], KEYS[3]
local round, slice, result, bad, nowMs = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local lineBytes, mostLineBytes, short = ARGV[6], tonumber(ARGV[7]), ARGV[8]
if redis.call('HGET', run, 'round') ~= round then return 'gone' end
local answer = 'present'
if redis.call('HEXISTS', results, slice) == 0 then
  answer = 'stored'
  if short ~= '' and redis.call('HINCRBY', run, 'lineBytes', lineBytes) > mostLineBytes then result = short end
  redis.call('HSET', results, slice, result)
  redis.call('RPUSH', order, slice)
  redis.call('HINCRBY', run, 'bad', bad)
  for i = 9, #ARGV, 2 do redis.call('HINCRBY', run, ARGV[i], ARGV[i + 1]) end
end
if redis.call('HGET', run, 'state') ~= 'running' then return answer end
if redis.call('HLEN', results) < tonumber(redis.call('HGET', run, 'slices')) then return answer end
redis.call('HSET', run, 'state', 'finished', 'finishedAtMs', nowMs)
return 'finished'
`

/** Replaces the run by a new round, whose other keys no longer expire, if the lease is still held. Returns 0 if it is not. */
export const publishRun = `
local lease, run, runs = KEYS[1], KEYS[2], KEYS[3]
local holder, runId, nowMs = ARGV[1], ARGV[2], ARGV[3]
if redis.call('GET', lease) ~= holder then return 0 end
redis.call('DEL', run)
for i = 4, #ARGV, 2 do redis.call('HSET', run, ARGV[i], ARGV[i + 1]) end
for i = 4, #KEYS do redis.call('PERSIST', KEYS[i]) end
redis.call('ZADD', runs, nowMs, runId)
return 1
`

/** Marks a run whose jobs were all added as running, or as finished if all results are there. Returns its state, or `gone`. */
export const startRun = `
local run, results = KEYS[1], KEYS[2]
local round, nowMs = ARGV[1], ARGV[2]
if redis.call('HGET', run, 'round') ~= round then return 'gone' end
local state = redis.call('HGET', run, 'state')
if state ~= 'submitting' then return state end
state = 'running'
if redis.call('HLEN', results) >= tonumber(redis.call('HGET', run, 'slices')) then
  state = 'finished'
  redis.call('HSET', run, 'finishedAtMs', nowMs)
end
redis.call('HSET', run, 'state', state)
return state
`

/** Cancels a run that has not ended. Returns the state that it has then, or `gone`. */
export const cancelRun = `
local run = KEYS[1]
local nowMs = ARGV[1]
local state = redis.call('HGET', run, 'state')
if not state then return 'gone' end
if state == 'running' or state == 'submitting' then
  state = 'cancelled'
  redis.call('HSET', run, 'state', state, 'finishedAtMs', nowMs)
end
return state
`

/** Lets the keys of a round expire, and the run if it still has that round. A key that expires earlier stays so. */
export const expireRun = `
local afterMs = tonumber(ARGV[2])
for i, key in ipairs(KEYS) do
  local leftMs = redis.call('PTTL', key)
  local isOwn = i > 1 or redis.call('HGET', key, 'round') == ARGV[1]
  if isOwn and (leftMs < 0 or leftMs > afterMs) then redis.call('PEXPIRE', key, afterMs) end
end
return 1
`

/** Keeps or takes a lease. Returns 0 if another holds it. */
export const holdLease = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`

export const dropLease = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`
