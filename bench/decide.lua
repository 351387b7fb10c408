-- One new decision a request: everything is fixed but the decision id, which counts up and differs between threads.
local prefix, suffix, origin = os.getenv("BENCH_PREFIX"), os.getenv("BENCH_SUFFIX"), os.getenv("BENCH_ORIGIN")
local thread_count = 0

function setup(thread)
  thread:set("number", thread_count)
  thread_count = thread_count + 1
end

function init()
  math.randomseed(os.time() + number * 7919)
  -- Browsers send random ids: the idempotency table must not profit from ids that come in order.
  random = math.random
end

function request()
  local id = string.format("%08x-%04x-4%03x-8%03x-%08x%04x", random(0, 4294967295), random(0, 65535),
    random(0, 4095), random(0, 4095), random(0, 4294967295), random(0, 65535))
  return wrk.format("POST", nil, { ["Content-Type"] = "text/plain", ["Origin"] = origin }, prefix .. id .. suffix)
end

function done(summary, latency)
  io.write(string.format('JSON {"requests": %d, "microseconds": %d, "errors": %d, "p50": %d, "p99": %d}\n',
    summary.requests, summary.duration,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status + summary.errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
