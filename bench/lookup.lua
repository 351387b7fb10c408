-- Asks for one person's records after the other; the paths are lines of the file that BENCH_PATHS names.
local paths, at = {}, 0
for line in io.lines(os.getenv("BENCH_PATHS")) do paths[#paths + 1] = line end
function request()
  at = at % #paths + 1
  return wrk.format("GET", paths[at], {["Authorization"] = "Bearer " .. os.getenv("BENCH_TOKEN")})
end
dofile(debug.getinfo(1, "S").source:match("^@(.*)%f[^/][^/]*$") .. "report.lua")
