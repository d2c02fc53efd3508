import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import { texts } from '../texts';
import { Icon } from './icons';
import classes from './ui.module.css';

export function CodeBlock({ code, label }: { code: string; label: string }) {
  return (
    <div className={classes.code}>
      <pre tabIndex={0} aria-label={label}>{code}</pre>
      <CopyButton text={code} className={classes.copy ?? ''} />
    </div>
  );
}

export function CopyButton({ text, label = texts.copy, className = '' }: { text: string | (() => string); label?: string; className?: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <Button
      size="xs" variant="default" className={className} leftSection={<Icon name={copied ? 'check' : 'copy'} size={14} />}
      onClick={() => void copy(typeof text === 'string' ? text : text()).then(setCopied)} aria-live="polite"
    >
      {copied ? texts.copied : label}
    </Button>
  );
}

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/** Browsers give no clipboard to pages without TLS, which a server of one's own often is. */
function copyBySelection(text: string): boolean {
  const area = document.createElement('textarea');
  area.value = text;
  area.style.position = 'fixed';
  area.style.opacity = '0';
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  return done;
}
