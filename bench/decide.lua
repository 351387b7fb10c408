-- One new decision a request: everything is fixed but the decision id, which is random as a browser's is, so that the
-- idempotency table does not profit from ids that come in order.
local prefix, suffix, origin = os.getenv("BENCH_PREFIX"), os.getenv("BENCH_SUFFIX"), os.getenv("BENCH_ORIGIN")
local seed = tonumber(os.getenv("BENCH_SEED"))
local headers = { ["Content-Type"] = os.getenv("BENCH_CONTENT_TYPE") or "text/plain", ["Origin"] = origin }
-- Some peers take ids of the base58 alphabet alone, which has no hyphen and no nought.
local base58 = os.getenv("BENCH_ID") == "base58"
local random = math.random

function init()
  math.randomseed(seed)
end

function request()
  local id = string.format("%08x-%04x-4%03x-8%03x-%08x%04x", random(0, 4294967295), random(0, 65535),
    random(0, 4095), random(0, 4095), random(0, 4294967295), random(0, 65535))
  if base58 then
    id = id:gsub("-", ""):gsub("0", "z")
  end
  return wrk.format("POST", nil, headers, prefix .. id .. suffix)
end

dofile(debug.getinfo(1, "S").source:match("^@(.*)%f[^/][^/]*$") .. "report.lua")
