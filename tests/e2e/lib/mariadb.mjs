// A real MariaDB over a fresh directory, on a socket of its own; stopped by its pid.
import { spawn, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { scratch, sleep } from './server.mjs';

export async function mariadb() {
  const folder = scratch();
  const socket = path.join(folder, 's');
  const data = path.join(folder, 'data');
  const made = spawnSync('mariadb-install-db', ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db', `--user=${process.env.USER ?? 'root'}`], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(made.stdout + made.stderr);
  const server = spawn('/usr/sbin/mariadbd', ['--no-defaults', `--datadir=${data}`, `--socket=${socket}`, '--skip-networking', `--pid-file=${folder}/pid`, `--user=${process.env.USER ?? 'root'}`, '--max-connections=200'], { stdio: 'ignore' });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  for (let i = 0; i < 300; ++i) {
    const done = spawnSync('mariadb', ['--no-defaults', `--socket=${socket}`, '-uroot', '-e', 'CREATE DATABASE onsale CHARACTER SET utf8mb4'], { stdio: 'ignore' });
    if (done.status === 0) {
      return {
        url: `mysql:unix_socket=${socket};db=onsale;user=root`,
        async stop() {
          server.kill('SIGTERM');
          await ended;
          rmSync(folder, { recursive: true, force: true });
        },
      };
    }
    await sleep(100);
  }
  server.kill('SIGKILL');
  throw new Error('MariaDB did not start');
}
