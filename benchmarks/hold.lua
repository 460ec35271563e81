-- One seat a request, another buyer every fourth. Arguments: seats, access tokens. Counts 201 and 5xx.
local seats, tokens = {}, {}
local at = 0
local fives, held = 0, 0
local threads = {}

function setup(thread) threads[#threads + 1] = thread end

function init(args)
  for line in io.lines(args[1]) do seats[#seats + 1] = line end
  for line in io.lines(args[2]) do tokens[#tokens + 1] = line end
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  -- Neighbours in the file are neighbours in the hall: stride so that requests spread.
  stride = 7919
end

function request()
  local seat = seats[(at * stride) % #seats + 1]
  wrk.headers["Authorization"] = "Bearer " .. tokens[math.floor(at / 4) % #tokens + 1]
  at = at + 1
  return wrk.format(nil, nil, nil, '{"seats":["' .. seat .. '"]}')
end

function response(status)
  if status >= 500 then fives = fives + 1 end
  if status == 201 then held = held + 1 end
  five_count, held_count = fives, held
end

function done()
  local five_sum, held_sum = 0, 0
  for _, thread in ipairs(threads) do
    five_sum = five_sum + (thread:get("five_count") or 0)
    held_sum = held_sum + (thread:get("held_count") or 0)
  end
  io.write("5xx ", five_sum, "\n", "201 ", held_sum, "\n")
end
