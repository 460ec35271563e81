"""Negative controls of the clients that judge a room: a server that lies on purpose, to see that they notice.

Run by ./bench before the room of a million; alone: benchmarks/controls.py [FOLDER-OF-THE-PROGRAMS]."""
import json
import pathlib
import socketserver
import subprocess
import sys
import tempfile
import threading

from harness import BUILD, free_port

JOINS = 500


class Liar(socketserver.ThreadingTCPServer):
    """Answers joins and looks as `lie` has it; `lie` takes the true number and gives the members."""
    allow_reuse_address = daemon_threads = True

    def __init__(self, lie):
        super().__init__(("127.0.0.1", free_port()), Answers)
        self.lie, self.lock, self.joined = lie, threading.Lock(), 0
        self.address = "127.0.0.1:%d" % self.server_address[1]

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class Answers(socketserver.StreamRequestHandler):
    def handle(self):
        while first := self.rfile.readline():
            length, token = 0, b""
            while (line := self.rfile.readline().strip()):
                name, _, value = line.partition(b": ")
                length = int(value) if name == b"Content-Length" else length
                token = value if name == b"Onsale-Place" else token
            self.rfile.read(length)
            if first.startswith(b"POST"):
                with self.server.lock:
                    self.server.joined += 1
                    number = self.server.joined
            else:
                number = int(token.removeprefix(b"t"))
            body = json.dumps({"place": f"t{number}", **self.server.lie(number)}, separators=(",", ":")).encode()
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))


def waits(number, position=None):
    return {"state": "waiting", "number": number, "position": position or number}


FILLED = {  # what fill_room is told -> how it must end
    "numbers as they come": (waits, 0),
    "a number given twice": (lambda n: waits(n - n % 2), 1),
    "a lower number later": (lambda n: waits(1_000_000 - n), 1),
}
LOOKED = {  # what look_room is told -> what it must say
    "everybody where they were": (waits, {"lost": 0, "renumbered": 0, "in_order": True}),
    "somebody is gone": (lambda n: waits(n) if n != 77 else {"state": "left", "number": n}, {"lost": 1}),
    "another number": (lambda n: waits(n + (n == 78), n), {"renumbered": 1}),
    "two in the other order": (lambda n: waits(n, {80: 81, 81: 80}.get(n)), {"in_order": False}),
    "called before somebody earlier": (
        lambda n: {"state": "admitted", "number": n} if n == 300 else waits(n), {"in_order": False}),
}


def program(folder, name, *arguments):
    return subprocess.run([str(pathlib.Path(folder) / name), *map(str, arguments)], capture_output=True,
                          text=True, timeout=60)


def controls(folder):
    """How many lies there were; ends with an error when one passes, or the truth does not."""
    with tempfile.TemporaryDirectory() as scratch:
        tokens = pathlib.Path(scratch) / "tokens.txt"
        for what, (lie, ends_with) in FILLED.items():
            with Liar(lie) as server:
                done = program(folder, "fill_room", server.address, "film-x", JOINS, tokens)
            if done.returncode != ends_with:
                raise SystemExit(f"fill_room, {what}: ended with {done.returncode}: {done.stdout}{done.stderr}")
        tokens.write_text("".join(f"t{n} {n}\n" for n in range(1, JOINS + 1)))
        for what, (lie, says) in LOOKED.items():
            with Liar(lie) as server:
                done = program(folder, "look_room", server.address, "film-x", tokens)
            said = json.loads(done.stdout)
            good = says.get("lost") == 0
            if any(said[key] != value for key, value in says.items()) or (done.returncode == 0) != good:
                raise SystemExit(f"look_room, {what}: ended with {done.returncode}: {done.stdout}{done.stderr}")
    return len(FILLED) + len(LOOKED) - 2


if __name__ == "__main__":
    print(f"{controls(sys.argv[1] if len(sys.argv) > 1 else BUILD)} lies, all noticed")
