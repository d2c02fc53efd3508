import { NativeSelect } from '@mantine/core';

interface ChoiceProps<T extends string> {
  label: string;
  value: T;
  options: readonly { value: T; label: string }[];
  onChange: (value: T) => void;
  testid?: string;
}

/** One word of a sentence that can be another. */
export function Choice<T extends string>({ label, value, options, onChange, testid }: ChoiceProps<T>) {
  return (
    <NativeSelect
      aria-label={label} value={value} data={[...options]} {...(testid === undefined ? {} : { 'data-testid': testid })}
      onChange={(event) => onChange(event.currentTarget.value as T)}
    />
  );
}
