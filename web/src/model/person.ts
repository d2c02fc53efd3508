/** A person as part of an address: `/users/jane@example.com`, `/users/4711`. */

export interface Whose {
  handle: string | null;
  /** The ids that belong to the person; one is enough where there is no handle. */
  user_ids: string[];
}

/** As the API is asked for one person. */
export type PersonRef = { handle: string } | { id: string };

/** Handles that would be read as something else: as an id, as a mark of this kind, or as a step in a path. */
const MARKED = /^(\d+|~.*|\.+)$/s;

export function personId({ handle, user_ids }: Whose): string {
  if (handle === null) return user_ids[0] ?? '';
  return MARKED.test(handle) ? `~${handle}` : handle;
}

export function readPersonId(id: string): PersonRef {
  if (/^\d+$/.test(id)) return { id };
  return { handle: id.startsWith('~') ? id.slice(1) : id };
}

/** What has to be typed before somebody is erased: the handle, or the end of the id that the page shows. */
export const confirmation = ({ handle, user_ids }: Whose) => handle ?? (user_ids[0] ?? '').slice(-6);
