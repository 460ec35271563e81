#!/usr/bin/env python3
"""Builds and runs the test suites, and adds up what they counted.

Suites: style (layers, tidy, lint), unit (C++ with real databases), web (types, components),
e2e (the real binary, real browser, real clients). Artifacts are kept in artifacts/.
"""
import json
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
ARTIFACTS = ROOT / "artifacts"
SUITES = ("style", "unit", "web", "e2e")
NODE = ROOT / ".tools" / "node_modules" / "node" / "bin"  # tools/setup's, where Debian's is too old


class Count:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.notes = []

    def add(self, name, passed, failed, skipped=0):
        self.passed += passed
        self.failed += failed
        self.skipped += skipped
        print(f"   {name}: {passed} passed, {failed} failed"
              + (f", {skipped} skipped" if skipped else ""), flush=True)
        if failed:
            self.notes.append(name)


def run(command, **options):
    return subprocess.run(command, cwd=options.pop("cwd", ROOT), **options)


def step(title):
    print(f"== {title} ({time.strftime('%H:%M:%S')})", flush=True)


def must(command, **options):
    if run(command, **options).returncode != 0:
        print(f"\ncould not run: {' '.join(map(str, command))}", flush=True)
        print("0 passed, 1 failed")
        sys.exit(1)


def one(count, name, command, **options):
    """A check that counts as a single test."""
    ok = run(command, **options).returncode == 0
    count.add(name, int(ok), int(not ok))


def style(count):
    step("style")
    one(count, "include direction, self-test", [sys.executable, "tools/check_layers", "--self-test"])
    one(count, "include direction", [sys.executable, "tools/check_layers"])
    one(count, "tidy, self-test", [sys.executable, "tools/tidy", "--self-test"])
    one(count, "tidy", [sys.executable, "tools/tidy"])
    must(["tools/build_server", "debug", "onsale_schema"])  # for its compile commands
    one(count, "format and lint", ["tools/lint"])


def gtest(count, program, environment=None):
    report = ARTIFACTS / "unit" / (program.name + ".json")
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    log = report.with_suffix(".log")
    with log.open("w") as out:
        done = run([str(program), f"--gtest_output=json:{report}"], stdout=out,
                   stderr=subprocess.STDOUT, env={**os.environ, **(environment or {})})
    result = json.loads(report.read_text()) if report.exists() else {"tests": 0, "failures": 0}
    failed = result["failures"] + result.get("errors", 0)
    skipped = sum(1 for suite in result.get("testsuites", []) for case in suite["testsuite"]
                  if case.get("result") == "SKIPPED")
    if done.returncode != 0 and failed == 0:
        failed = 1  # died, or a sanitizer spoke
    if failed:
        print(log.read_text()[-6000:], flush=True)
    count.add(program.name, max(0, result["tests"] - result["failures"] - skipped), failed, skipped)


def unit(count, preset="debug"):
    step(f"unit ({preset})")
    must(["tools/build_server", preset])
    environment = {
        "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1",
        "UBSAN_OPTIONS": "print_stacktrace=1",
        "TSAN_OPTIONS": f"halt_on_error=0:second_deadlock_stack=1:suppressions={ROOT}/tests/tsan.supp",
        "LSAN_OPTIONS": f"suppressions={ROOT}/tests/lsan.supp",
        "RC_PARAMS": os.environ.get("RC_PARAMS", ""),
    }
    for program in sorted((ROOT / "build" / preset).rglob("*_test")):
        if program.is_file() and os.access(program, os.X_OK):
            gtest(count, program, environment)


def node_test(count, file):
    log = ARTIFACTS / "e2e" / (file.stem + ".log")
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as out:
        run(["node", "--test", "--test-concurrency=1", "--test-reporter=tap", file.name],
            cwd=file.parent, stdout=out, stderr=subprocess.STDOUT)
    text = log.read_text()
    numbers = {key: int(line.split()[2]) for line in text.splitlines()
               for key in ("pass", "fail", "skipped", "cancelled")
               if line.startswith(f"# {key} ")}
    failed = numbers.get("fail", 0) + numbers.get("cancelled", 0) + (0 if numbers else 1)
    if failed:
        print(text[-8000:], flush=True)
    count.add(file.stem.removesuffix(".test"), numbers.get("pass", 0), failed,
              numbers.get("skipped", 0))


def web(count):
    step("web")
    must(["tools/build_web"])
    one(count, "types and lint", ["npm", "run", "--silent", "lint"], cwd=ROOT / "web")
    report = ARTIFACTS / "web.json"
    report.parent.mkdir(parents=True, exist_ok=True)
    run(["npx", "vitest", "run", "--reporter=json", f"--outputFile={report}"], cwd=ROOT / "web")
    result = json.loads(report.read_text()) if report.exists() else {}
    count.add("vitest", result.get("numPassedTests", 0),
              result.get("numFailedTests", 0) + (0 if result else 1),
              result.get("numPendingTests", 0))
    for file in sorted((ROOT / "gates/js/test").glob("*.test.mjs")):
        node_test(count, file)


def e2e(count):
    step("e2e")
    must(["tools/build_web"])
    must(["tools/build_server", "release", "onsale"])
    folder = ROOT / "tests" / "e2e"
    lock, stamp = folder / "package-lock.json", folder / "node_modules" / ".package-lock.json"
    if not stamp.exists() or lock.stat().st_mtime > stamp.stat().st_mtime:
        must(["npm", "ci", "--no-fund", "--no-audit", "--loglevel=error"], cwd=folder)
        stamp.touch()
    for file in sorted(folder.glob("*.test.mjs")):
        node_test(count, file)


def main():
    if NODE.is_dir():
        os.environ["PATH"] = f"{NODE}{os.pathsep}{os.environ['PATH']}"
    chosen = sys.argv[1:] or SUITES
    count = Count()
    began = time.monotonic()
    for name in chosen:
        if name in SUITES:
            globals()[name](count)
        elif name in ("asan", "tsan"):
            unit(count, name)
        else:
            sys.exit(f"unknown suite {name}; there are: {' '.join(SUITES)} asan tsan")
    if count.notes:
        print("failed: " + ", ".join(count.notes))
    print(f"took {time.monotonic() - began:.0f} s")
    print(f"{count.passed} passed, {count.failed} failed"
          + (f", {count.skipped} skipped" if count.skipped else ""))
    sys.exit(1 if count.failed or not count.passed else 0)


main()
