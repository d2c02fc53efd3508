import { texts } from '../texts';
import { Icon, isIcon } from './icons';
import classes from './TypeIcon.module.css';

export const typeName = (type: string) => texts.type[type] ?? type;

export function TypeIcon({ type }: { type: string }) {
  return (
    <span className={classes.type} data-type={type} role="img" aria-label={typeName(type)} title={typeName(type)}>
      <Icon name={isIcon(type) ? type : 'custom'} size={16} />
    </span>
  );
}
