import { Button, Group, Text } from '@mantine/core';
import { useState } from 'react';
import { fileName, saveFile } from '../model/save';
import { SaveReport } from '../saved/SaveReport';
import { useProject } from '../shell/project';
import { texts } from '../texts';
import { CopyButton } from '../ui/CodeBlock';
import { Icon } from '../ui/icons';
import { csvFile } from './csv';
import { pictureFile, usePainters } from './picture';
import type { Answered, ReportKind } from './types';

const t = texts.reports;

interface ReportActionsProps<S extends object> {
  name: string;
  kind: ReportKind<S>;
  search: S;
  /** The answer of just this question; null while there is none. */
  answer: Answered | null;
}

/** What can be done with a report, in its page's header. */
export function ReportActions<S extends object>({ name: kindName, kind, search, answer }: ReportActionsProps<S>) {
  const project = useProject();
  const painters = usePainters();
  const [failed, setFailed] = useState(false);
  const title = kind.title(search);
  const name = fileName(project.name, title);
  const savePicture = () => {
    pictureFile(painters, title).then((file) => saveFile(`${name}.png`, file)).then(() => setFailed(false), () => setFailed(true));
  };
  const button = { size: 'xs', variant: 'default', leftSection: <Icon name="download" size={14} /> } as const;
  return (
    <Group gap="xs">
      {failed && <Text size="sm" c="var(--mantine-color-error)" role="alert">{t.pngFailed}</Text>}
      {answer !== null && (
        <Button {...button} aria-label={t.exportCsvLabel} data-testid="report-csv" onClick={() => saveFile(`${name}.csv`, csvFile(kind.csv(search, answer)))}>{t.exportCsv}</Button>
      )}
      {answer !== null && painters.length > 0 && (
        <Button {...button} aria-label={t.exportPngLabel} data-testid="report-png" onClick={savePicture}>{t.exportPng}</Button>
      )}
      <SaveReport kind={kindName} search={search} />
      <CopyButton text={() => window.location.href} label={texts.graph.copyLink} />
    </Group>
  );
}
