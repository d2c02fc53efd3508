import { ActionIcon, Button, VisuallyHidden } from '@mantine/core';
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { useDefinitions } from '../../api/queries';
import { MAX_STEPS, MIN_STEPS, moved } from '../../model/funnel';
import { ANY, eventLabel, nameText } from '../../model/report';
import { EventField } from '../../reports/fields/EventField';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import { Icon } from '../../ui/icons';
import classes from '../../reports/reports.module.css';

const t = texts.reports.funnel;

interface StepsProps {
  steps: string[];
  onChange: (steps: string[]) => void;
}

/** The steps in their order, which buttons, or Alt with an arrow, change. */
export function Steps({ steps, onChange }: StepsProps) {
  const definitions = useDefinitions(useProject().id).data ?? [];
  const list = useRef<HTMLOListElement>(null);
  const follow = useRef<string | null>(null);
  const [said, setSaid] = useState('');
  // Who moves a step goes with it.
  useEffect(() => {
    if (follow.current === null) return;
    const [at, direction] = follow.current.split(' ');
    follow.current = null;
    const row = list.current?.children[Number(at)];
    const buttons = [...(row?.querySelectorAll<HTMLButtonElement>('[data-move]') ?? [])];
    (buttons.find((button) => button.dataset['move'] === direction && !button.disabled) ?? buttons.find((button) => !button.disabled))?.focus();
  }, [steps]);
  const move = (at: number, by: -1 | 1) => {
    const next = moved(steps, at, by);
    if (next === steps) return;
    follow.current = `${at + by} ${by}`;
    setSaid(t.movedTo(eventLabel(steps[at] ?? ''), at + by + 1, steps.length));
    onChange(next);
  };
  const onKey = (event: KeyboardEvent, at: number) => {
    const by = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : null;
    if (!event.altKey || by === null) return;
    event.preventDefault();
    move(at, by);
  };
  const add = () => {
    const unused = definitions.map(({ name }) => nameText(name)).find((name) => !steps.includes(name));
    onChange([...steps, unused ?? ANY]);
  };
  return (
    <>
      <ol className={classes.steps} ref={list}>
        {steps.map((step, at) => (
          <li key={at} className={classes.step} data-testid="funnel-step" onKeyDown={(event) => onKey(event, at)}>
            <span className={classes.letter} aria-hidden="true">{at + 1}</span>
            <EventField
              value={step} label={t.stepAt(at + 1)} testid="funnel-event" onChange={(value) => onChange(steps.map((one, i) => (i === at ? value : one)))}
            />
            <span className={classes.stepButtons}>
              <MoveButton label={t.moveUp(at + 1, eventLabel(step))} by={-1} disabled={at === 0} onMove={() => move(at, -1)} />
              <MoveButton label={t.moveDown(at + 1, eventLabel(step))} by={1} disabled={at === steps.length - 1} onMove={() => move(at, 1)} />
              <ActionIcon
                variant="subtle" color="gray" aria-label={t.removeStep(at + 1, eventLabel(step))} disabled={steps.length <= MIN_STEPS}
                onClick={() => onChange(steps.filter((_, i) => i !== at))}
              >
                <Icon name="close" size={16} />
              </ActionIcon>
            </span>
          </li>
        ))}
      </ol>
      <VisuallyHidden role="status">{said}</VisuallyHidden>
      {steps.length < MAX_STEPS && (
        <Button
          variant="subtle" size="xs" leftSection={<Icon name="plus" size={14} />} style={{ alignSelf: 'flex-start' }} onClick={add} data-testid="funnel-add"
        >
          {t.addStep}
        </Button>
      )}
    </>
  );
}

function MoveButton({ label, by, disabled, onMove }: { label: string; by: -1 | 1; disabled: boolean; onMove: () => void }) {
  return (
    <ActionIcon variant="subtle" color="gray" aria-label={label} aria-keyshortcuts={by === -1 ? 'Alt+ArrowUp' : 'Alt+ArrowDown'} disabled={disabled} onClick={onMove} data-move={by}>
      <span className={classes.arrow} data-up={by === -1 || undefined}><Icon name="chevron" size={16} /></span>
    </ActionIcon>
  );
}
