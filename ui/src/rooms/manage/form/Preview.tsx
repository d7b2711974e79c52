import { useState } from 'react';
import { Key } from '../../../components/Key';
import { hex, paint } from '../../../lib/paint';
import classes from './form.module.css';
import type { Field, Label } from './model';

/** What an annotator will see: the sample text and the form beside it. Nothing that is tried here is kept. */
export function Preview({ fields, sample }: { fields: readonly Field[]; sample: string }) {
  const spans = fields.find((field) => field.kind === 'spans');
  return (
    <div className={classes.preview}>
      <p className={classes.sample}>{spans && spans.labels.length ? <Tagged text={sample} labels={spans.labels} /> : sample}</p>
      {fields.length === 0 && <p className={classes.quiet}>The questions appear here as you add them.</p>}
      {fields.map((field, index) => (
        <section key={index} aria-label={field.title || `Field ${index + 1}`}>
          <h3>
            {field.title || <span className={classes.quiet}>Untitled question</span>}
            {field.required && <span className={classes.required}>required</span>}
          </h3>
          {field.kind === 'text' ? (
            <div className={classes.textBox}>Up to {field.max_length.toLocaleString('en-GB')} characters</div>
          ) : (
            <Choices field={field} />
          )}
        </section>
      ))}
    </div>
  );
}

function Choices({ field }: { field: Exclude<Field, { kind: 'text' }> }) {
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const many = field.kind === 'spans' || field.multiple;
  const press = (id: string) => setChosen((now) => (now.includes(id) ? now.filter((other) => other !== id) : many ? [...now, id] : [id]));
  return (
    <div className={classes.choices} role="group">
      {field.labels.map((label, index) => (
        <button key={index} type="button" aria-pressed={chosen.includes(label.id)} onClick={() => press(label.id)}>
          <Swatch colour={label.colour} />
          <span className={classes.grow}>{label.title || '…'}</span>
          {label.key && <Key k={label.key} />}
        </button>
      ))}
    </div>
  );
}

export function Swatch({ colour }: { colour: string | null | undefined }) {
  return (
    <svg width={12} height={12} aria-hidden="true" className={classes.swatch}>
      <rect width={12} height={12} rx={3} fill={hex(colour, 'currentColor')} />
    </svg>
  );
}

/** A few capitalised words of the sample, tagged, so that spans can be imagined. */
function Tagged({ text, labels }: { text: string; labels: readonly Label[] }) {
  const names = [...text.matchAll(/(?<!^)(?<![.!?] )\b\p{Lu}[\p{L}]+(?: \p{Lu}[\p{L}]+)*/gu)].slice(0, labels.length);
  const parts = [];
  let from = 0;
  names.forEach((match, index) => {
    const label = labels[index % labels.length]!;
    parts.push(text.slice(from, match.index));
    parts.push(
      <mark key={index} ref={paint({ '--tag': hex(label.colour, '#55646e') })}>
        <b>{label.title || '…'}</b>
        {match[0]}
      </mark>,
    );
    from = match.index + match[0].length;
  });
  parts.push(text.slice(from));
  return <>{parts}</>;
}
