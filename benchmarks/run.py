#!/usr/bin/env python3
"""Runs the benchmarks of ./bench. Every figure comes with a ratio to a reference of the same run.

The reference server is nginx with one worker and `return 200`; the server under test has one loop;
the client is the same wrk with one thread. Rounds alternate, and the median ratio is printed.
"""
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "release"
BINARY = BUILD / "onsale"
ROUNDS = int(os.environ.get("ROUNDS", "3"))
SECONDS = int(os.environ.get("SECONDS_EACH", "4"))
RESULTS = []


def free_port():
    """Below the range that outgoing connections take theirs from."""
    while True:
        port = random.randrange(12000, 32000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


def call(method, url, body=None, headers=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method, headers={
        **({"content-type": "application/json"} if data else {}), **(headers or {})})
    with urllib.request.urlopen(request, timeout=30) as answer:
        text = answer.read()
        return json.loads(text) if text else None


def row(name, figure, ratio, goal, met):
    RESULTS.append((name, figure, ratio, goal, met))
    print(f"{name:34} {figure:>34}   {ratio:>22}   goal {goal:<14} {'met' if met else 'MISSED'}",
          flush=True)


class Nginx:
    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="onsale-nginx-")
        self.port = free_port()
        config = pathlib.Path(self.folder) / "nginx.conf"
        config.write_text(f"""
worker_processes 1; pid {self.folder}/pid; error_log {self.folder}/error.log; daemon off;
events {{ worker_connections 20000; }}
http {{ access_log off; keepalive_requests 100000000;
  server {{ listen 127.0.0.1:{self.port} reuseport; location / {{ default_type application/json;
    return 200 '{{"status":"UP"}}'; }} }} }}""")
        self.process = subprocess.Popen(["/usr/sbin/nginx", "-c", str(config), "-p", self.folder],
                                        stderr=subprocess.DEVNULL)
        wait_open(self.port)
        self.url = f"http://127.0.0.1:{self.port}/"
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder)


def wait_open(port, process=None):
    for _ in range(600):
        if process and process.poll() is not None:
            raise SystemExit("the server under test ended early")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("the server under test did not listen")


class Onsale:
    def __init__(self, data=None, env=None, loops=1):
        self.data = data
        self.env = env or {}
        self.loops = loops

    def __enter__(self):
        self.owned = self.data is None
        self.data = self.data or tempfile.mkdtemp(prefix="onsale-bench-")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [str(BINARY), "serve", "--demo", "--listen", f"127.0.0.1:{self.port}", "--data", self.data],
            env={**os.environ, "ONSALE_LIMITS_RATE_ENABLED": "false",
                 "ONSALE_SERVER_LOOPS": str(self.loops), "ONSALE_LOG_LEVEL": "warn", **self.env},
            stdout=subprocess.DEVNULL)
        self.ready()
        return self

    def ready(self):
        while True:
            if self.process.poll() is not None:
                raise SystemExit("the server under test ended early")
            try:
                call("GET", f"{self.url}/health/ready")
                break
            except OSError:
                time.sleep(0.005)
        self.ready_s = time.monotonic() - self.began

    def rss_mib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def __exit__(self, *_):
        self.stop()
        if self.owned:
            shutil.rmtree(self.data, ignore_errors=True)

    def admin(self):
        token = call("POST", f"{self.url}/api/v1/auth/login",
                     {"email": "admin@onsale.test", "password": "onsale-demo-1!"})["access_token"]
        return {"authorization": f"Bearer {token}"}

    def film_room(self):
        shows = call("GET", f"{self.url}/api/v1/shows?kind=film")["items"]
        return next(show["room_id"] for show in shows if show.get("room_id"))


def wrk(url, connections=64, seconds=SECONDS, script=None, arguments=(), threads=1):
    command = ["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s", "--latency"]
    if script:
        command += ["-s", str(ROOT / "benchmarks" / script)]
    command += [url, "--", *map(str, arguments)]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    errors = re.search(r"Socket errors: (.*)", out)
    p99 = re.search(r"99%\s+(\S+)", out)
    return {"rate": float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]),
            "bad": int(bad[1]) if bad else 0, "errors": errors[1] if errors else "",
            "p99": p99[1] if p99 else "?", "out": out}


def against_nginx(name, goal, url, nginx, **options):
    ratios, rates, references = [], [], []
    for _ in range(ROUNDS):
        reference = wrk(nginx.url)["rate"]
        ours = wrk(url, **options)
        if ours["bad"] or ours["errors"]:
            print(f"   {name}: {ours['bad']} bad answers {ours['errors']}")
        rates.append(ours["rate"])
        references.append(reference)
        ratios.append(ours["rate"] / reference)
    ratio = statistics.median(ratios)
    row(name, f"{statistics.median(rates):,.0f}/s", f"{ratio:.2f} of nginx {statistics.median(references):,.0f}",
        f">= {goal}", ratio >= goal)


