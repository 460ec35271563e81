// What an answer may be, by the OpenAPI description of the server that gave it: its status, its
// type, and its body down to the last member. Knows as much of JSON Schema as the server writes.

const kinds = {
  null: (v) => v === null,
  string: (v) => typeof v === 'string',
  boolean: (v) => typeof v === 'boolean',
  integer: (v) => Number.isInteger(v),
  number: (v) => typeof v === 'number',
  array: (v) => Array.isArray(v),
  object: (v) => typeof v === 'object' && v !== null && !Array.isArray(v),
};
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

// Where and why `value` is not what `schema` says.
export function faults(schema, value, all, at = '$') {
  if (schema.$ref) return faults(all[schema.$ref.split('/').pop()], value, all, at);
  if (schema.allOf) return schema.allOf.flatMap((one) => faults(one, value, all, at));
  if (schema.anyOf) {
    return schema.anyOf.some((one) => faults(one, value, all, at).length === 0) ? [] : [`${at}: none of anyOf`];
  }
  const types = [schema.type ?? []].flat();
  if (types.length > 0 && !types.some((type) => kinds[type](value))) return [`${at}: not ${types.join(' or ')}`];
  const found = [];
  const demand = (ok, why) => { if (!ok) found.push(`${at}: ${why}`); };
  if (schema.enum) demand(schema.enum.includes(value), `${value} is not one of ${schema.enum}`);
  if (typeof value === 'string') {
    const length = [...value].length;
    demand(length >= (schema.minLength ?? 0) && length <= (schema.maxLength ?? Infinity), `${length} characters`);
    if (schema.pattern) demand(new RegExp(schema.pattern, 'u').test(value), `${value} is not ${schema.pattern}`);
    if (schema.format === 'date-time') demand(time.test(value), `${value} is no time of ours`);
  }
  if (typeof value === 'number') {
    demand(value >= (schema.minimum ?? -Infinity) && value <= (schema.maximum ?? Infinity), `${value} is out of range`);
  }
  if (Array.isArray(value)) value.forEach((item, i) => found.push(...faults(schema.items, item, all, `${at}[${i}]`)));
  if (kinds.object(value)) found.push(...objectFaults(schema, value, all, at));
  return found;
}

function objectFaults(schema, value, all, at) {
  const found = (schema.required ?? []).filter((name) => !(name in value)).map((name) => `${at}.${name}: missing`);
  for (const [name, member] of Object.entries(value)) {
    const of = schema.properties?.[name] ?? schema.additionalProperties;
    if (of === false) found.push(`${at}.${name}: not declared`);
    else if (of) found.push(...faults(of, member, all, `${at}.${name}`));
  }
  return found;
}

export class Declared {
  constructor(description) {
    this.description = description;
    this.succeeded = new Set();
    this.paths = Object.entries(description.paths).map(([path, item]) => ({
      path,
      item,
      // Fixed words win over parameters.
      order: path.split('{').length,
      pattern: new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/\{\w+\}/g, '[^/]+')}$`),
    })).sort((a, b) => a.order - b.order);
  }

  // Throws when the answer is not a declared one. Addresses and methods of no route are passed over,
  // and 304, which any GET with an entity tag may answer.
  check(method, url, { status, headers, text, json }) {
    const { pathname } = new URL(url);
    const found = this.paths.find(({ pattern }) => pattern.test(pathname));
    const operation = found?.item[method.toLowerCase()];
    if (!operation || status === 304) return;
    const name = `${method} ${found.path}`;
    let response = operation.responses[status];
    if (!response) throw new Error(`${name} answers ${status}, which it does not declare: ${text}`);
    if (response.$ref) response = this.description.components.responses[response.$ref.split('/').pop()];
    if (response.content) this.checkBody(`${name} ${status}`, response, { headers, text, json });
    if (status < 400) this.succeeded.add(name);
  }

  checkBody(name, response, { headers, text, json }) {
    const type = (headers['content-type'] ?? '').split(';')[0];
    const media = response.content[type];
    if (!media) throw new Error(`${name} answers ${type}, declared: ${Object.keys(response.content)}`);
    if (!type.endsWith('json')) return;
    const wrong = faults(media.schema, json, this.description.components.schemas);
    if (wrong.length > 0) throw new Error(`${name}: ${wrong.join('; ')}\n${text}`);
  }

  // Operations that nobody saw succeed.
  unseen() {
    return Object.entries(this.description.paths)
      .flatMap(([path, item]) => Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`))
      .filter((name) => !this.succeeded.has(name));
  }
}
