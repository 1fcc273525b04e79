/**
 * Tell whether an entry of a list stands for a stored record that is damaged: it has its id and this key, and nothing
 * else of what its type says. It harms nobody else: the list goes on.
 */
export function isUnreadable(record: object): boolean {
  return "unreadable" in record && record.unreadable === true;
}
