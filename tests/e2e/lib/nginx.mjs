// The real nginx with our recipe, as it is checked in, in front of a foreign origin.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { freePort, root, sleep } from './server.mjs';

const recipe = path.join(root, 'gates/nginx');

function around(folder, servers) {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `    ${name}_temp_path ${folder}/${name};`).join('\n');
  return `daemon off;
pid ${folder}/nginx.pid;
error_log stderr warn;
worker_processes 1;
events { worker_connections 256; }
http {
    access_log off;
${temporary}${servers}}
`;
}

// `guarded` includes the third part or, for a negative control, nothing.
function recipeOf({ folder, port, origin, core, check, guarded = true }) {
  return `
    upstream onsale { server ${core}; }
    include ${recipe}/onsale-http.conf;
    server {
        listen 127.0.0.1:${port};
        root ${folder};
        set $onsale_check ${check};
        set $onsale_site http://127.0.0.1:${port};
        include ${recipe}/onsale-server.conf;
        location / {
            proxy_pass ${origin};
        }
        location ~* "^/buy[. ]*([/;:]|$)" {
            ${guarded ? `include ${recipe}/onsale-guarded.conf;` : ''}
            proxy_pass ${origin};
        }
    }
`;
}

// Nothing but a way through: every default as nginx has it.
function wayThrough({ port, to }) {
  return `
    server {
        listen 127.0.0.1:${port};
        location / { proxy_pass ${to}; }
    }
`;
}

// The recipe of docs/operations/proxies.md.
function documented({ port, to }) {
  const text = readFileSync(path.join(root, 'docs/operations/proxies.md'), 'utf8');
  return /```nginx\n(.*?)```/s.exec(text)[1]
    .replace('listen 80;', `listen 127.0.0.1:${port};`)
    .replace('server 127.0.0.1:8080;', `server ${new URL(to).host};`);
}

export const nginx = (options) => run(options, recipeOf);
export const plainNginx = (options) => run(options, wayThrough);
export const documentedNginx = (options) => run(options, documented);

async function run(options, servers) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'onsale-nginx-'));
  const port = options.port ?? await freePort();
  mkdirSync(path.join(folder, 'logs'));
  const file = path.join(folder, 'nginx.conf');
  writeFileSync(file, around(folder, servers({ ...options, folder, port })));
  const child = spawn('nginx', ['-p', folder, '-c', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  let over = false;
  child.stderr.on('data', (chunk) => { log += chunk; });
  const exited = new Promise((resolve) => child.once('exit', () => { over = true; resolve(); }));
  const url = `http://127.0.0.1:${port}`;
  for (let i = 0; ; ++i) {
    if (over || i > 200) throw new Error(`nginx did not start:\n${log}`);
    try {
      await fetch(`${url}/free`);
      break;
    } catch { await sleep(25); }
  }
  return {
    url, port,
    get log() { return log; },
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