def live():
    with Nginx() as nginx, Onsale() as server:
        against_nginx("GET /health/live", 0.8, f"{server.url}/health/live", nginx)


def fill_room(server, room, count):
    """Joins `count` strangers; answers their place tokens."""
    tokens = pathlib.Path(server.data) / "tokens.txt"
    subprocess.run([str(BUILD / "fill_room"), f"127.0.0.1:{server.port}", room, str(count), str(tokens)],
                   check=True)
    return tokens


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
        rates, ratios, references = [], [], []
        for _ in range(ROUNDS):
            reference = float(subprocess.run([str(BUILD / "sqlite_reference"), "join"], check=True,
                                             capture_output=True, text=True).stdout)
            ours = wrk(f"{server.url}/api/v1/rooms/{room}/places", connections=256, script="join.lua")
            if ours["bad"] or ours["errors"]:
                print(f"   join: {ours['bad']} bad answers {ours['errors']}")
            rates.append(ours["rate"])
            references.append(reference)
            ratios.append(ours["rate"] / reference)
        rate = statistics.median(rates)
        row("POST places, durable", f"{rate:,.0f}/s, p99 {ours['p99']}",
            f"{statistics.median(ratios):.2f} of SQLite {statistics.median(references):,.0f}", ">= 20,000/s", rate >= 20_000)


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
    out = subprocess.run([str(BUILD / "hold_bench")], check=True, capture_output=True, text=True).stdout
    print(out, end="")
    ratio = float(re.findall(r"ratio[ =:]+([\d.]+)", out)[-1])
    row("hold at the store", "see above", f"{ratio:.2f} of raw SQLite", ">= 0.5", ratio >= 0.5)


def hold_http():
    data = tempfile.mkdtemp(prefix="onsale-bench-")
    try:
        with Onsale(data=data):
            pass
        tokens = pathlib.Path(data) / "tokens.txt"
        subprocess.run([str(BUILD / "make_buyers"), data, "15000", str(tokens)], check=True)
        with Onsale(data=data) as server:
            shows = call("GET", f"{server.url}/api/v1/shows?limit=100")["items"]
            big = next(s for s in shows if s["seats_total"] >= 60_000 and not s.get("room_id"))
            performance = call("GET", f"{server.url}/api/v1/shows/{big['id']}/performances")["items"][0]
            seats = pathlib.Path(data) / "seats.txt"
            plan = call("GET", f"{server.url}/api/v1/performances/{performance['id']}/seatmap")
            seats.write_text("\n".join(seat["id"] for section in plan["sections"]
                                       for line in section["rows"] for seat in line["seats"]))
            seconds = 2  # 60,000 seats do not last longer
            reference = float(subprocess.run([str(BUILD / "sqlite_reference"), "hold"], check=True,
                                             capture_output=True, text=True).stdout)
            ours = wrk(f"{server.url}/api/v1/performances/{performance['id']}/holds", connections=256,
                       script="hold.lua", arguments=[seats, tokens], seconds=seconds)
            fives, held = (int(re.search(rf"{code} (\d+)", ours["out"])[1]) for code in ("5xx", "201"))
            rate = held / seconds
            row("POST holds, durable, 60,000 seats", f"{rate:,.0f}/s, p99 {ours['p99']}, {fives} 5xx",
                f"{rate / reference:.2f} of SQLite {reference:,.0f}", ">= 5,000/s, no 5xx",
                rate >= 5_000 and fives == 0)
    finally:
        shutil.rmtree(data, ignore_errors=True)


def sockets():
    with Onsale() as server:
        room = server.film_room()
        headers = server.admin()
        call("PATCH", f"{server.url}/api/v1/admin/rooms/{room}",
             {"mode": "queue", "capacity": 1, "grace_seconds": 600}, headers)
        tokens = fill_room(server, room, 15_001)
        before = server.rss_mib()
        token = headers["authorization"].split()[1]
        out = subprocess.run([str(BUILD / "sockets_bench"), f"127.0.0.1:{server.port}", room, str(tokens),
                              "15000", str(server.process.pid), token], check=True, capture_output=True, text=True).stdout
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


ALL = {"live": live, "place": place, "join": join, "unproven": unproven, "hold_store": hold_store, "hold_http": hold_http,
       "sockets": sockets, "start": start}

if __name__ == "__main__":
    chosen = sys.argv[1:] or list(ALL)
    for name in chosen:
        if name not in ALL:
            sys.exit(f"unknown benchmark {name}; there are: {' '.join(ALL)}")
    for name in chosen:
        ALL[name]()
    missed = [name for name, *_, met in RESULTS if not met]
    print(f"{len(RESULTS) - len(missed)} goals met, {len(missed)} missed" + (": " + ", ".join(missed) if missed else ""))
