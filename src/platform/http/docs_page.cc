#include "platform/http/docs_page.h"

namespace onsale::http {

const std::string_view kDocsPage = R"HTML(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>onsale API</title>
<link rel="stylesheet" href="/docs/docs.css">
</head>
<body>
<header><h1>onsale API</h1>
<p>The description itself: <a href="/openapi.json">/openapi.json</a>. Errors are
<code>application/problem+json</code> with a stable <code>code</code>.</p>
<label for="filter">Show calls that contain</label>
<input id="filter" type="search" autocomplete="off" placeholder="for example: holds">
</header>
<main id="calls" aria-live="polite"><p>Loading …</p></main>
<script src="/docs/docs.js"></script>
</body>
</html>
)HTML";

const std::string_view kDocsStyle =
    R"CSS(:root { color-scheme: light dark; --line: #8886; --soft: #8882; --link: #0b57d0; }
@media (prefers-color-scheme: dark) { :root { --link: #a8c7fa; } }
html { background: Canvas; color: CanvasText; } a { color: var(--link); }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 0 auto; padding: 1.5rem; }
h1 { margin: 0; } h2 { margin: 2rem 0 .5rem; text-transform: capitalize; }
input { display: block; font: inherit; padding: .4rem .6rem; width: 100%; max-width: 24rem; }
details { border: 1px solid var(--line); border-radius: .5rem; margin: .5rem 0; }
summary { cursor: pointer; padding: .5rem .75rem; } details > div { padding: 0 .75rem .75rem; }
summary:focus-visible, a:focus-visible, input:focus-visible { outline: 3px solid #36c; }
.method { display: inline-block; min-width: 4.5rem; font-weight: 700; }
.note { opacity: .8; }
.lock { font-size: .85em; border: 1px solid var(--line); padding: 0 .4em; border-radius: 1em; }
code, pre { font: 14px/1.45 ui-monospace, monospace; }
pre { background: var(--soft); padding: .75rem; border-radius: .4rem; overflow-x: auto; }
table { border-collapse: collapse; }
td, th { text-align: left; padding: .2rem 1rem .2rem 0; vertical-align: top; }
)CSS";

const std::string_view kDocsScript = R"JS('use strict';
const calls = document.getElementById('calls');
const filter = document.getElementById('filter');

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

// A schema as an outline of the JSON it allows.
function outline(schema, all, depth = 0, seen = []) {
  const pad = '  '.repeat(depth + 1);
  if (schema.$ref) {
    const name = schema.$ref.split('/').pop();
    if (seen.includes(name)) return name;
    return outline(all[name], all, depth, [...seen, name]);
  }
  if (schema.enum) return schema.enum.map((v) => JSON.stringify(v)).join(' | ');
  if (schema.anyOf) return schema.anyOf.map((s) => outline(s, all, depth, seen)).join(' | ');
  if (schema.type === 'array') return '[' + outline(schema.items, all, depth, seen) + ', …]';
  if (schema.type === 'object' && schema.properties) {
    const required = new Set(schema.required ?? []);
    const lines = Object.entries(schema.properties).map(([name, s]) =>
      pad + name + (required.has(name) ? '' : '?') + ': ' + outline(s, all, depth + 1, seen));
    return '{\n' + lines.join('\n') + '\n' + '  '.repeat(depth) + '}';
  }
  if (schema.type === 'object') {
    return '{ name: ' + outline(schema.additionalProperties ?? {}, all, depth, seen) + ' }';
  }
  const [type, orNull] = [schema.type].flat();
  let text = schema.format ?? type ?? 'anything';
  if (schema.minimum !== undefined || schema.maximum !== undefined)
    text += ` ${schema.minimum ?? '…'} to ${schema.maximum ?? '…'}`;
  if (schema.maxLength !== undefined)
    text += ` of ${schema.minLength ?? 0} to ${schema.maxLength} characters`;
  return orNull ? `${text} | null` : text;
}

function body(title, content, all) {
  const part = element('div');
  for (const [type, media] of Object.entries(content ?? {})) {
    part.append(element('h4', `${title} (${type})`));
    part.append(element('pre', outline(media.schema, all)));
  }
  return part;
}

function describe(path, method, operation, all) {
  const details = element('details');
  details.dataset.text = `${method} ${path} ${operation.summary}`.toLowerCase();
  details.id = operation.operationId;
  const summary = element('summary');
  summary.append(element('span', method.toUpperCase(), 'method'), element('code', path), ' ',
    element('span', operation.summary, 'note'));
  if (operation.security.length) {
    const roles = Object.values(operation.security[0])[0];
    const who = roles.includes('admin') ? 'administrators' : 'signed in';
    summary.append(' ', element('span', who, 'lock'));
  }
  details.append(summary);
  const inside = element('div');
  for (const p of operation.parameters ?? []) {
    const line = element('p');
    const place = ` in ${p.in}${p.required ? ', required' : ''}: `;
    line.append(element('code', p.name), place + outline(p.schema, all));
    inside.append(line);
  }
  if (operation.requestBody) inside.append(body('Body', operation.requestBody.content, all));
  const table = element('table');
  const head = element('tr');
  for (const name of ['Status', 'Meaning']) {
    const cell = element('th', name);
    cell.scope = 'col';
    head.append(cell);
  }
  table.append(head);
  for (const [status, answer] of Object.entries(operation.responses)) {
    const row = element('tr');
    row.append(element('td', status), element('td', answer.description));
    table.append(row);
  }
  inside.append(table);
  for (const [status, answer] of Object.entries(operation.responses)) {
    if (status < 300 && answer.content)
      inside.append(body(`Answer ${status}`, answer.content, all));
  }
  details.append(inside);
  return details;
}

function show(api) {
  const groups = new Map();
  for (const [path, item] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      const tag = operation.tags[0];
      if (!groups.has(tag)) groups.set(tag, []);
      groups.get(tag).push(describe(path, method, operation, api.components.schemas));
    }
  }
  calls.replaceChildren();
  for (const [tag, items] of groups) {
    const section = element('section');
    section.append(element('h2', tag), ...items);
    calls.append(section);
  }
}

filter.addEventListener('input', () => {
  const text = filter.value.trim().toLowerCase();
  for (const section of calls.querySelectorAll('section')) {
    let any = false;
    for (const item of section.querySelectorAll('details')) {
      item.hidden = !item.dataset.text.includes(text);
      any ||= !item.hidden;
    }
    section.hidden = !any;
  }
});

fetch('/openapi.json')
  .then((answer) => answer.json())
  .then(show)
  .catch(() => calls.replaceChildren(
    element('p', 'The description could not be loaded. Try again later.')));
)JS";

}  // namespace onsale::http
