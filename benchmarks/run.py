#!/usr/bin/env python3
"""Runs the benchmarks of ./bench. Every figure has a goal; where one makes sense, a ratio to a reference
of the same run."""
import contextlib
import functools
import os
import pathlib
import random
import re
import shutil
import signal
import statistics
import sys
import tempfile
import time

from harness import (RESULTS, ROUNDS, SECONDS, Nginx, Onsale, Redis, Sandbox, against_nginx, bounded, call, fill_room,
                     finish, rounds, row, run, start_program, wrk)
from waiting_room import engine, million, push, slots, waits


def live():
    with Nginx() as nginx, Onsale() as server:
        against_nginx("GET /health/live", 0.8, f"{server.url}/health/live", nginx)


# The buckets of addresses and of places are asked, and never empty.
GENEROUS = {"ONSALE_LIMITS_RATE_ENABLED": "true", "ONSALE_LIMITS_RATE_PER_SECOND": "100000",
            "ONSALE_LIMITS_RATE_BURST": "1000000"}


def place():
    for limits, env in (("", {}), (", limits on", GENEROUS)):
        with Nginx() as nginx, Onsale(env=env) as server:
            room = server.film_room()
            call("PATCH", f"{server.url}/api/v1/admin/rooms/{room}",
                 {"mode": "paused", "grace_seconds": 600}, server.admin())
            tokens = fill_room(server, room, 100_000)
            against_nginx(f"GET places/me, 100,000{limits}", 0.5,
                          f"{server.url}/api/v1/rooms/{room}/places/me", nginx,
                          script="place.lua", arguments=[tokens])


def join():
    with Onsale() as server:
        room = server.film_room()
        call("PATCH", f"{server.url}/api/v1/admin/rooms/{room}",
             {"mode": "paused", "grace_seconds": 600}, server.admin())
        url = f"{server.url}/api/v1/rooms/{room}/places"
        rate, reference, ratio, p99 = rounds("join", lambda: float(run("sqlite_reference", "join")),
                                             lambda: wrk(url, connections=256, script="join.lua"))
        row("POST places, durable", f"{rate:,.0f}/s, p99 {p99}", f"{ratio:.2f} of SQLite {reference:,.0f}",
            ">= 20,000/s", rate >= 20_000)


def unproven():
    """A million joins of strangers while the room demands proof: no place, no memory."""
    with Nginx() as nginx, Onsale() as server:
        room = server.film_room()
        headers = server.admin()
        call("PATCH", f"{server.url}/api/v1/admin/rooms/{room}", {"proof": "on"}, headers)
        join = {"url": f"{server.url}/api/v1/rooms/{room}/places", "script": "join.lua"}
        asked = wrk(seconds=1, **join)["bad"]  # whatever a first request makes is there now
        before, rates, references = server.rss_mib(), [], []
        while asked < 1_000_000:
            references.append(wrk(nginx.url)["rate"])
            rates.append(wrk(**join)["rate"])
            asked += round(rates[-1] * SECONDS)
        grown = server.rss_mib() - before
        places = call("GET", f"{server.url}/api/v1/rooms/{room}")
        places = places["waiting"] + places["active"]
        rate, reference = statistics.median(rates), statistics.median(references)
        row(f"{asked:,} joins without proof", f"{places} places, {grown:+.1f} MiB, {rate:,.0f}/s",
            f"{rate / reference:.2f} of nginx {reference:,.0f}", "0 places, flat",
            places == 0 and grown < 4)


def hold_store():
    out = run("hold_bench", timeout=120)
    print(out, end="")
    ratio = float(re.findall(r"ratio[ =:]+([\d.]+)", out)[-1])
    row("hold at the store", "see above", f"{ratio:.2f} of raw SQLite", ">= 0.5", ratio >= 0.5)


@contextlib.contextmanager
def stadium(buyers, env=None):
    """A server with a performance of 60,000 seats, files of its seats and of buyers' access tokens."""
    data = tempfile.mkdtemp(prefix="onsale-bench-")
    try:
        with Onsale(data=data):
            pass
        tokens = pathlib.Path(data) / "tokens.txt"
        run("make_buyers", data, buyers, tokens)
        with Onsale(data=data, env=env) as server:
            shows = call("GET", f"{server.url}/api/v1/shows?limit=100")["items"]
            big = next(s for s in shows if s["seats_total"] >= 60_000 and not s.get("room_id"))
            performance = call("GET", f"{server.url}/api/v1/shows/{big['id']}/performances")["items"][0]
            seats = pathlib.Path(data) / "seats.txt"
            plan = call("GET", f"{server.url}/api/v1/performances/{performance['id']}/seatmap")
            seats.write_text("\n".join(seat["id"] for section in plan["sections"]
                                       for line in section["rows"] for seat in line["seats"]))
            yield server, performance["id"], seats, tokens
    finally:
        shutil.rmtree(data, ignore_errors=True)


