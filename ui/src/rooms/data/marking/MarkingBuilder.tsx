import { Button, Checkbox, MultiSelect, SegmentedControl, Skeleton, TagsInput, TextInput } from '@mantine/core';
import IconPlus from '@tabler/icons-react/dist/esm/icons/IconPlus.mjs';
import { useId, useState } from 'react';
import { ErrorNote } from '../../../components/ErrorNote';
import { MarkingBadge } from '../../../components/MarkingBadge';
import { hex, paint } from '../../../lib/paint';
import classes from './marking.module.css';
import { bare, cutAt, picksOf, textOf, type Picks, type Release } from './picks';
import { useMarking, type Checked } from './useMarking';
import { useVocabulary } from './useVocabulary';
import { isName, sentenceCase, titled, type CompartmentBlock, type Vocabulary } from './vocabulary';

interface MarkingBuilderProps {
  /** A marking's text, finished or not. */
  text: string;
  change: (text: string) => void;
  label: string;
}

/** Builds a marking by picking from the scheme's words, or by typing it; the banner it makes stands below, as the server reads it. */
export function MarkingBuilder({ text, change, label }: MarkingBuilderProps) {
  const { vocabulary, error, retry } = useVocabulary();
  const [typing, setTyping] = useState(false);
  const checked = useMarking(text);
  const id = useId();
  if (error) return <ErrorNote error={error} retry={retry} />;
  if (!vocabulary) return <Skeleton height={140} radius={6} />;
  const picks = picksOf(vocabulary, checked.state === 'good' ? checked.marking.text : text) ?? (text.trim() ? null : bare(vocabulary));
  const typed = typing || picks === null;
  const reading = (
    <div key="reading" id={`${id}-reading`} aria-live="polite">
      <Reading text={text.trim()} checked={checked} />
    </div>
  );
  return (
    <fieldset className={classes.builder} aria-describedby={`${id}-reading`}>
      <legend>{label}</legend>
      <SegmentedControl
        size="xs"
        aria-label="How to give the marking"
        value={typed ? 'type' : 'pick'}
        data={[
          { value: 'pick', label: 'Pick', disabled: picks === null },
          { value: 'type', label: 'Type' },
        ]}
        onChange={(value) => {
          setTyping(value === 'type');
          if (value === 'pick' && checked.state === 'good') change(checked.marking.text);
        }}
      />
      {typed ? (
        <TextInput
          aria-label={`${label}, as text`}
          classNames={{ input: classes.code }}
          placeholder={textOf(vocabulary, bare(vocabulary, vocabulary.levels.at(-1)!.long))}
          spellCheck={false}
          autoComplete="off"
          value={text}
          error={checked.state === 'bad'}
          onChange={(event) => change(event.currentTarget.value)}
        />
      ) : (
        reading
      )}
      {typed ? reading : <Picker vocabulary={vocabulary} picks={picks} change={(next) => change(textOf(vocabulary, next))} />}
    </fieldset>
  );
}

/** The banner that a text makes, or the place where it goes wrong. */
export function Reading({ text, checked }: { text: string; checked: Checked }) {
  if (checked.state === 'empty') return <p className={classes.quiet}>The banner appears here.</p>;
  if (checked.state === 'failed') return <ErrorNote error={checked.error} retry={checked.retry} />;
  if (checked.state === 'bad') {
    const { before, fault, after } = cutAt(text, checked.mistake.position ?? 0);
    return (
      <div className={classes.mistake}>
        <code>
          {before}
          <mark>{fault || '␣'}</mark>
          {after}
        </code>
        <p>
          At character {(checked.mistake.position ?? 0) + 1}: {fault ? `“${fault}” can’t stand here.` : 'something is missing.'} Expected {checked.mistake.expected ?? 'something else'}.
        </p>
      </div>
    );
  }
  const marking = checked.state === 'good' ? checked.marking : checked.last;
  if (!marking) return <p className={classes.quiet}>Reading…</p>;
  return (
    <div ref={paint({ '--mark': hex(marking.colour, '#3a444b'), '--mark-ink': hex(marking.ink, '#ffffff') })} className={classes.banner} data-old={checked.state === 'checking' || undefined}>
      {marking.text}
    </div>
  );
}

interface PickerProps {
  vocabulary: Vocabulary;
  picks: Picks;
  change: (picks: Picks) => void;
}

function Picker({ vocabulary, picks, change }: PickerProps) {
  const rank = vocabulary.levels.find((level) => level.long === picks.level)?.rank ?? 0;
  const caveats = vocabulary.caveats.filter((caveat) => picks.caveats.includes(caveat.name) || (rank >= caveat.min_rank && (caveat.max_rank === null || rank <= caveat.max_rank)));
  return (
    <div className={classes.picker}>
      <Levels vocabulary={vocabulary} level={picks.level} change={(level) => change({ ...picks, level })} />
      {vocabulary.compartments.map((block) => (
        <Names key={block.key} label={sentenceCase(block.title)} block={block} chosen={picks.compartments[block.key] ?? []} change={(names) => change({ ...picks, compartments: { ...picks.compartments, [block.key]: names } })} />
      ))}
      {vocabulary.circles && <Circles circles={vocabulary.circles} clauses={picks.circles} change={(circles) => change({ ...picks, circles })} />}
      {vocabulary.names && (
        <TagsInput
          label="Only these people"
          description={picks.names.length ? undefined : 'Empty: everyone whose clearance permits it'}
          placeholder={picks.names.length ? undefined : 'A login, then Enter'}
          value={picks.names}
          onChange={(names) => change({ ...picks, names: names.map((name) => name.trim()).filter(Boolean) })}
        />
      )}
      {vocabulary.nations && <Nations nations={vocabulary.nations} picks={picks} change={change} />}
      {caveats.length > 0 && (
        <Checkbox.Group label="Handling" value={picks.caveats} onChange={(names) => change({ ...picks, caveats: names })}>
          <div className={classes.checks}>
            {caveats.map((caveat) => (
              <Checkbox key={caveat.name} size="xs" value={caveat.name} label={titled(caveat)} />
            ))}
          </div>
        </Checkbox.Group>
      )}
    </div>
  );
}

