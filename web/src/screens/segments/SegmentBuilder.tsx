import { Button, Code } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { readSegment } from '../../model/segment';
import { newSegmentRow, toGroup, toSegment, type SegmentGroup } from '../../model/segmentRows';
import type { SegmentsSearch } from '../../model/segments';
import { texts } from '../../texts';
import classes from '../../reports/reports.module.css';
import { SegmentRows } from './SegmentRows';

const t = texts.explore.segments;
const SETTLE_MS = 80;

interface SegmentBuilderProps {
  search: SegmentsSearch;
  onChange: (search: SegmentsSearch, replace?: boolean) => void;
}

/** A segment in words. Rows still being written stay here; what is complete goes into the address. */
export function SegmentBuilder({ search, onChange }: SegmentBuilderProps) {
  const [group, setGroup] = useState<SegmentGroup | null>(() => read(search.who));
  const written = useRef(search.who);
  const change = useRef(onChange);
  change.current = onChange;

  // The address changed from elsewhere, as by Back.
  useEffect(() => {
    if (search.who === written.current) return;
    written.current = search.who;
    setGroup(read(search.who));
  }, [search.who]);

  useEffect(() => {
    if (group === null) return undefined;
    const timer = setTimeout(() => {
      const segment = toSegment(group);
      const who = segment === null ? undefined : JSON.stringify(segment);
      if (who === written.current) return;
      written.current = who;
      change.current(who === undefined ? {} : { who }, true);
    }, SETTLE_MS);
    return () => clearTimeout(timer);
  }, [group]);

  return (
    <>
      {group === null ? (
        <div className={classes.line}>
          <Code className={classes.wrap}>{search.who}</Code>
          <Button variant="subtle" size="xs" onClick={() => setGroup({ mode: 'all', rows: [newSegmentRow()] })}>{t.startOver}</Button>
        </div>
      ) : <SegmentRows value={group} onChange={setGroup} lead={t.users} />}
    </>
  );
}

function read(who: string | undefined): SegmentGroup | null {
  return toGroup(readSegment(who));
}
