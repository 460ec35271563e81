"""The waiting room's figures: its engine alone, a million people in one room, and how fast a turn is told."""
import json
import math
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import engine_plot
from controls import controls
from harness import BUILD, ROOT, ROUNDS, Nginx, Onsale, against_nginx, call, fill_room, row, run

MILLION = 1_000_000
PEOPLE = int(os.environ.get("PEOPLE", MILLION))  # of `million`; fewer while it is being worked on
ENGINE_PEOPLE = int(os.environ.get("ENGINE_PEOPLE", 10 * MILLION))
COMPARED = os.environ.get("COMPARED", "0.1")  # of the people of tools/compare_waiting_rooms
LOOKED_EVERY = 5
PUSH_SCALES = os.environ.get("PUSH_SCALES", "1 10").split()
FIGURES = ROOT / "docs" / "figures"

ENGINE_GOALS = {"join": "a join", "sign of life": "a sign of life", "call in a tick": "a call in a tick",
                "leave": "leaving"}


def engine():
    """The engine alone, processor time of one core: nothing else on the machine is in these figures."""
    out = run("waitroom_bench", ENGINE_PEOPLE, timeout=300)
    print(out, end="")
    costs = {}
    for what, people, rate, cost in re.findall(r"^(.+?) +(\d+) waiting +([\d.]+) M/s +(\d+) ns", out, re.M):
        costs.setdefault(what, {})[int(people)] = (float(rate), float(cost))
    ratios = {(what, int(people)): ratio for what, people, ratio in
              re.findall(r"^(.+?) +(\d+) waiting .* ([\d.]+) x unordered_map", out, re.M)}
    for what, said in ENGINE_GOALS.items():
        rate = costs[what][MILLION][0]
        ratio = ratios.get((what, MILLION))
        row(f"engine, {said}", f"{rate:.1f} M/s, 1,000,000 waiting",
            f"{ratio} of unordered_map" if ratio else "-", ">= 2 M/s", rate >= 2)
    admit = float(re.search(r"^admit 50000 of 1000000 in one step: ([\d.]+) ms", out, re.M)[1])
    row("engine, 50,000 admitted at once", f"{admit:.1f} ms", "-", "<= 50 ms", admit <= 50)
    each = float(re.search(rf"^memory +{MILLION} waiting +([\d.]+) bytes", out, re.M)[1])
    row("engine, a place beside its key", f"{each:.1f} bytes", "-", "<= 64 bytes", each <= 64)
    # Caches hold short lines and not long ones, which multiplies what any of this costs by some ten.
    least, *_, most = sorted(costs["position"])
    decades = math.log10(most / least)
    worst = max(costs, key=lambda what: costs[what][most][1] / costs[what][least][1])
    growth = (costs[worst][most][1] / costs[worst][least][1]) ** (1 / decades)
    row(f"engine, {least:,} to {most:,}", f"{worst}: {growth:.1f} x for ten x as many",
        f"log n {(math.log(most) / math.log(least)) ** (1 / decades):.1f}, root n 3.2, n 10", "<= 2.8", growth <= 2.8)
    FIGURES.mkdir(exist_ok=True)
    (FIGURES / "engine-cost.svg").write_text(engine_plot.svg(
        {what: {people: cost for people, (_, cost) in series.items()} for what, series in costs.items()}))


def sample(tokens, every):
    """Some of the tokens, from all over the line."""
    few = tokens.with_suffix(".few")
    with open(tokens) as lines, open(few, "w") as out:
        out.writelines(line for i, line in enumerate(lines) if i % every == 0)
    return few


def called_so_far(server, room):
    """How many the log says were let in, while the server is down. Fails when the log is not whole."""
    said = run("onsale", "room", "replay", room, "--data", server.data, timeout=120)
    return int(re.search(r"^people inside: (\d+)", said, re.M)[1])


def first_call_after_start(server, headers, room, called):
    """Seconds from the start until the room says that more than `called` people were let in."""
    while time.monotonic() < server.began + 60:
        if call("GET", f"{server.url}/api/v1/admin/rooms/{room}", headers=headers)["active"] > called:
            return time.monotonic() - server.began
        time.sleep(0.002)
    raise SystemExit("nobody was let in after the restart")


def log_is_right(server, room):
    """Whether the log alone gives the room as it is, and a stranger's program finds it whole."""
    run("onsale", "room", "replay", room, "--data", server.data, timeout=120)
    log = pathlib.Path(server.data) / "room.log"
    run("onsale", "room", "export", room, "--data", server.data, "--out", log, timeout=120)
    done = subprocess.run([sys.executable, str(ROOT / "tools" / "verify_log.py"), str(log)],
                          capture_output=True, text=True, timeout=180)
    if done.returncode != 0:
        raise SystemExit(f"verify_log.py: {done.stdout}{done.stderr}")
    counts = {fact: int(count) for count, fact in re.findall(r"(\d+) ([a-z_]+)", done.stdout.splitlines()[1])}
    log.unlink()
    return counts


