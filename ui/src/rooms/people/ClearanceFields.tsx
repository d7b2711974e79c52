import { MultiSelect } from '@mantine/core';
import { Levels, Names } from '../data/marking/MarkingBuilder';
import { sentenceCase, titled, type Vocabulary } from '../data/marking/vocabulary';
import { byBlock, type Held } from './clearance';
import classes from './people.module.css';

interface ClearanceFieldsProps {
  vocabulary: Vocabulary;
  held: Held;
  change: (held: Held) => void;
}

/** One field for each kind of thing that a clearance may hold in this scheme. */
export function ClearanceFields({ vocabulary, held, change }: ClearanceFieldsProps) {
  const blocks = byBlock(vocabulary, held.compartments);
  const { circles, nations } = vocabulary;
  return (
    <div className={classes.fields}>
      <Levels vocabulary={vocabulary} label="Up to the level" level={held.level} change={(level) => change({ ...held, level })} />
      {vocabulary.compartments.map((block) => (
        <Names
          key={block.key}
          label={sentenceCase(block.title)}
          // A clearance may hold sub-compartments, which no list can name.
          block={block.children ? { ...block, open: openWith(block.values.map((value) => value.name), block.children, block.grandchildren), prefix: '' } : block}
          chosen={blocks[block.key] ?? []}
          change={(names) => change({ ...held, compartments: Object.values({ ...blocks, [block.key]: names }).flat() })}
        />
      ))}
      {circles && <Names label={sentenceCase(circles.title)} block={{ values: circles.values, open: circles.open, prefix: '' }} chosen={held.circles} change={(names) => change({ ...held, circles: names })} />}
      {nations && (
        <MultiSelect
          label="Nationalities"
          description={held.nations.length ? undefined : 'Without one, only what is everyone’s'}
          searchable
          hidePickedOptions
          data={nations.values.map((value) => ({ value: value.name, label: titled(value) }))}
          value={held.nations}
          onChange={(names) => change({ ...held, nations: names })}
        />
      )}
      {vocabulary.attributes.length > 0 && <MultiSelect label="Attributes" placeholder={held.attributes.length ? undefined : 'None'} data={vocabulary.attributes} value={held.attributes} onChange={(names) => change({ ...held, attributes: names })} />}
    </div>
  );
}

const openWith = (parents: readonly string[], children: string, grandchildren: string | null): string => `(?:${parents.join('|')})(?:-(?:${children})${grandchildren ? `(?: (?:${grandchildren}))*` : ''})?`;
