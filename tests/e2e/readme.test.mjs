// What README.md promises of the command line and the settings.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { binary, onsale, root, scratch } from './lib/server.mjs';

test('the table of settings is what config print says', () => {
  const done = spawnSync('python3', [path.join(root, 'tools/settings_table'), '--check', binary], { encoding: 'utf8' });
  assert.equal(done.status, 0, done.stderr);
});

test('README names every command, and every command that it names is there', () => {
  const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
  const named = new Set([...readme.matchAll(/^onsale (\w+)/gm)].map(([, command]) => command));
  for (const command of named) assert.equal(onsale([command, '--help']).status, 0, command);
  const there = [...onsale(['--help']).out.split('Subcommands:')[1].matchAll(/^ {2}(\w+) /gm)].map(([, command]) => command);
  assert.deepEqual([...named].sort(), there.sort());
  for (const script of ['run', 'test', 'bench']) {
    const done = spawnSync(path.join(root, script), ['--help'], { encoding: 'utf8' });
    assert.equal(done.status, 0, script);
    assert.match(done.stdout, /usage/);
  }
});

test('migrate and job run work on a fresh directory, and secrets are masked', () => {
  const data = scratch();
  assert.equal(onsale(['migrate', '--data', data]).status, 0);
  assert.equal(onsale(['job', 'run', 'payments-reconcile', '--data', data]).status, 0);
  assert.equal(onsale(['job', 'run', 'no-such-job', '--data', data]).status, 2);
  const shown = onsale(['config', 'print'], { env: { ...process.env, ONSALE_DATABASE_URL: 'mysql://onsale:hunter2@db/onsale' } });
  assert.equal(shown.status, 0);
  assert.doesNotMatch(shown.out, /hunter2/);
  rmSync(data, { recursive: true });
});
