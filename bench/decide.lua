-- One new decision a request: everything is fixed but the decision id, which is random as a browser's is, so that the
-- idempotency table does not profit from ids that come in order.
local prefix, suffix, origin = os.getenv("BENCH_PREFIX"), os.getenv("BENCH_SUFFIX"), os.getenv("BENCH_ORIGIN")
local seed = tonumber(os.getenv("BENCH_SEED"))
local headers = { ["Content-Type"] = "text/plain", ["Origin"] = origin }
local random = math.random

function init()
  math.randomseed(seed)
end

function request()
  local id = string.format("%08x-%04x-4%03x-8%03x-%08x%04x", random(0, 4294967295), random(0, 65535),
    random(0, 4095), random(0, 4095), random(0, 4294967295), random(0, 65535))
  return wrk.format("POST", nil, headers, prefix .. id .. suffix)
end

dofile(debug.getinfo(1, "S").source:match("^@(.*)%f[^/][^/]*$") .. "report.lua")
