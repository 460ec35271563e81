#!/usr/bin/env python3
"""Builds and runs the test suites, and adds up what they counted.

usage: tools/run_tests.py [SUITE ...]

Suites: style (layers, tidy, format, lint), unit (C++ under address and undefined sanitizers, with
real databases), web (types, components), e2e (the real binary, real browser, real clients), tsan
(what has threads, under the thread sanitizer). Without a name: all but tsan.

End to end mostly waits: it runs in a process of its own, three files at a time, beside the other
suites, which build and work at a lower priority with what it leaves. Two programs run at a time; what
took longest the last time begins first. A test that fails is run once more by itself: one that passes then is reported as
flaky, by name, and counts as failed all the same. Logs and the times of the run (`tools/ci_time`
shows them) are kept in artifacts/.
"""
import atexit
import concurrent.futures
import contextlib
import functools
import json
import math
import os
import pathlib
import queue
import re
import resource
import signal
import subprocess
import sys
import threading
import time

from test_database import SharedMariadb

ROOT = pathlib.Path(__file__).resolve().parent.parent
ARTIFACTS = ROOT / "artifacts"
BESIDE = "--beside"  # how this program calls itself for e2e: no build, no report
PRIORITY = 10  # how much nicer than e2e what runs beside it is
SUITES = ("style", "unit", "web", "e2e")
NODE = ROOT / ".tools" / "node_modules" / "node" / "bin"  # tools/setup's, where Debian's is too old
AT_ONCE = 2
FILES_AT_ONCE = 3  # of e2e: a browser and a server wait for each other most of the time
TESTS_A_SHARD = 60  # of a program; its shards run beside each other
# How long each program and file took the last time, outside the checkout: CI's is always a new one.
TOOK = pathlib.Path(os.environ.get("HOME", ROOT)) / ".cache" / "onsale" / "took.json"
SLOWEST = 20
SANITIZERS = {
    "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1",
    "UBSAN_OPTIONS": "print_stacktrace=1",
    "TSAN_OPTIONS": f"halt_on_error=0:second_deadlock_stack=1:suppressions={ROOT}/tests/tsan.supp",
    "LSAN_OPTIONS": f"suppressions={ROOT}/tests/lsan.supp",
    "LLVM_SYMBOLIZER_PATH": "/usr/bin/llvm-symbolizer-19",
}


KEPT = ("passed", "failed", "skipped", "notes", "flaky", "slow", "steps")  # of what ran beside


class Count:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.notes = []
        self.flaky = []
        self.slow = []  # (seconds, test)
        self.steps = []  # {suite, step, wall, processor}
        self.took = {}  # seconds of each program and file
        self.suite = ""
        self.lock = threading.Lock()

    def add(self, name, passed, failed, skipped=0):
        with self.lock:
            self.passed += passed
            self.failed += failed
            self.skipped += skipped
            print(f"   {name}: {passed} passed, {failed} failed"
                  + (f", {skipped} skipped" if skipped else ""), flush=True)
            if failed:
                self.notes.append(name)

    @contextlib.contextmanager
    def step(self, title):
        """Takes the time of what runs inside: wall clock, and processor time of all children."""
        print(f"== {self.suite}: {title} ({time.strftime('%H:%M:%S')})", flush=True)
        began, used = time.monotonic(), processor_seconds()
        yield
        self.steps.append({"suite": self.suite, "step": title, "wall": time.monotonic() - began,
                           "processor": processor_seconds() - used})


def processor_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(command, **options):
    return subprocess.run(command, cwd=options.pop("cwd", ROOT), **options)


def must(command, **options):
    if run(command, **options).returncode != 0:
        print(f"\ncould not run: {' '.join(map(str, command))}", flush=True)
        print("0 passed, 1 failed")
        sys.exit(1)


def one(count, name, command, **options):
    """A check that counts as a single test."""
    ok = run(command, **options).returncode == 0
    count.add(name, int(ok), int(not ok))


