"""What the benchmarks share: servers, clients, and the rows of the result.

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


def run(program, *arguments, timeout=60, check=True):
    """What one of our programs prints; nothing runs longer than it may."""
    done = subprocess.run([str(BUILD / program), *map(str, arguments)], capture_output=True, text=True,
                          timeout=timeout)
    if check and done.returncode != 0:
        raise SystemExit(f"{program} ended with {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout


def start_program(program, *arguments):
    """One of our programs beside what else is going on; `finish` says what it printed."""
    return subprocess.Popen([str(BUILD / program), *map(str, arguments)], stdout=subprocess.PIPE, text=True)


def finish(process, timeout=60):
    out, _ = process.communicate(timeout=timeout)
    if process.returncode != 0:
        raise SystemExit(f"{process.args[0]} ended with {process.returncode}: {out}")
    return out


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


def bounded(benchmark, name):
    """Whatever goes wrong in one benchmark is a missed goal; the others still run."""
    try:
        benchmark()
    except (Exception, SystemExit) as wrong:  # not Ctrl-C, not the end that SIGTERM asks for
        row(name, f"did not finish: {wrong}", "-", "to finish", False)


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


def processor_s(process):
    """Seconds of processor time that a process has used so far, of all threads."""
    nanoseconds = 0
    for task in pathlib.Path(f"/proc/{process.pid}/task").iterdir():
        nanoseconds += int((task / "schedstat").read_text().split()[0])
    return nanoseconds / 1e9


class Sandbox:
    """`onsale sandbox` as a process of its own; in memory, so that its disk is no part of a figure."""

    def __enter__(self):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = subprocess.Popen([str(BINARY), "sandbox", "--listen", f"127.0.0.1:{self.port}"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_open(self.port, self.process)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def processor_s(self):
        return processor_s(self.process)

    def fault(self, path, fault, **how):
        call("PUT", f"{self.url}/control/faults", {"path": path, "fault": fault, **how})

    def no_faults(self):
        call("DELETE", f"{self.url}/control/faults")

    def keys(self):
        """What a server needs to sell through it: both providers, their pages at the stand-in's own port."""
        return {"ONSALE_PAYMENTS_TOSS_API": f"{self.url}/toss",
                "ONSALE_PAYMENTS_TOSS_PAY_PAGE": f"{self.url}/toss/pay",
                "ONSALE_PAYMENTS_TOSS_CLIENT_KEY": "test_ck_bench",
                "ONSALE_PAYMENTS_TOSS_SECRET_KEY": "test_sk_bench",
                "ONSALE_PAYMENTS_KAKAOPAY_API": f"{self.url}/kakaopay",
                "ONSALE_PAYMENTS_KAKAOPAY_SECRET_KEY": "DEV0123456789"}


class Redis:
    """A redis-server of its own that keeps nothing."""

    def __enter__(self):
        self.port = free_port()
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""],
            stdout=subprocess.DEVNULL, cwd=tempfile.gettempdir())
        for _ in range(500):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.01)
        raise SystemExit("redis-server did not start")

    def benchmark(self):
        """SETs and GETs a second of redis-benchmark, over one connection, a thousand under way."""
        out = subprocess.run(["redis-benchmark", "-p", str(self.port), "-c", "1", "-P", "1000", "-d", "100",
                              "-n", "1000000", "-r", "1000", "-t", "set,get", "-q", "--csv"],
                             capture_output=True, text=True, timeout=60, check=True).stdout
        return statistics.harmonic_mean(
            [float(rate) for rate in re.findall(r'"[SG]ET","([\d.]+)"', out)])

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


class Onsale:
    def __init__(self, data=None, env=None, loops=1):
        self.data = data
        self.env = env or {}
        self.loops = loops
        self.process = None

    def __enter__(self):
        self.owned = self.data is None
        self.data = self.data or tempfile.mkdtemp(prefix="onsale-bench-")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def start(self):
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [str(BINARY), "serve", "--demo", "--listen", f"127.0.0.1:{self.port}", "--data", self.data],
            env={**os.environ, "ONSALE_LIMITS_RATE_ENABLED": "false",
                 "ONSALE_SERVER_LOOPS": str(self.loops), "ONSALE_LOG_LEVEL": "error", **self.env},
            stdout=subprocess.DEVNULL)
        self.ready()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def ready(self):
        while True:
            if self.process.poll() is not None:
                raise SystemExit("the server under test ended early")
            try:
                call("GET", f"{self.url}/health/ready")
                break
            except OSError:
                if time.monotonic() > self.began + 60:
                    raise SystemExit("the server under test did not become ready")
                time.sleep(0.005)
        self.ready_s = time.monotonic() - self.began

    def rss_mib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024

    def processor_s(self):
        return processor_s(self.process)

    def stop(self):
        if not self.process:
            return
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
    out = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 30).stdout
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    errors = re.search(r"Socket errors: (.*)", out)
    p99 = re.search(r"99%\s+(\S+)", out)
    return {"rate": float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]),
            "bad": int(bad[1]) if bad else 0, "errors": errors[1] if errors else "",
            "p99": p99[1] if p99 else "?", "out": out}


def rounds(name, reference, ours):
    """Both in turn, ROUNDS times: the medians of our rate, of the reference and of their ratio, and
    the last p99. `reference` answers a rate, `ours` what wrk() does."""
    rates, references, ratios = [], [], []
    for _ in range(ROUNDS):
        references.append(reference())
        done = ours()
        if done["bad"] or done["errors"]:
            print(f"   {name}: {done['bad']} bad answers {done['errors']}")
        rates.append(done["rate"])
        ratios.append(rates[-1] / references[-1])
    return statistics.median(rates), statistics.median(references), statistics.median(ratios), done["p99"]


def against_nginx(name, goal, url, nginx, **options):
    rate, reference, ratio, _ = rounds(name, lambda: wrk(nginx.url)["rate"], lambda: wrk(url, **options))
    row(name, f"{rate:,.0f}/s", f"{ratio:.2f} of nginx {reference:,.0f}", f">= {goal}", ratio >= goal)


def fill_room(server, room, count):
    """Joins `count` strangers; answers the file of their place tokens and numbers."""
    tokens = pathlib.Path(server.data) / "tokens.txt"
    run("fill_room", f"127.0.0.1:{server.port}", room, count, tokens, timeout=60 + count / 4_000)
    return tokens
