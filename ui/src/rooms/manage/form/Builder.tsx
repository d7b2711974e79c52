import { ActionIcon, Button, Checkbox, NumberInput, SegmentedControl, TextInput, Tooltip } from '@mantine/core';
import IconArrowDown from '@tabler/icons-react/dist/esm/icons/IconArrowDown.mjs';
import IconArrowUp from '@tabler/icons-react/dist/esm/icons/IconArrowUp.mjs';
import IconPlus from '@tabler/icons-react/dist/esm/icons/IconPlus.mjs';
import IconTrash from '@tabler/icons-react/dist/esm/icons/IconTrash.mjs';
import { useRef, type KeyboardEvent } from 'react';
import { flushSync } from 'react-dom';
import { Key } from '../../../components/Key';
import { hex } from '../../../lib/paint';
import classes from './form.module.css';
import { KINDS, keysOf, moved, newField, newLabel, problemAt, replaced, retitled, without, type Field, type FieldKind, type Label, type Problem } from './model';

interface BuilderProps {
  fields: Field[];
  change: (fields: Field[]) => void;
  problems: readonly Problem[];
  /** The form as it is stored: answers hold its keys and ids, so those stay as they are. */
  saved?: readonly Field[];
}

/** The fields of a form, in the order in which they are asked. */
export function Builder({ fields, change, problems, saved = [] }: BuilderProps) {
  const list = useRef<HTMLOListElement>(null);
  const add = (kind: FieldKind) => {
    flushSync(() => change([...fields, newField(kind, fields)]));
    list.current?.querySelector<HTMLInputElement>(':scope > li:last-child input')?.focus();
  };
  return (
    <div className={classes.builder}>
      <ol ref={list} className={classes.fields}>
        {fields.map((field, index) => (
          <FieldEditor
            key={index}
            field={field}
            index={index}
            of={fields}
            problems={problems}
            saved={saved.find((each) => each.key === field.key)}
            change={(next) => change(replaced(fields, index, next))}
            move={(to) => change(moved(fields, index, to))}
            remove={() => change(without(fields, index))}
          />
        ))}
      </ol>
      <div className={classes.add}>
        <span>{fields.length ? 'Ask something more:' : 'What should people answer?'}</span>
        {(Object.keys(KINDS) as FieldKind[]).map((kind) => (
          <Tooltip key={kind} label={KINDS[kind].says} events={{ hover: true, focus: true, touch: true }}>
            <Button size="xs" variant="default" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => add(kind)}>
              {KINDS[kind].title}
            </Button>
          </Tooltip>
        ))}
      </div>
    </div>
  );
}

interface FieldEditorProps {
  field: Field;
  index: number;
  of: readonly Field[];
  problems: readonly Problem[];
  saved: Field | undefined;
  change: (field: Field) => void;
  move: (to: number) => void;
  remove: () => void;
}

function FieldEditor({ field, index, of, problems, saved, change, move, remove }: FieldEditorProps) {
  const name = field.title || `field ${index + 1}`;
  const wrong = (...path: (string | number)[]) => problemAt(problems, 'fields', index, ...path);
  const otherKeys = of.filter((_, at) => at !== index).map((other) => other.key);
  return (
    <li className={classes.field} aria-label={`Field ${index + 1}: ${name}`} onKeyDown={onAltArrows(move, index)}>
      <div className={classes.fieldHead}>
        <span className={classes.kind}>{KINDS[field.kind].title}</span>
        <TextInput
          className={classes.grow}
          aria-label={`Question of field ${index + 1}`}
          placeholder={field.kind === 'class' ? 'What happened?' : field.kind === 'spans' ? 'Mark what is named' : 'Anything a reader should know?'}
          value={field.title}
          error={wrong('title')}
          onChange={(event) => change(saved ? { ...field, title: event.currentTarget.value } : retitled(field, event.currentTarget.value, 'key', otherKeys, 'field'))}
        />
        <Movers name={name} index={index} last={of.length - 1} move={move} remove={remove} what="field" />
      </div>
      <div className={classes.fieldRow}>
        <TextInput
          className={classes.code}
          size="xs"
          label="Key in the data"
          value={field.key}
          readOnly={saved !== undefined}
          error={wrong('key')}
          onChange={(event) => change({ ...field, key: event.currentTarget.value })}
        />
        <Checkbox
          size="xs"
          label="An answer is required"
          checked={field.required}
          onChange={(event) => change({ ...field, required: event.currentTarget.checked })}
        />
        {field.kind === 'class' && (
          <SegmentedControl
            size="xs"
            aria-label={`How many labels ${name} takes`}
            disabled={saved !== undefined}
            value={field.multiple ? 'many' : 'one'}
            data={[
              { value: 'one', label: 'One label' },
              { value: 'many', label: 'Several' },
            ]}
            onChange={(value) => change({ ...field, multiple: value === 'many' })}
          />
        )}
        {field.kind === 'text' && (
          <NumberInput
            className={classes.number}
            size="xs"
            label="Characters at most"
            min={1}
            value={field.max_length}
            error={wrong('max_length')}
            onChange={(value) => change({ ...field, max_length: typeof value === 'number' ? value : 0 })}
          />
        )}
      </div>
      {field.kind !== 'text' && (
        <Labels
          labels={field.labels}
          of={name}
          taken={keysOf(of.filter((_, at) => at !== index))}
          wrong={(...path) => wrong('labels', ...path)}
          fixed={saved && saved.kind !== 'text' ? saved.labels.map((label) => label.id) : []}
          change={(labels) => change({ ...field, labels })}
        />
      )}
    </li>
  );
}