def took_last():
    try:
        return json.loads(TOOK.read_text())
    except (OSError, ValueError):
        return {}


def side_by_side(count, tasks, at_once=AT_ONCE):
    """Runs every task {name: what to call}, `at_once` at a time. Those that nothing is
    known of begin first, in their order, then those that took longest the last time."""
    known = took_last()

    def timed(name):
        began = time.monotonic()
        tasks[name]()
        count.took[name] = time.monotonic() - began

    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        for done in [pool.submit(timed, name) for name in
                     sorted(tasks, key=lambda name: -known.get(name, math.inf))]:
            done.result()
    with contextlib.suppress(OSError):
        known = {**took_last(), **count.took}  # another process may have written meanwhile
        TOOK.parent.mkdir(parents=True, exist_ok=True)
        part = TOOK.with_suffix(f".{os.getpid()}")
        part.write_text(json.dumps(known))
        part.replace(TOOK)


def style(count):
    with count.step("layers and tidy"):
        for tool in ("check_layers", "tidy", "unity_groups", "mutate"):
            one(count, f"{tool}, self-test", [sys.executable, f"tools/{tool}", "--self-test"])
        one(count, "include direction", [sys.executable, "tools/check_layers"])
        one(count, "tidy", [sys.executable, "tools/tidy"])
    with count.step("format and lint"):
        must(["tools/build_server", "asan", "onsale_schema"])  # for its compile commands
        one(count, "format and lint", ["tools/lint"])


# ---- C++


def gtest_run(program, label, arguments, environment):
    """One run of a GoogleTest program: (report or None, exit code, log)."""
    report = ARTIFACTS / "unit" / f"{label}.json"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    log = report.with_suffix(".log")
    with log.open("w") as out:
        done = run([str(program), f"--gtest_output=json:{report}", *arguments], stdout=out,
                   stderr=subprocess.STDOUT, env={**os.environ, **SANITIZERS, **environment})
    try:
        return json.loads(report.read_text()), done.returncode, log
    except (OSError, ValueError):
        return None, done.returncode, log


def cases_of(report):
    for suite in report.get("testsuites", []):
        for case in suite["testsuite"]:
            yield f"{suite['name']}.{case['name']}", case


def gtest(count, program, label, arguments, environment):
    report, code, log = gtest_run(program, label, arguments, environment)
    failed = skipped = total = 0
    names = []
    for name, case in cases_of(report or {}):
        if case.get("status") == "NOTRUN":
            continue
        total += 1
        skipped += case.get("result") == "SKIPPED"
        with count.lock:
            count.slow.append((float(case["time"].rstrip("s")), f"{program.name} {name}"))
        if case.get("failures"):
            failed += 1
            names.append(name)
    if code != 0 and failed == 0:
        failed = 1  # died, or a sanitizer spoke
        total += 1
    if failed:
        print(log.read_text(errors="replace")[-6000:], flush=True)
    for name in names:
        again, again_code, _ = gtest_run(program, f"{label}.again", [f"--gtest_filter={name}"],
                                         environment)
        if again and again_code == 0 and any(True for _ in cases_of(again)):
            count.flaky.append(f"{program.name} {name}")
    count.add(label, total - failed - skipped, failed, skipped)


def tests_in(program, arguments):
    listed = run([str(program), "--gtest_list_tests", *arguments], capture_output=True, text=True,
                 env={**os.environ, **SANITIZERS})
    return sum(line.startswith("  ") for line in listed.stdout.splitlines())


def programs(preset):
    for program in sorted((ROOT / "build" / preset).rglob("*_test")):
        if program.is_file() and os.access(program, os.X_OK):
            yield program


