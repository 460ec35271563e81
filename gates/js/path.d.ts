/** `path` is as it came in the request line; a prefix ends where a segment ends. */
export function readPath(path: string, prefixes: string[]): 'free' | 'guarded' | 'refused';
export function isPreflight(
  method: string, header: (name: string) => string | null | undefined, names: string[],
): boolean;
