/** What there is to group by: properties, saved segments, and lists of people. */
import { useLists } from '../../api/people';
import { useProperties } from '../../api/queries';
import { useReports } from '../../api/saved';
import { groupKeyLabel, segmentKey } from '../../model/report';
import { readSegment } from '../../model/segment';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';

export const KEY_KINDS = ['event', 'user', 'segment'] as const;
export type KeyKind = (typeof KEY_KINDS)[number];

const t = texts.graph;
const HEADINGS = { event: t.eventProperties, user: t.userProperties, segment: t.segments };

/** For a select: what is chosen is always among them, also what is no longer there. */
export function useGroupOptions(chosen: string[], kinds: readonly KeyKind[] = KEY_KINDS) {
  const project = useProject().id;
  const known = useProperties(project).data ?? { event: [], user: [] };
  const saved = useReports(project).data ?? [];
  const lists = useLists(project).data ?? [];
  const keys: Record<KeyKind, string[]> = {
    event: known.event.map((name) => `event:${name}`),
    user: known.user.map((name) => `user:${name}`),
    segment: [
      ...saved.flatMap(({ kind, name, state }) => {
        const segment = kind === 'segments' && typeof state['who'] === 'string' ? readSegment(state['who']) : null;
        return segment === null ? [] : [segmentKey(name, segment)];
      }),
      ...lists.map(({ name }) => segmentKey(name, { list: name })),
    ],
  };
  return kinds.map((kind) => {
    const all = new Set([...keys[kind], ...chosen.filter((key) => key.startsWith(`${kind}:`))]);
    return { group: HEADINGS[kind], items: [...all].map((value) => ({ value, label: groupKeyLabel(value) })) };
  }).filter(({ items }) => items.length > 0);
}