def gtests(count, preset, arguments=()):
    with count.step(f"build ({preset})"):
        must(["tools/build_server", preset, "unit_tests"])
    with count.step(f"run ({preset})"), SharedMariadb() as database:
        work = {}
        for program in programs(preset):
            number = tests_in(program, arguments)
            shards = max(1, round(number / TESTS_A_SHARD))
            for shard in range(shards):
                label = program.name + (f".{shard + 1}of{shards}" if shards > 1 else "")
                environment = dict(database.environment, GTEST_TOTAL_SHARDS=str(shards),
                                   GTEST_SHARD_INDEX=str(shard))
                work[f"{preset} {label}"] = (number / shards, functools.partial(
                    gtest, count, program, label, arguments, environment))
        most = sorted(work, key=lambda name: -work[name][0])
        side_by_side(count, {name: work[name][1] for name in most})


def unit(count):
    gtests(count, "asan")


def tsan(count):
    # A negative control shows that a guard matters, not that threads agree.
    gtests(count, "tsan", ["--gtest_filter=-*NegativeControl*:*Million*"])


# ---- JavaScript


def tap_tests(text):
    """(name, passed, seconds) of every test at the top level."""
    lines = text.splitlines()
    for at, line in enumerate(lines):
        found = re.match(r"(ok|not ok) \d+ - (.*?)(?: # .*)?$", line)
        if not found:
            continue
        took = next((re.search(r"duration_ms: ([\d.]+)", after) for after in lines[at + 1:at + 4]
                     if "duration_ms" in after), None)
        yield found.group(2), found.group(1) == "ok", float(took.group(1)) / 1000 if took else 0


PORTS = queue.SimpleQueue()  # a range for each file that runs; above are those of outgoing connections
EACH = 20_000 // FILES_AT_ONCE
for number in range(FILES_AT_ONCE):
    PORTS.put(f"{12_000 + number * EACH}-{12_000 + (number + 1) * EACH}")


def node_run(file, log):
    log.parent.mkdir(parents=True, exist_ok=True)
    ports = PORTS.get()
    with log.open("w") as out:
        run(["node", "--test", "--test-concurrency=1", "--test-reporter=tap", file.name],
            cwd=file.parent, stdout=out, stderr=subprocess.STDOUT,
            env={**os.environ, "ONSALE_TEST_PORTS": ports})
    PORTS.put(ports)
    return log.read_text(errors="replace")


def node_test(count, file):
    name = file.stem.removesuffix(".test")
    text = node_run(file, ARTIFACTS / "e2e" / f"{file.stem}.log")
    numbers = {key: int(line.split()[2]) for line in text.splitlines()
               for key in ("pass", "fail", "skipped", "cancelled")
               if line.startswith(f"# {key} ")}
    failed = numbers.get("fail", 0) + numbers.get("cancelled", 0) + (0 if numbers else 1)
    with count.lock:
        count.slow += [(seconds, f"{name}: {test}") for test, _, seconds in tap_tests(text)]
    if failed:
        print(text[-8000:], flush=True)
        bad = {test for test, passed, _ in tap_tests(text) if not passed}
        again = node_run(file, ARTIFACTS / "e2e" / f"{file.stem}.again.log")
        good = {test for test, passed, _ in tap_tests(again) if passed}
        count.flaky += [f"{name}: {test}" for test in sorted(bad & good)]
    count.add(name, numbers.get("pass", 0), failed, numbers.get("skipped", 0))


def web(count):
    with count.step("build"):
        must(["tools/build_web"])
    with count.step("types, lint, components"):
        one(count, "types and lint", ["npm", "run", "--silent", "lint"], cwd=ROOT / "web")
        report = ARTIFACTS / "web.json"
        report.parent.mkdir(parents=True, exist_ok=True)
        report.unlink(missing_ok=True)
        run(["npx", "vitest", "run", "--reporter=json", f"--outputFile={report}"], cwd=ROOT / "web")
        result = json.loads(report.read_text()) if report.exists() else {}
        for file in result.get("testResults", []):
            for case in file.get("assertionResults", []):
                count.slow.append(((case.get("duration") or 0) / 1000, f"web: {case['fullName']}"))
        count.add("vitest", result.get("numPassedTests", 0),
                  result.get("numFailedTests", 0) + (0 if result else 1),
                  result.get("numPendingTests", 0))
        for file in sorted((ROOT / "gates/js/test").glob("*.test.mjs")):
            node_test(count, file)


