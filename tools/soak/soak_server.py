"""The add-in's server under the load of a team, and for a million calls.

    python tools/soak/soak_server.py load --users 200 --calls 50 --seconds 60
    python tools/soak/soak_server.py memory --calls 1000000

Both start `xlhedge serve` and speak to it over TLS on the loopback alone. `load`: each user asks
for so many cells once a second, on a connection of its own; the time from a question to its answer
is counted, also while it waits for the one before. `memory`: no call is made twice; memory is what
the system counts for the server's processes after the first tenth of the calls: the workers reach
their size within the first hundred thousand, so a shorter run needs a larger --growth. Needs Linux.
"""

import argparse
import asyncio
import json
import ssl
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
import soak

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "helpers"))
from office_host import Server

MOST_GROWTH = 1.05
BATCH = 200
CONNECTIONS = 4
RARE = ("ACCOUNT_PROBABILITY", "ACCOUNT_BUFFER")
"""Simulations, beside those of `soak`: left out of the mix, since they measure the processor."""


def cell(random, number):
    """A call as a cell of a position sheet makes it; one in ten is an error."""
    price = 70_000 * random.uniform(0.5, 1.5) * (-1 if number % 10 == 0 else 1)
    kinds = (
        lambda: ["LIQ_PRICE", [-1, price, 7000, 0.005]],
        lambda: ["BASIS", [price, 70_000, "bp"]],
        lambda: ["HEDGE_CONTRACTS", [random.uniform(1, 1000), price]],
        lambda: ["CARRY_RATE", [price, 71_000, 30]],
        lambda: ["MARGIN_RATIO", [-1, 70_000, price, 9000, 0.005]],
        lambda: ["CONTRACT_PNL", [-2, 70_000, price]],
        lambda: ["VAR_NORMAL", [1e6, random.uniform(0.2, 1.2), 0.99, 10]],
        lambda: ["LIQ_PROBABILITY", [70_000, price, 0.6, 30]],
    )
    return kinds[number % len(kinds)]()


def mixed(random, number):
    """Calls of the whole catalogue, one in five, among those of a position sheet."""
    names = [name for name in soak.order(random) if name not in {*soak.RARE, *RARE}]
    calls = []
    for name in names:
        calls.append([name, soak.arguments(name, random, number)])
        calls += [cell(random, number + i) for i in range(4)]
        number += 5
    return calls


def plain(value):
    """A cell as JSON has it."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, str) and value.startswith("#"):
        return {"error": value}
    return None if isinstance(value, float) and not np.isfinite(value) else value


def request(server, calls):
    body = json.dumps({"calls": [[name, plain(list(given))] for name, given in calls]}).encode()
    head = (
        f"POST /call HTTP/1.1\r\nHost: localhost:{server.port}\r\n"
        f"Authorization: Bearer {server.token}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def answer(reader):
    """Status and body of an answer."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.decode().lower().split("\r\n")
    length = next(int(line.split(":")[1]) for line in lines if line.startswith("content-length"))
    return int(lines[0].split()[1]), await reader.readexactly(length)


def connect(server):
    context = ssl.create_default_context(cafile=server.authority)
    return asyncio.open_connection("localhost", server.port, ssl=context)


async def user(server, number, options, times, statuses):
    random = np.random.default_rng(number)
    bodies = [
        request(server, [cell(random, number + 7 * i + 50 * k) for i in range(options.calls)])
        for k in range(10)
    ]
    reader, writer = await connect(server)
    begin = time.monotonic() + 3 + random.uniform(0, 1)
    for second in range(options.seconds):
        due = begin + second
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        writer.write(bodies[second % 10])
        status, content = await answer(reader)
        times.append(time.monotonic() - due)
        statuses[status] += 1
        if status == 200 and content.count(b'"value"') != options.calls:
            statuses["incomplete"] += 1
    writer.close()


async def load(server, options):
    times, statuses = [], Counter()
    users = (user(server, n, options, times, statuses) for n in range(options.users))
    before = cpu(server)
    await asyncio.gather(*users)
    spent = (cpu(server) - before) / options.seconds
    cuts = statistics.quantiles(times, n=1000)
    print(
        f"{options.users} users, {options.calls} calls a second each, {options.seconds} s:"
        f" {sum(statuses.values()):,} requests, {dict(statuses)};"
        f" median {1000 * cuts[499]:.0f} ms, 95 % {1000 * cuts[949]:.0f} ms,"
        f" 99 % {1000 * cuts[989]:.0f} ms, longest {1000 * max(times):.0f} ms;"
        f" the server took {spent:.2f} processors, this program {time.process_time():.0f} s"
    )
    return set(statuses) == {200}


def processes(server):
    """The server's process and those that it started."""
    main = server.process.pid
    lists = Path(f"/proc/{main}/task").glob("*/children")
    return [main, *(int(child) for file in lists for child in file.read_text().split())]


def cpu(server):
    """Processor time of the server's processes so far."""
    total = 0.0
    for number in processes(server):
        fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) / 100
    return total


def megabytes(server):
    """Memory that is held in the machine's: of the server itself, and with its processes."""
    pages = [int(Path(f"/proc/{p}/statm").read_text().split()[1]) for p in processes(server)]
    return pages[0] * 4096 / 1e6, sum(pages) * 4096 / 1e6


async def memory(server, options):
    random = np.random.default_rng(9)
    links = [await connect(server) for _ in range(CONNECTIONS)]
    done, samples, waiting = 0, [], []
    step = options.calls // 50
    while done < options.calls:
        while len(waiting) < BATCH * CONNECTIONS:
            waiting += mixed(random, done + len(waiting))
        batches = [waiting[i * BATCH : (i + 1) * BATCH] for i in range(CONNECTIONS)]
        del waiting[: BATCH * CONNECTIONS]
        for (_, writer), batch in zip(links, batches, strict=True):
            writer.write(request(server, batch))
        for reader, _ in links:
            status, content = await answer(reader)
            assert status == 200, content
            assert content.count(b'"value"') == BATCH
        done += BATCH * CONNECTIONS
        if done // step > len(samples):
            samples.append(megabytes(server))
    own, together = zip(*samples, strict=True)
    warm = together[len(samples) // 10]
    growth = statistics.median(together[-len(samples) // 4 :]) / warm
    shown = " ".join(f"{item:.0f}" for item in together[:: max(len(samples) // 10, 1)])
    print(
        f"{done:,} calls: {warm:.1f} MB after the first tenth, {together[-1]:.1f} MB at the end"
        f" ({shown}), {growth - 1:+.2%}; the server itself {own[len(samples) // 10]:.1f} MB"
        f" and {own[-1]:.1f} MB"
    )
    return growth < options.growth


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("what", choices=["load", "memory"])
    parser.add_argument("--users", type=int, default=200)
    parser.add_argument("--calls", type=int, help="a second and user; of the whole run for memory")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--growth", type=float, default=MOST_GROWTH, help="of memory, allowed")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    options.calls = options.calls or (50 if options.what == "load" else 1_000_000)
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), workers=options.workers).start()
        try:
            work = load if options.what == "load" else memory
            held = asyncio.run(work(server, options))
        finally:
            server.stop()
    if not held:
        sys.exit(f"the promise of {options.what} is not held")


if __name__ == "__main__":
    main()