def hold_http():
    with stadium(buyers=15_000) as (server, performance, seats, tokens):
        seconds = 2  # 60,000 seats do not last longer
        reference = float(run("sqlite_reference", "hold"))
        ours = wrk(f"{server.url}/api/v1/performances/{performance}/holds", connections=256,
                   script="hold.lua", arguments=[seats, tokens], seconds=seconds)
        fives, held = (int(re.search(rf"{code} (\d+)", ours["out"])[1]) for code in ("5xx", "201"))
        rate = held / seconds
        row("POST holds, durable, 60,000 seats", f"{rate:,.0f}/s, p99 {ours['p99']}, {fives} 5xx",
            f"{rate / reference:.2f} of SQLite {reference:,.0f}", ">= 12,000/s, no 5xx",
            rate >= 12_000 and fives == 0)


PAYING = int(os.environ.get("PAYING", "256"))  # buyers at once


def paid():
    """From the hold to the tickets, through the stand-in and its pay page over HTTP; the processor time of
    server, stand-in and client apart: all three share this machine, and only the server is ours to sell."""
    with Sandbox() as sandbox, stadium(buyers=15_000, env=sandbox.keys()) as (server, performance, seats, tokens):
        seconds = 8
        reference = float(run("sqlite_reference", "hold"))
        before = server.processor_s(), sandbox.processor_s()
        out = run("paid_bench", f"127.0.0.1:{server.port}", performance, seats, tokens, seconds, PAYING, "toss")
        used = server.processor_s() - before[0], sandbox.processor_s() - before[1]
        figure = {name: float(value) for name, value in re.findall(r"(\w+) ([\d.]+)", out)}
        rate = figure["paid_per_second"]
        each = [seconds_used * 1000 / figure["paid"] for seconds_used in used] + [figure["client_ms_each"]]
        print(f"   processor ms for each: server {each[0]:.3f}, stand-in {each[1]:.3f}, client {each[2]:.3f}; "
              f"p50 {figure['p50_ms']:.0f} ms, p99 {figure['p99_ms']:.0f} ms; "
              f"by the server's own time {1000 / each[0]:,.0f}/s for a core, "
              f"{2000 / sum(each):,.0f}/s for two cores and all three")
        row("paid for, hold to tickets", f"{rate:,.0f}/s, {figure['fives']:.0f} 5xx",
            f"{rate / reference:.3f} of SQLite {reference:,.0f}", ">= 2,500/s, no 5xx",
            rate >= 2_500 and figure["fives"] == 0 and figure["refused"] == 0)