interface LabelsProps {
  labels: Label[];
  of: string;
  /** Keys that other fields of the form use. */
  taken: readonly string[];
  wrong: (...path: (string | number)[]) => string | undefined;
  /** Ids that answers may hold. */
  fixed: readonly string[];
  change: (labels: Label[]) => void;
}

function Labels({ labels, of, taken, wrong, fixed, change }: LabelsProps) {
  const list = useRef<HTMLOListElement>(null);
  const set = (index: number, part: Partial<Label>) => change(replaced(labels, index, { ...labels[index]!, ...part }));
  const focus = (index: number) => list.current?.querySelectorAll<HTMLInputElement>('[data-label-title] input')[index]?.focus();
  // The next character typed belongs to the new place: the list is drawn before the focus moves, and both before the key is let go.
  const add = () => {
    flushSync(() => change([...labels, newLabel(labels, taken)]));
    focus(labels.length);
  };
  return (
    <div>
      <div className={classes.columns} aria-hidden="true">
        <span>Label</span>
        <span>Id in the data</span>
        <span>Key</span>
      </div>
      <ol ref={list} className={classes.labels} aria-label={`Labels of ${of}`}>
        {labels.map((label, index) => {
          const name = label.title || `label ${index + 1}`;
          const move = (to: number) => {
            flushSync(() => change(moved(labels, index, to)));
            if (to >= 0 && to < labels.length) focus(to);
          };
          const others = labels.filter((_, at) => at !== index).map((other) => other.id);
          return (
            <li key={index} onKeyDown={onAltArrows(move, index)}>
              <input
                type="color"
                className={classes.colour}
                aria-label={`Colour of ${name}`}
                value={hex(label.colour, '#55646e')}
                onChange={(event) => set(index, { colour: event.currentTarget.value })}
              />
              <TextInput
                className={classes.grow}
                size="xs"
                wrapperProps={{ 'data-label-title': true }}
                aria-label={`Title of label ${index + 1} of ${of}`}
                placeholder="Label"
                value={label.title}
                error={wrong(index, 'title')}
                onChange={(event) => change(replaced(labels, index, fixed.includes(label.id) ? { ...label, title: event.currentTarget.value } : retitled(label, event.currentTarget.value, 'id', others, 'label')))}
                onKeyDown={(event) => {
                  if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) {
                    event.preventDefault();
                    if (index === labels.length - 1) add();
                    else focus(index + 1);
                  }
                }}
              />
              <TextInput
                className={classes.labelId}
                size="xs"
                aria-label={`Id of ${name}`}
                value={label.id}
                readOnly={fixed.includes(label.id)}
                error={wrong(index, 'id')}
                onChange={(event) => set(index, { id: event.currentTarget.value })}
              />
              <TextInput
                className={classes.labelKey}
                size="xs"
                aria-label={`Key of ${name}`}
                maxLength={2}
                placeholder="–"
                value={label.key ?? ''}
                error={wrong(index, 'key')}
                onChange={(event) => set(index, { key: event.currentTarget.value.slice(-1) })}
              />
              <Movers name={name} index={index} last={labels.length - 1} move={move} remove={() => change(without(labels, index))} what="label" />
            </li>
          );
        })}
      </ol>
      {wrong() && (
        <p className={classes.wrong} role="alert">
          {wrong()}
        </p>
      )}
      <Button size="xs" variant="subtle" leftSection={<IconPlus size={14} aria-hidden />} onClick={add} rightSection={<Key k="Enter" />}>
        Add a label
      </Button>
    </div>
  );
}

interface MoversProps {
  name: string;
  what: 'field' | 'label';
  index: number;
  last: number;
  move: (to: number) => void;
  remove: () => void;
}

function Movers({ name, what, index, last, move, remove }: MoversProps) {
  return (
    <div className={classes.movers}>
      <ActionIcon variant="subtle" size="sm" aria-label={`Move ${what} ${name} up`} title="Up: Alt ↑" disabled={index === 0} onClick={() => move(index - 1)}>
        <IconArrowUp size={14} aria-hidden />
      </ActionIcon>
      <ActionIcon variant="subtle" size="sm" aria-label={`Move ${what} ${name} down`} title="Down: Alt ↓" disabled={index === last} onClick={() => move(index + 1)}>
        <IconArrowDown size={14} aria-hidden />
      </ActionIcon>
      <ActionIcon variant="subtle" size="sm" aria-label={`Remove ${what} ${name}`} onClick={remove}>
        <IconTrash size={14} aria-hidden />
      </ActionIcon>
    </div>
  );
}

const onAltArrows = (move: (to: number) => void, index: number) => (event: KeyboardEvent) => {
  if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
  event.preventDefault();
  event.stopPropagation();
  move(event.key === 'ArrowUp' ? index - 1 : index + 1);
};
