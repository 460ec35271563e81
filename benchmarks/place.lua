-- Each request looks at another place of the room. Arguments: the file of tokens,
-- which may have more in each line.
local headers = {}
local next_one = 0

function init(args)
  for line in io.lines(args[1]) do
    headers[#headers + 1] = wrk.format("GET", nil, { ["Onsale-Place"] = line:match("%S+") })
  end
end

function request()
  next_one = next_one % #headers + 1
  return headers[next_one]
end