def e2e_build(count):
    with count.step("build (release)"):
        must(["tools/build_web"])
        must(["tools/build_server", "release", "onsale", "onsale-load"])
        folder = ROOT / "tests" / "e2e"
        lock, stamp = folder / "package-lock.json", folder / "node_modules" / ".package-lock.json"
        if not stamp.exists() or lock.stat().st_mtime > stamp.stat().st_mtime:
            must(["npm", "ci", "--no-fund", "--no-audit", "--loglevel=error"], cwd=folder)
            stamp.touch()


def e2e(count):
    with count.step("run"):
        files = sorted((ROOT / "tests/e2e").glob("*.test.mjs"), key=lambda file: -file.stat().st_size)
        side_by_side(count, {file.name: functools.partial(node_test, count, file) for file in files},
                     FILES_AT_ONCE)


class Beside:
    """The end-to-end suite, running while others build and work."""

    def __init__(self):
        self.results = ARTIFACTS / "e2e.json"
        self.results.unlink(missing_ok=True)
        self.log = ARTIFACTS / "e2e.log"
        with self.log.open("w") as out:
            self.process = subprocess.Popen([sys.executable, __file__, BESIDE], stdout=out,
                                            stderr=subprocess.STDOUT, start_new_session=True)
        atexit.register(self.stop)

    def stop(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)

    def wait(self, count):
        self.process.wait()
        atexit.unregister(self.stop)
        print(self.log.read_text(errors="replace"), end="", flush=True)
        if not self.results.exists():
            count.add("e2e", 0, 1)
            return
        results = json.loads(self.results.read_text())
        for name in KEPT:
            setattr(count, name, getattr(count, name) + results[name])


# ---- the end


def report_of(count, began):
    for name in count.flaky:
        print(f"flaky (failed, then passed; counts as failed): {name}")
    slowest = sorted(map(tuple, count.slow), reverse=True)[:SLOWEST]
    print(f"the slowest {SLOWEST} tests:")
    for seconds, name in slowest:
        print(f"  {seconds:6.1f} s  {name}")
    (ARTIFACTS / "times.json").write_text(json.dumps(
        {"began": time.strftime("%Y-%m-%d %H:%M"), "steps": count.steps,
         "wall": time.monotonic() - began, "processors": os.cpu_count(),
         "slowest": slowest}, indent=1))
    subprocess.run([sys.executable, ROOT / "tools/ci_time"])
    if count.notes:
        print("failed: " + ", ".join(count.notes))


def beside():
    count = Count()
    count.suite = "e2e"
    e2e(count)
    (ARTIFACTS / "e2e.json").write_text(json.dumps({name: getattr(count, name) for name in KEPT}))


def main():
    if sys.argv[1:] in (["--help"], ["-h"]):
        print(__doc__.strip())
        return
    if NODE.is_dir():
        os.environ["PATH"] = f"{NODE}{os.pathsep}{os.environ['PATH']}"
    if sys.argv[1:] == [BESIDE]:
        return beside()
    chosen = sys.argv[1:] or SUITES
    if unknown := [name for name in chosen if name not in (*SUITES, "tsan")]:
        sys.exit(f"unknown suite {unknown[0]}; there are: {' '.join(SUITES)} tsan")
    ARTIFACTS.mkdir(exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that e2e is stopped too
    count = Count()
    began = time.monotonic()
    waits = None
    if "e2e" in chosen:
        count.suite = "e2e"
        e2e_build(count)
        waits = Beside()
        os.nice(PRIORITY)
    for name in chosen:
        if name != "e2e":
            count.suite = name
            globals()[name](count)
    if waits:
        waits.wait(count)
    report_of(count, began)
    print(f"took {time.monotonic() - began:.0f} s")
    print(f"{count.passed} passed, {count.failed} failed"
          + (f", {count.skipped} skipped" if count.skipped else ""))
    sys.exit(1 if count.failed or not count.passed else 0)


main()
