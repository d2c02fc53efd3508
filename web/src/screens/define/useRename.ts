import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useSaveDefinition } from '../../api/queries';
import { useRenameDefinition } from '../../api/saved';
import type { Definition, Predicate } from '../../api/types';
import { samePredicate } from '../../model/definition';
import { useProject } from '../../shell/project';

/** Renames the definition that is edited, with what uses it, once that was agreed to; and saves what else was changed in it. */
export function useRename(edited: Definition | null, predicate: Predicate | null) {
  const project = useProject();
  const navigate = useNavigate();
  const rename = useRenameDefinition(project.id);
  const save = useSaveDefinition(project.id);
  const [asked, setAsked] = useState(false);
  const cancel = () => {
    rename.reset();
    save.reset();
    setAsked(false);
  };
  const confirm = async (to: string) => {
    if (edited === null) return;
    try {
      // Under the old name first: whichever fails, the same can be asked again.
      if (predicate !== null && !samePredicate(predicate, edited.predicate)) await save.mutateAsync({ name: edited.name, predicate });
      await rename.mutateAsync({ name: edited.name, to, carry: true });
    } catch {
      // The dialog says what went wrong.
      return;
    }
    setAsked(false);
    void navigate({ to: '/define', search: { edit: to } });
  };
  return {
    asked,
    isPending: rename.isPending || save.isPending,
    error: rename.error ?? save.error,
    ask: () => setAsked(true),
    cancel,
    confirm: (to: string) => void confirm(to),
  };
}
