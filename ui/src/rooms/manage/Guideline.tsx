import { SegmentedControl, Skeleton, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useModule } from '../../components/useModule';
import classes from './guideline.module.css';

const load = () => import('../../components/Markdown');

/** The guideline: written as Markdown, shown as the desk shows it. */
export function Guideline({ text, change }: { text: string; change: (text: string) => void }) {
  const [shown, setShown] = useState<'write' | 'preview'>('write');
  const module = useModule(load, shown === 'preview');
  return (
    <div className={classes.guideline}>
      <div className={classes.head}>
        <p>Annotators open it with one key at the desk. A change makes a new version, and each answer says under which it was given.</p>
        <SegmentedControl
          size="xs"
          aria-label="Guideline: write or preview"
          value={shown}
          data={[
            { value: 'write', label: 'Write' },
            { value: 'preview', label: 'Preview' },
          ]}
          onChange={(value) => setShown(value as 'write' | 'preview')}
        />
      </div>
      {shown === 'write' ? (
        <Textarea
          aria-label="Guideline, in Markdown"
          autosize
          minRows={8}
          maxRows={24}
          maxLength={200_000}
          placeholder={'# What counts\n\nSay what each label means, and what to do in doubt.'}
          value={text}
          onChange={(event) => change(event.currentTarget.value)}
        />
      ) : (
        <div className={classes.preview} role="region" aria-label="Guideline, as annotators see it" tabIndex={0}>
          {!text.trim() ? <p>Nothing written yet.</p> : module ? <module.Markdown text={text} /> : <Skeleton height={160} />}
        </div>
      )}
    </div>
  );
}
