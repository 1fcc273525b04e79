/**
 * Return a maker of idempotency keys. The same content gets the same key again, so that sending it anew after an answer
 * that was lost does nothing twice; other content gets another key, for the API refuses a key that comes with another body.
 */
export function createKeys(): (content: object | undefined) => string {
  const keys = new Map<string, string>();
  return (content) => {
    const text = JSON.stringify(content ?? null);
    const key = keys.get(text) ?? crypto.randomUUID();
    keys.set(text, key);
    return key;
  };
}