def million():
    """A million people wait: reads, kill -9, the order, what a place takes."""
    print(f"   control: {controls(BUILD)} lies of a server, all noticed by those who judge the line below")
    with Onsale() as server:
        room = server.film_room()
        admin = f"/api/v1/admin/rooms/{room}"
        headers = server.admin()
        call("PATCH", server.url + admin, {"mode": "paused", "grace_seconds": 7200, "no_show_seconds": 3600,
                                           "idle_seconds": 3600, "session_seconds": 7200}, headers)
        before, began = server.rss_mib(), time.monotonic()
        tokens = fill_room(server, room, PEOPLE)
        took, grown = time.monotonic() - began, server.rss_mib() - before
        # fill_room judges it and ends with an error otherwise
        row(f"{PEOPLE:,} joins, their order", "0 inversions, 0 duplicates", f"{PEOPLE / took:,.0f}/s", "0", True)
        print(f"   resident: {grown * 1024 * 1024 / PEOPLE:.0f} bytes a waiting place, with its token's proof")
        with Nginx() as nginx:
            against_nginx(f"GET places/me, {PEOPLE:,} waiting", 0.5,
                          f"{server.url}/api/v1/rooms/{room}/places/me", nginx, script="place.lua",
                          arguments=[sample(tokens, max(1, PEOPLE // 100_000))])
        restarts(server, room, tokens, admin, headers)


def restarts(server, room, tokens, admin, headers):
    """kill -9 while people are let in, some times over; then many are asked. The first of the line show life,
    as open pages do: nobody else is called."""
    first = tokens.with_suffix(".first")
    with open(tokens) as lines, open(first, "w") as out:
        out.writelines(line for line in lines if int(line.split()[1]) <= 1_000)
    run("look_room", f"127.0.0.1:{server.port}", room, first)
    call("PATCH", server.url + admin, {"mode": "queue", "capacity": 10_000_000, "admit_per_minute": 600}, headers)
    readies, calls = [], []
    for _ in range(ROUNDS):
        time.sleep(1.3)
        server.kill()
        called = called_so_far(server, room)
        server.start()
        readies.append(server.ready_s)
        calls.append(first_call_after_start(server, headers, room, called))
    call("PATCH", server.url + admin, {"mode": "paused"}, headers)
    print(f"   resident after the restart: {server.rss_mib():.0f} MiB, "
          f"{server.rss_mib() * 1024 * 1024 / PEOPLE:.0f} bytes a place")
    # No server trusts a token that it did not sign or check in this life, so each costs a signature check.
    some = sample(tokens, LOOKED_EVERY)
    looked = (PEOPLE + LOOKED_EVERY - 1) // LOOKED_EVERY
    seen = json.loads(run("look_room", f"127.0.0.1:{server.port}", room, some, timeout=120, check=False))
    row(f"kill -9, {PEOPLE:,} waiting: ready", f"{max(readies):.2f} s, the longest of {ROUNDS}", "-", "< 5 s", max(readies) < 5)
    row("   and the next person is called", f"{max(calls):.2f} s, the longest of {ROUNDS}", "-", "< 5 s", max(calls) < 5)
    right = seen["looked"] == looked and seen["lost"] == seen["renumbered"] == 0 and seen["in_order"]
    row(f"   {looked:,} of them ask again", f"{seen['lost']} lost"
        f"{', in order' if seen['in_order'] else ', OUT OF ORDER'}", "-", "0 lost, in order", right)
    counts = log_is_right(server, room)
    row("   the log replayed and verified", f"{counts['joined']:,} joined in order", "-", "all", counts["joined"] == PEOPLE)


def slots():
    """A simulated crowd in front of the production host, in virtual time: are slots used by living people?

    Nobody leaves from inside without a word: such a slot is idle for idle_seconds, whatever the line does.
    """
    for scenario, said in (("abandon", "half of the line gives up"), ("bots", "nine in ten are bots")):
        out = run("compare_queues", "--size", COMPARED, "--only", scenario, "--walk-away", 0, timeout=120)
        cells = [cell.strip() for cell in re.search(r"^\| *onsale *\|(.*)\|$", out, re.M)[1].split("|")]
        living, given, inversions, told = cells[0], cells[1], cells[2], cells[8]
        row(f"slots, {said}", f"{living} used by the living", f"{given} given, {inversions} inversions", ">= 98 % used",
            float(living.split()[0]) >= 98 and inversions == "0")
        row("   from a free slot to being told", f"p99 {told}", "virtual time", "< 1 s", float(told.split()[0]) < 1)


def waits():
    """Ten kinds of evenings in virtual time: do the waits that people are told come true?"""
    out = run("wait_bands", "--gtest_filter=PaceScenarios.WaitsComeTrue", timeout=180, check=False)
    errors = [(float(steady), float(step)) for steady, step in re.findall(r"error ([-\d.]+), step ([-\d.]+)", out)]
    p80, band = (float(share) for share in re.search(r"^all: .* p80 ([\d.]+) .* band ([\d.]+)", out, re.M).groups())
    row("waits, the 80 % band", f"holds {band:.1%} of real waits", f"p80 holds {p80:.1%}", "75 to 85 %", 0.75 <= band <= 0.85)
    steady, step = (max(column) for column in zip(*errors))
    row(f"   median error, worst of {len(errors)}", f"{steady:.1%} steady", "-", "<= 15 %", steady <= 0.15)
    row("   a minute after a step", f"{step:.1%}, the worst", "-", "<= 25 %", step <= 0.25)


def push():
    """From the decision to call somebody to "your turn" on that person's open line."""
    for scale in PUSH_SCALES:
        with Onsale() as server, tempfile.TemporaryDirectory(prefix="onsale-load-") as out:
            run("onsale-load", "--server", server.url, "--room", server.film_room(), "--scenario",
                ROOT / "loadtool" / "scenarios" / "1000.toml", "--admin", "admin@onsale.test:onsale-demo-1!",
                "--scale", scale, "--speed", 2, "--quiet", "--out", out, timeout=150)
            report = json.loads((pathlib.Path(out) / "report.json").read_text())
            news = report["calls"]["news"]
            row(f"{report['people']:,} people: told of their turn", f"p50 {news['p50_ms']:.0f} ms, p99 {news['p99_ms']:.0f} ms",
                f"{news['count']:,} on open lines", "p99 < 1,000 ms", news["p99_ms"] < 1000)
