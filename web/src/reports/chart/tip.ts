/** What stands under the pointer, built of text nodes: no captured value is ever read as markup. */
import classes from '../reports.module.css';

export interface TipRow {
  label: string;
  value: string;
  color?: string;
  dashed?: boolean;
}

export function tipBox(title: string, rows: TipRow[]): HTMLElement {
  const box = document.createElement('div');
  box.append(element('div', classes.tooltipTitle, title));
  for (const { label, value, color, dashed } of rows) {
    const row = element('div', classes.tooltipRow, '');
    if (color !== undefined) {
      const swatch = element('span', classes.swatch, '');
      swatch.style.setProperty('--swatch', color);
      if (dashed) swatch.dataset['dashed'] = 'true';
      row.append(swatch);
    }
    row.append(element('bdi', classes.tooltipLabel, label), element('span', classes.tooltipValue, value));
    box.append(row);
  }
  return box;
}

function element(tag: string, className: string | undefined, text: string): HTMLElement {
  const made = document.createElement(tag);
  made.className = className ?? '';
  made.textContent = text;
  return made;
}
