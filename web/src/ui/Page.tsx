import { Text, Title } from '@mantine/core';
import { useEffect, useRef, type ReactNode } from 'react';
import { texts } from '../texts';
import classes from './ui.module.css';

interface PageProps {
  title: string;
  lead?: string;
  actions?: ReactNode;
  children: ReactNode;
}

/** The title of the page before. */
let shown: string | null = null;

export function Page({ title, lead, actions, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · ${texts.app}`;
    // Tells screen readers that the page changed, and puts the next Tab at its beginning. The first page
    // leaves the focus where browsers begin, at the skip link.
    if (shown !== null && shown !== title) heading.current?.focus({ preventScroll: true });
    shown = title;
  }, [title]);
  return (
    <div className={classes.page}>
      <div className={classes.head}>
        <div>
          <Title order={1} size="h2" ref={heading} tabIndex={-1}>{title}</Title>
          {lead !== undefined && <Text c="dimmed" mt={2}>{lead}</Text>}
        </div>
        {actions}
      </div>
      {children}
    </div>
  );
}

export function Card({ padded = true, children, label }: { padded?: boolean; children: ReactNode; label?: string }) {
  return (
    <section className={padded ? `${classes.card} ${classes.padded}` : classes.card} aria-label={label}>
      {children}
    </section>
  );
}