/** The levels side by side, each with its colour as well as its name. */
export function Levels({ vocabulary, level, change, label = 'Level' }: { vocabulary: Vocabulary; level: string; change: (level: string) => void; label?: string }) {
  const id = useId();
  return (
    <div>
      <span className={classes.label} id={id}>
        {label}
      </span>
      <div className={classes.levels} role="radiogroup" aria-labelledby={id}>
        {vocabulary.levels.map((each) => (
          <label key={each.long} data-chosen={each.long === level || undefined}>
            <input type="radio" name={id} checked={each.long === level} onChange={() => change(each.long)} />
            <MarkingBadge marking={{ text: each.long, portion: each.short, level: each.long, colour: each.colour, ink: each.ink }} />
            {each.long}
          </label>
        ))}
      </div>
    </div>
  );
}

interface NamesProps {
  label: string;
  block: Pick<CompartmentBlock, 'values' | 'open' | 'prefix'>;
  chosen: readonly string[];
  change: (names: string[]) => void;
}

/** Names of one block: from the list where only listed ones exist, free ones too where the scheme allows them. */
export function Names({ label, block, chosen, change }: NamesProps) {
  const [wrong, setWrong] = useState('');
  if (block.open === null)
    return <MultiSelect label={label} searchable clearable hidePickedOptions placeholder={chosen.length ? undefined : 'None'} data={block.values.map((value) => ({ value: value.name, label: titled(value) }))} value={[...chosen]} onChange={change} />;
  return (
    <TagsInput
      label={label}
      clearable
      placeholder={chosen.length ? undefined : block.prefix ? `For example ${block.prefix}17, then Enter` : 'None'}
      data={block.values.map((value) => value.name)}
      renderOption={({ option }) => titled(block.values.find((value) => value.name === option.value) ?? { name: option.value, title: '' })}
      value={[...chosen]}
      error={wrong}
      onChange={(entered) => {
        const names = [...new Set(entered.map((name) => withPrefix(name, block.prefix)))];
        const bad = names.find((name) => !isName(name, block.values, block.open, block.prefix));
        setWrong(bad ? `“${bad}” is no name here: capitals, digits and hyphens.` : '');
        if (!bad) change(names);
      }}
    />
  );
}

const withPrefix = (entered: string, prefix: string): string => {
  const name = entered.trim().toUpperCase();
  return prefix && !name.startsWith(prefix) ? prefix + name : name;
};

function Circles({ circles, clauses, change }: { circles: NonNullable<Vocabulary['circles']>; clauses: string[][]; change: (clauses: string[][]) => void }) {
  const rows = clauses.length ? clauses : [[]];
  return (
    <div className={classes.circles}>
      {rows.map((clause, index) => (
        <Names
          key={index}
          label={index === 0 ? 'For members of any of' : 'and also any of'}
          block={{ values: circles.values, open: circles.open, prefix: '' }}
          chosen={clause}
          change={(names) => change(rows.map((old, at) => (at === index ? names : old)).filter((each, at) => each.length > 0 || at === index))}
        />
      ))}
      {rows.every((clause) => clause.length > 0) && (
        <Button size="compact-xs" variant="subtle" leftSection={<IconPlus size={13} aria-hidden />} onClick={() => change([...rows, []])}>
          and a second condition
        </Button>
      )}
    </div>
  );
}

function Nations({ nations, picks, change }: { nations: NonNullable<Vocabulary['nations']>; picks: Picks; change: (picks: Picks) => void }) {
  const others = [
    { group: 'Groups', items: nations.groups.map((group) => ({ value: group.name, label: `${group.title} (${group.name})` })) },
    { group: 'Nations', items: nations.values.filter((value) => value.name !== nations.home).map((value) => ({ value: value.name, label: titled(value) })) },
    { group: 'Organisations', items: nations.organisations.map((value) => ({ value: value.name, label: titled(value) })) },
  ];
  return (
    <div>
      <span className={classes.label}>Release</span>
      <SegmentedControl
        size="xs"
        aria-label="Release"
        value={picks.release}
        data={[
          { value: 'unsaid', label: 'As the level says' },
          { value: 'nobody', label: nations.release.nobody.long },
          { value: 'to', label: 'To nations' },
          ...(nations.release.display ? [{ value: 'display', label: 'Display only' }] : []),
        ]}
        onChange={(release) => change({ ...picks, release: release as Release })}
      />
      {(picks.release === 'to' || picks.release === 'display') && (
        <MultiSelect
          mt={8}
          aria-label="Nations"
          searchable
          hidePickedOptions
          placeholder={picks.nations.length ? undefined : 'Which nations?'}
          data={others}
          value={picks.nations}
          onChange={(chosen) => change({ ...picks, nations: chosen })}
        />
      )}
    </div>
  );
}
