import { Badge, Progress, Text } from '@mantine/core';
import type { DefinitionIndex } from '../../api/types';
import { bytes } from '../../model/format';
import { texts } from '../../texts';
import classes from './health.module.css';
import { NumberTable } from './NumberTable';

const t = texts.health;
const COLORS: Record<DefinitionIndex['state'], string> = { wanted: 'gray', building: 'blue', valid: 'pine', failed: 'red', retired: 'gray' };

export function Indexes({ indexes }: { indexes: DefinitionIndex[] }) {
  const rows = indexes.map((index) => ({
    key: index.name,
    name: <bdi className={classes.wrap}>{nameOf(index)}</bdi>,
    meaning: <State index={index} />,
    numbers: [index.size_bytes === null ? '' : bytes(index.size_bytes)],
  }));
  return (
    <NumberTable title={t.indexes} lead={t.indexesText} head={[t.index, t.state, t.size]} rows={rows}>
      {rows.length === 0 && <Text size="sm" mt="xs">{t.indexesNone}</Text>}
    </NumberTable>
  );
}

const nameOf = (index: DefinitionIndex) => (index.definitions.length > 0 ? index.definitions.join(', ') : t.indexOther);

function State({ index }: { index: DefinitionIndex }) {
  const done = index.state === 'building' && index.done !== null ? Math.round(100 * index.done) : null;
  return (
    <>
      <Badge variant="light" color={COLORS[index.state]} tt="none">{t.states[index.state]}</Badge>
      <Text span size="sm" ml="xs">{t.stateText[index.state]}</Text>
      {done !== null && (
        <>
          <Progress value={done} mt={6} aria-label={t.buildLabel(nameOf(index))} />
          <Text size="xs">{[index.phase, t.built(done)].filter(Boolean).join(' · ')}</Text>
        </>
      )}
      {index.last_error !== null && index.state !== 'valid' && <Text size="xs" className={classes.wrap}>{index.last_error}</Text>}
    </>
  );
}
