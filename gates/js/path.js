// Which addresses a gate guards, whatever way they are written: the rule of ../README.md, the same as
// in ../cpp/onsale_gate_path.h. A path is as it came in the request line.

// Once, as origins do: bytes as characters; undefined for a broken escape.
function unescaped(text) {
  if (/%(?![0-9a-f]{2})/i.test(text)) return undefined;
  return text.replace(/%(..)/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
}

// A segment in small letters, without parameters, streams, trailing dots and spaces. Nothing is left
// of ".." and the like.
function bare(segment) {
  let [text] = segment.split(/[;:]/, 1);
  while (text.endsWith('.') || text.endsWith(' ')) text = text.slice(0, -1);
  return text.replace(/[A-Z]/g, (c) => c.toLowerCase());
}

// Undefined for what is refused.
function segments(path) {
  if (/[\\\x00-\x1f\x7f]/.test(path)) return undefined;
  const all = path.split('/').filter((segment) => segment !== '').map(bare);
  return all.includes('') ? undefined : all;
}

// 'refused': what no browser sends and origins read in different ways, say 400. 'guarded': some
// reading of it is under one of the prefixes. 'free': none is.
export function readPath(path, prefixes) {
  const once = path.startsWith('/') ? unescaped(path) : undefined;
  if (once === undefined) return 'refused';
  const readings = [path, once, unescaped(once) ?? once].map(segments);
  if (readings.includes(undefined)) return 'refused';
  const guards = prefixes.map((prefix) => segments(prefix) ?? []);
  const under = (reading) => guards.some((guard) => guard.every((word, at) => reading[at] === word));
  return readings.some(under) ? 'guarded' : 'free';
}

// A preflight as browsers send it (CORS): without a body, and without a header that names another
// method to an origin that would believe it. `header(name)` answers a header, `names` are all of them.
export function isPreflight(method, header, names) {
  return method === 'OPTIONS' && !!header('origin') && !!header('access-control-request-method')
    && !header('transfer-encoding') && Number(header('content-length') || 0) === 0
    && !names.some((name) => /method/i.test(name) && name.toLowerCase() !== 'access-control-request-method');
}
