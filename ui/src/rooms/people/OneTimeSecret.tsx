import { Button, CopyButton } from '@mantine/core';
import classes from './people.module.css';

/** Something that is shown this once: the text, and a button that copies it. */
export function OneTimeSecret({ label, value, note }: { label: string; value: string; note: string }) {
  return (
    <div className={classes.secret} role="status">
      <b>{label}</b>
      <div>
        <code role="textbox" aria-readonly="true" aria-label={label}>{value}</code>
        <CopyButton value={value}>
          {({ copied, copy }) => (
            <Button size="xs" onClick={copy}>
              {copied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </CopyButton>
      </div>
      <p>{note}</p>
    </div>
  );
}
