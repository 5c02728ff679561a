-- Sends the requests of a file, each once, and counts what was confirmed. wrk calls these functions.
local threads = {}

function setup(thread)
    thread:set("number", #threads)
    table.insert(threads, thread)
end

function init(arguments)
    lines = io.lines(arguments[1] .. "-" .. number)
    saved, read, refused, first_refusal = 0, 0, 0, ""
end

function request()
    local line = lines()
    if line == nil then
        wrk.thread:stop()
        return wrk.format("GET", "/healthz")
    end
    local method, path, cookie, body = line:match("^(%u+)\t([^\t]*)\t([^\t]*)\t(.*)$")
    return wrk.format(method, path, {
        ["Cookie"] = cookie,
        ["Content-Type"] = "application/json",
        ["X-CSRFToken"] = cookie:match("csrftoken=(%w+)"),
    }, method == "POST" and body or nil)
end

function response(status, headers, body)
    if status == 200 and body:find('"state": *"saved"') then
        saved = saved + 1
    elseif status == 200 and body:find("<html", 1, true) then
        read = read + 1
    else
        refused = refused + 1
        if first_refusal == "" then first_refusal = status .. " " .. body:sub(1, 300):gsub("%s+", " ") end
    end
end

function done(summary, latency, requests)
    local total = {saved = 0, read = 0, refused = 0}
    local refusal = ""
    for _, thread in ipairs(threads) do
        for name in pairs(total) do total[name] = total[name] + thread:get(name) end
        if refusal == "" then refusal = thread:get("first_refusal") end
    end
    local failed = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
    print(string.format("RESULT saved=%d read=%d refused=%d failed=%d seconds=%.3f p50=%.2f p95=%.2f p99=%.2f",
        total.saved, total.read, total.refused, failed, summary.duration / 1e6,
        latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, latency:percentile(99) / 1e3))
    if refusal ~= "" then print("REFUSED " .. refusal) end
end
