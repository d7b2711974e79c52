import { memo } from 'react';
import type { TextField } from '../../api/types';
import { codePointLength } from '../../lib/codepoints';
import css from './fields.module.css';

interface TextAnswerProps {
  field: TextField;
  value: string;
  disabled: boolean;
  onType: (field: string, value: string) => void;
}

export const TextAnswer = memo(function TextAnswer({ field, value, disabled, onType }: TextAnswerProps) {
  const length = codePointLength(value);
  const near = length > field.max_length * 0.8;
  return (
    <>
      <textarea
        className={css.textarea}
        aria-label={field.title}
        aria-required={field.required}
        aria-invalid={length > field.max_length || undefined}
        dir="auto"
        rows={3}
        disabled={disabled}
        value={value}
        onChange={(event) => onType(field.key, event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur();
        }}
      />
      {near && (
        <div className={css.length} data-over={length > field.max_length || undefined} role="status">
          {length.toLocaleString()} of {field.max_length.toLocaleString()} characters
        </div>
      )}
    </>
  );
});
