import { Alert, Button, Group, Stack, TextInput, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { useMemo, useState, type FormEvent } from 'react';
import { ApiError } from '../../api/client';
import { usePreview, useSaveDefinition } from '../../api/queries';
import { useActivity } from '../../api/saved';
import type { Definition, Predicate } from '../../api/types';
import { ConditionRows } from '../../conditions/ConditionRows';
import { samePredicate } from '../../model/definition';
import { newConditions, readPredicate, toConditions, toPredicate, type Conditions } from '../../model/predicate';
import { nameText } from '../../model/report';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import { LinkAnchor } from '../../ui/links';
import { Card } from '../../ui/Page';
import { ErrorState } from '../../ui/States';
import { ImpactCard } from './ImpactCard';
import { JsonField } from './JsonField';
import { PreviewCard } from './PreviewCard';
import { RenameDialog } from './RenameDialog';
import { useRename } from './useRename';
import classes from './define.module.css';

const t = texts.define;
const DEBOUNCE_MS = 300;

interface DefineFormProps {
  edited: Definition | null;
  start: Predicate | null;
  taken: Definition[];
}

export function DefineForm({ edited, start, taken }: DefineFormProps) {
  const project = useProject();
  const navigate = useNavigate();
  const [name, setName] = useState(edited?.name ?? '');
  const [conditions, setConditions] = useState<Conditions | null>(() => (start === null ? newConditions() : toConditions(start)));
  const [json, setJson] = useState(() => JSON.stringify(start, null, 2));
  const [tried, setTried] = useState(false);
  const save = useSaveDefinition(project.id);
  const used = useActivity(project.id, taken).byName.get(edited?.name ?? '')?.used ?? null;

  const predicate = useMemo(() => (conditions === null ? readPredicate(json) : toPredicate(conditions)), [conditions, json]);
  const [settled] = useDebouncedValue(predicate, DEBOUNCE_MS);
  const preview = usePreview(project.id, settled);
  const failures = [preview.error, save.error];
  const selectorError = failures.find((e) => e instanceof ApiError && e.code === 'selector')?.message ?? null;

  const trimmed = name.trim();
  const replaces = trimmed !== edited?.name && taken.some((d) => d.name === trimmed);
  const renames = edited !== null && !replaces && trimmed !== '' && trimmed !== edited.name;
  const put = (as: string) => {
    if (predicate !== null) save.mutate({ name: as, predicate }, { onSuccess: () => setTried(false) });
  };
  const rename = useRename(edited, predicate);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (trimmed === '' || predicate === null) return;
    if (renames) rename.ask();
    else put(trimmed);
  };
  const change = (value: Conditions) => {
    save.reset();
    setConditions(value);
  };
  const clear = () => {
    save.reset();
    setTried(false);
    setName('');
    setConditions(newConditions());
    void navigate({ to: '/define' });
  };

  return (
    <div className={classes.columns}>
      <Card>
        <form onSubmit={submit} noValidate>
          <Stack gap="lg">
            <Title order={2} size="h4" className={classes.title}>{edited ? t.editTitle(edited.name) : t.newTitle}</Title>
            <TextInput
              label={t.name} placeholder={t.namePlaceholder} value={name} data-testid="define-name" maxLength={200} autoComplete="off"
              description={replaces ? t.nameTaken : renames ? texts.definitions.rename.hint : undefined} inputWrapperOrder={['label', 'input', 'description', 'error']}
              error={tried && trimmed === '' && t.nameMissing}
              onChange={(event) => {
                save.reset();
                setName(event.currentTarget.value);
              }}
            />
            {conditions === null
              ? <JsonField value={json} onChange={setJson} onStartOver={() => change(newConditions())} />
              : <ConditionRows value={conditions} onChange={change} lead={t.match} kinds={['type', 'selector', 'property', 'name']} added="property" selectorError={selectorError} />}
            {tried && predicate === null && conditions !== null && <Alert color="red" variant="light" role="alert">{t.nothing}</Alert>}
            {save.isError && selectorError === null && <ErrorState error={save.error} />}
            {save.isSuccess && (
              <Alert color="pine" variant="light" role="status">
                {t.saved(save.data.name)} <LinkAnchor to="/graph" search={{ event: nameText(save.data.name) }} inherit>{t.seeGraph}</LinkAnchor>
              </Alert>
            )}
            <Group gap="sm">
              <Button type="submit" loading={save.isPending} data-testid="define-save">
                {replaces ? t.replace : renames ? texts.definitions.rename.submit : t.save}
              </Button>
              {renames && <Button variant="default" onClick={() => put(trimmed)} data-testid="define-save-new">{t.saveNew}</Button>}
              <Button variant="default" onClick={clear}>{edited ? texts.cancel : t.reset}</Button>
            </Group>
          </Stack>
        </form>
      </Card>
      <div className={classes.side}>
        {edited && (settled === null || !samePredicate(settled, edited.predicate)) && <ImpactCard before={edited.predicate} after={settled} used={used} />}
        <PreviewCard preview={preview} asked={settled !== null} settled={settled === predicate} selectorError={selectorError !== null} />
      </div>
      {edited && (
        <RenameDialog
          opened={rename.asked} from={edited.name} to={trimmed} used={used} change={rename} onClose={rename.cancel} onConfirm={() => rename.confirm(trimmed)}
        />
      )}
    </div>
  );
}
