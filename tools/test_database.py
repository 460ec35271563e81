"""One MariaDB for all test programs of a run: each makes databases of its own in it. A program that
is started alone starts a server of its own (tests/contract/mariadb_server.h)."""
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

PROGRAMS = ("/usr/sbin/mariadbd", "/usr/local/sbin/mariadbd", "/usr/bin/mariadbd")
READY_WITHIN_S = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class SharedMariadb:
    """`environment` is what tells test programs where it is."""

    def __enter__(self):
        memory = pathlib.Path("/dev/shm")
        self.folder = pathlib.Path(tempfile.mkdtemp(
            prefix="onsale-tests-", dir=memory if memory.is_dir() else None))
        user = ["--user=root"] if os.geteuid() == 0 else []
        data, at = f"--datadir={self.folder}/data", self.folder / "sock"
        subprocess.run(["mariadb-install-db", "--no-defaults", "--skip-test-db", data,
                        "--auth-root-authentication-method=normal", "--skip-name-resolve", *user],
                       check=True, stdout=subprocess.DEVNULL)
        port = free_port()
        program = next(path for path in PROGRAMS if os.access(path, os.X_OK))
        self.log = (self.folder / "log").open("w")
        self.server = subprocess.Popen(
            [program, "--no-defaults", data, f"--socket={at}", f"--port={port}",
             "--bind-address=127.0.0.1", f"--pid-file={self.folder}/pid", "--skip-name-resolve",
             "--skip-log-bin", "--max-connections=1000", "--innodb-buffer-pool-size=128M",
             "--innodb-log-file-size=64M", "--innodb-flush-log-at-trx-commit=1",
             "--innodb-flush-method=fsync", "--innodb-use-native-aio=0",
             "--performance-schema=OFF", *user], stdout=self.log, stderr=self.log)
        self.ask(at, "CREATE USER onsale@'%' IDENTIFIED BY 'p@ss:word'; "
                     "GRANT ALL ON *.* TO onsale@'%'")
        self.environment = {"ONSALE_TEST_MARIADB": f"{port} {at}"}
        return self

    def ask(self, at, sql):
        until = time.monotonic() + READY_WITHIN_S
        while True:
            done = subprocess.run(["mariadb", "--no-defaults", f"--socket={at}", "-uroot", "-e", sql],
                                  capture_output=True, text=True)
            if done.returncode == 0:
                return
            if self.server.poll() is not None or time.monotonic() > until:
                raise RuntimeError("MariaDB did not start: " + done.stderr
                                   + (self.folder / "log").read_text())
            time.sleep(0.1)

    def __exit__(self, *_):
        self.server.kill()
        self.server.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)
