-- Asks for one person's records after the other; the paths are lines of the file that BENCH_PATHS names.
local paths, at = {}, 0
for line in io.lines(os.getenv("BENCH_PATHS")) do paths[#paths + 1] = line end
function request()
  at = at % #paths + 1
  return wrk.format("GET", paths[at], {["Authorization"] = "Bearer " .. os.getenv("BENCH_TOKEN")})
end
function done(summary, latency)
  io.write(string.format('JSON {"requests": %d, "microseconds": %d, "errors": %d, "p50": %d, "p99": %d}\n',
    summary.requests, summary.duration,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status + summary.errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
