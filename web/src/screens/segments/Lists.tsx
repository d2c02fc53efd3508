import { ActionIcon, Button, FileButton, Group, Modal, Stack, Text, Textarea, TextInput, Title } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useDeleteList, usePutList } from '../../api/lists';
import { useLists, type PeopleList } from '../../api/people';
import { number } from '../../model/format';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import { Icon } from '../../ui/icons';
import { Card } from '../../ui/Page';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States';
import { When } from '../../ui/When';
import classes from './segments.module.css';

const t = texts.explore.lists;

/** Named lists of people, for segments. */
export function Lists() {
  const lists = useLists(useProject().id);
  const [adding, setAdding] = useState(false);
  const [deleting, setDeleting] = useState<string | null>(null);
  return (
    <Card label={t.title}>
      <Stack gap="md">
        <Group justify="space-between">
          <div>
            <Title order={2} size="h4">{t.title}</Title>
            <Text size="sm" c="dimmed">{t.lead}</Text>
          </div>
          <Button size="xs" variant="default" leftSection={<Icon name="plus" size={14} />} onClick={() => setAdding(true)} data-testid="list-add">{t.add}</Button>
        </Group>
        {lists.isError ? <ErrorState error={lists.error} onRetry={() => void lists.refetch()} /> : lists.isPending ? <LoadingRows rows={2} /> : lists.data.length === 0 ? (
          <EmptyState title={t.noneTitle} text={t.none} />
        ) : <Rows lists={lists.data} onDelete={setDeleting} />}
      </Stack>
      <Modal opened={adding} onClose={() => setAdding(false)} title={t.add} closeButtonProps={{ 'aria-label': texts.close }}>
        {adding && <AddList known={lists.data ?? []} onDone={() => setAdding(false)} />}
      </Modal>
      <Modal opened={deleting !== null} onClose={() => setDeleting(null)} title={t.deleteTitle(deleting ?? '')} closeButtonProps={{ 'aria-label': texts.close }}>
        {deleting !== null && <DeleteList name={deleting} onDone={() => setDeleting(null)} />}
      </Modal>
    </Card>
  );
}

function Rows({ lists, onDelete }: { lists: PeopleList[]; onDelete: (name: string) => void }) {
  const navigate = useNavigate();
  return (
    <table className={classes.listRows}>
      <thead><tr><th scope="col">{t.name}</th><th scope="col" className={classes.num}>{t.size}</th><th scope="col" className={classes.when}>{t.created}</th><th scope="col"><span className={classes.hidden}>{t.actions}</span></th></tr></thead>
      <tbody>
        {lists.map(({ name, size, created_at }) => (
          <tr key={name} data-testid="list">
            <th scope="row" className={classes.listName}><bdi>{name}</bdi></th>
            <td className={classes.num}>{number(size)}</td>
            <td className={classes.when}><When time={created_at} /></td>
            <td>
              <Group gap="xs" justify="flex-end" wrap="nowrap">
                <Button size="compact-xs" variant="subtle" onClick={() => void navigate({ to: '/segments', search: { who: JSON.stringify({ list: name }) } as never })}>{t.see}</Button>
                <ActionIcon variant="subtle" color="gray" aria-label={t.delete(name)} onClick={() => onDelete(name)}><Icon name="close" size={16} /></ActionIcon>
              </Group>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A file, or what is pasted: a handle on each line, or CSV with `handle` or `user_id`. */
function AddList({ known, onDone }: { known: PeopleList[]; onDone: () => void }) {
  const put = usePutList(useProject().id);
  const [name, setName] = useState('');
  const [pasted, setPasted] = useState('');
  const [file, setFile] = useState<File | null>(null);
  const submit = async () => {
    const body = file === null ? pasted : await file.text();
    const csv = file !== null ? /\.csv$/i.test(file.name) : /^[^\n]*,/.test(pasted);
    put.mutate({ name: name.trim(), body, type: csv ? 'text/csv' : 'text/plain' }, { onSuccess: onDone });
  };
  const ready = name.trim() !== '' && (file !== null || pasted.trim() !== '');
  return (
    <form onSubmit={(event) => { event.preventDefault(); void submit(); }}>
      <Stack gap="md">
        <TextInput
          label={t.name} placeholder={t.namePlaceholder} value={name} data-autofocus onChange={(event) => setName(event.currentTarget.value)} data-testid="list-name"
          description={known.some((list) => list.name === name.trim()) ? t.replaces : undefined}
        />
        <Group gap="sm">
          <FileButton onChange={setFile} accept=".csv,.txt,.json,text/csv,text/plain,application/json">
            {(props) => <Button variant="default" size="xs" {...props}>{t.file}</Button>}
          </FileButton>
          <Text size="sm" c="dimmed">{file?.name ?? t.fileHint}</Text>
        </Group>
        {file === null && (
          <Textarea label={t.paste} placeholder={t.pastePlaceholder} autosize minRows={4} maxRows={12} value={pasted} onChange={(event) => setPasted(event.currentTarget.value)} data-testid="list-paste" />
        )}
        {put.isError && <ErrorState error={put.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>{texts.cancel}</Button>
          <Button type="submit" disabled={!ready} loading={put.isPending} data-testid="list-save">{t.save}</Button>
        </Group>
      </Stack>
    </form>
  );
}

function DeleteList({ name, onDone }: { name: string; onDone: () => void }) {
  const remove = useDeleteList(useProject().id);
  return (
    <Stack gap="md">
      <Text>{t.deleteText}</Text>
      {remove.isError && <ErrorState error={remove.error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onDone}>{texts.cancel}</Button>
        <Button color="red" loading={remove.isPending} onClick={() => remove.mutate(name, { onSuccess: onDone })}>{t.deleteSubmit}</Button>
      </Group>
    </Stack>
  );
}