def everybody_else(server, room, places, shown, performance, seats, tokens, seconds, providers):
    """One run of the mixed load beside buyers who pay: p99 of each kind, tickets and refusals by provider."""
    here = f"127.0.0.1:{server.port}"

    def own(file, count, name):
        """The next lines of a file, taken out of it: nobody meets what somebody else used up."""
        lines = file.read_text().split()
        file.write_text("\n".join(lines[count:]))
        part = file.with_name(f"{name}-of-{file.name}")
        part.write_text("\n".join(lines[:count]))
        return part

    def fresh(name, count):
        return own(seats, count, name), own(tokens, count // 4, name)

    buying = {provider: start_program("paid_bench", here, performance, *fresh(provider, seconds * 44), seconds, 1000,
                                      provider, 40)
              for provider in providers}
    out = run("mixed_bench", here, room, places, shown, performance, *fresh("holds", seconds * 204), seconds)
    said = {kind: {name: float(value) for name, value in re.findall(r"(\w+) ([\d.]+)", line)}
            for kind, line in re.findall(r"^(\w+) (.*)$", out, re.M)}
    bought = {provider: {name: float(value) for name, value in re.findall(r"(\w+) ([\d.]+)", finish(one))}
              for provider, one in buying.items()}
    return said, bought


def hanging():
    """One provider hangs on every call: what do positions, maps, holds and the other provider's buyers feel?
    Rounds with and without take turns on the same server."""
    seconds = 12  # longer than a call may take: most of them hang first, then the breaker is open
    with Sandbox() as sandbox, stadium(buyers=15_000, env=sandbox.keys()) as (server, performance, seats, tokens):
        film = next(s for s in call("GET", f"{server.url}/api/v1/shows?kind=film")["items"] if s.get("room_id"))
        room = film["room_id"]
        shown = call("GET", f"{server.url}/api/v1/shows/{film['id']}/performances")["items"][0]["id"]
        call("PATCH", f"{server.url}/api/v1/admin/rooms/{room}", {"mode": "paused", "grace_seconds": 600},
             server.admin())
        buyers = tokens.rename(tokens.with_name("buyers.txt"))
        places = fill_room(server, room, 20_000)
        shuffled = seats.read_text().split()
        random.Random(1).shuffle(shuffled)
        seats.write_text("\n".join(shuffled))
        load = functools.partial(everybody_else, server, room, places, shown, performance, seats, buyers, seconds,
                                 ("toss", "kakaopay"))
        load()  # whatever the first ones make is there now
        for hangs, other, path in (("toss", "kakaopay", "/toss/v1/"), ("kakaopay", "toss", "/kakaopay/online/")):
            calm, hung = [], []
            for _ in range(ROUNDS):
                calm.append(load())
                sandbox.fault(path, "delay_ms", min_ms=60_000, max_ms=60_000)
                hung.append(load())
                sandbox.no_faults()
                time.sleep(22)  # calls that hang are over, and the breaker lets somebody try
            fives = sum(kind["fives"] for said, _ in calm + hung for kind in said.values())
            paid = [sum(bought[other]["paid"] for _, bought in some) for some in (calm, hung)]
            for kind in ("position", "map", "hold"):
                with_it, without = ([said[kind]["p99_ms"] for said, _ in some] for some in (hung, calm))
                ratio = statistics.median(with_it) / statistics.median(without)
                row(f"{hangs} hangs, p99 of a {kind}", f"{statistics.median(with_it):.1f} ms, "
                    f"{statistics.median(without):.1f} ms without", f"{ratio:.2f}", "< 1.2", ratio < 1.2)
            row(f"{hangs} hangs, paid with {other}", f"{paid[1]:,.0f}, {paid[0]:,.0f} without, {fives:.0f} 5xx",
                f"{paid[1] / paid[0]:.2f}", ">= 0.9", paid[1] >= 0.9 * paid[0] and fives == 0)


def sockets():
    with Onsale() as server:
        room = server.film_room()
        headers = server.admin()
        call("PATCH", f"{server.url}/api/v1/admin/rooms/{room}",
             {"mode": "queue", "capacity": 1, "grace_seconds": 600}, headers)
        tokens = fill_room(server, room, 15_001)
        before = server.rss_mib()
        token = headers["authorization"].split()[1]
        out = run("sockets_bench", f"127.0.0.1:{server.port}", room, tokens, 15_000, server.process.pid, token)
        print(out, end="")
        each = (float(re.search(r"rss_mib_after ([\d.]+)", out)[1]) - before) * 1024 / 15_000
        reach = float(re.search(r"all_reached_ms ([\d.]+)", out)[1])
        row("15,000 WebSockets, memory", f"{each:.1f} KiB each", "-", "<= 12 KiB", each <= 12)
        row("15,000 WebSockets, new position", f"{reach:,.0f} ms to reach all", "-", "<= 1,000 ms", reach <= 1000)


def start():
    data = tempfile.mkdtemp(prefix="onsale-bench-")
    try:
        with Onsale(data=data):
            pass
        times, sizes = [], []
        for _ in range(ROUNDS + 2):
            with Onsale(data=data, loops=2) as server:
                times.append(server.ready_s)
                time.sleep(2)
                sizes.append(server.rss_mib())
        row("start to ready, demo data", f"{statistics.median(times):.2f} s", "-", "<= 0.5 s", statistics.median(times) <= 0.5)
        row("resident when idle", f"{statistics.median(sizes):.0f} MiB", "-", "<= 80 MiB", statistics.median(sizes) <= 80)
    finally:
        shutil.rmtree(data, ignore_errors=True)


def kv():
    """Our Redis client against hiredis alone; redis-benchmark for comparison."""
    with Redis() as redis:
        ours, references, ratios, rival = [], [], [], []
        for _ in range(ROUNDS):
            out = run("kv_bench", redis.port, SECONDS)
            figure = {who: (float(rate), float(each)) for who, rate, each in
                      re.findall(r"(\w+) (\d+) (\d+)", out)}
            ours.append(figure["ours"])
            references.append(figure["hiredis"])
            ratios.append(figure["ours"][1] / figure["hiredis"][1])
            rival.append(redis.benchmark())
        print(f"   over one connection: ours {statistics.median(r for r, _ in ours):,.0f}/s, hiredis "
              f"{statistics.median(r for r, _ in references):,.0f}/s, redis-benchmark -c 1 -P 1000 "
              f"{statistics.median(rival):,.0f}/s")
        ratio = statistics.median(ratios)
        row("Redis commands, pipelined", f"{statistics.median(c for _, c in ours):,.0f} a core second",
            f"{ratio:.2f} of hiredis {statistics.median(c for _, c in references):,.0f}", ">= 0.5", ratio >= 0.5)


ALL = {"live": live, "place": place, "join": join, "unproven": unproven, "hold_store": hold_store, "hold_http": hold_http, "paid": paid, "hanging": hanging,
       "sockets": sockets, "start": start, "engine": engine, "slots": slots, "waits": waits,
       "push": push, "million": million, "kv": kv}


def end_in_order(*_):
    """Ends servers and removes folders on the way out, as Ctrl-C does."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    chosen = sys.argv[1:] or list(ALL)
    for name in chosen:
        if name not in ALL:
            sys.exit(f"unknown benchmark {name}; there are: {' '.join(ALL)}")
    signal.signal(signal.SIGTERM, end_in_order)
    for name in chosen:
        bounded(ALL[name], name)
    missed = [name for name, *_, met in RESULTS if not met]
    print(f"{len(RESULTS) - len(missed)} goals met, {len(missed)} missed" + (": " + ", ".join(missed) if missed else ""))
