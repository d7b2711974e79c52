/** Three forms to begin from. Their texts were written for this project. */
import { LABEL_COLOURS, type Draft, type Label } from './model';

const label = (id: string, title: string, index: number): Label => ({
  id,
  title,
  key: String(index + 1),
  colour: LABEL_COLOURS[index % LABEL_COLOURS.length]!,
});

const labels = (...pairs: [string, string][]): Label[] => pairs.map(([id, title], index) => label(id, title, index));

export interface Template {
  id: string;
  title: string;
  says: string;
  /** A text to try the form on. */
  sample: string;
  draft: Omit<Draft, 'name' | 'rules'>;
}

export const TEMPLATES: readonly Template[] = [
  {
    id: 'incidents',
    title: 'Incident classes',
    says: 'One class for each report, and a note where it needs one',
    sample: 'At 06:40 a hose parted at berth 4 and about 30 litres of diesel reached the water before the valve was closed. Nobody was hurt.',
    draft: {
      description: 'What kind of incident does each report describe?',
      overlap: 3,
      guideline:
        '# What happened?\n\nChoose the class of the *first* thing that went wrong, not of what followed from it.\n\n- **Spill**: oil, fuel or chemicals left their container.\n- **Collision**: a vessel or vehicle struck something.\n- **Injury**: a person was hurt, whatever the cause.\n- **Security**: somebody was where they may not be.\n- **Other**: none of these; say what in the note.\n',
      fields: [
        {
          key: 'kind',
          kind: 'class',
          title: 'What happened?',
          required: true,
          multiple: false,
          labels: labels(['spill', 'Spill'], ['collision', 'Collision'], ['injury', 'Injury'], ['security', 'Security'], ['other', 'Other']),
        },
        { key: 'note', kind: 'text', title: 'Anything a reader should know?', required: false, max_length: 500 },
      ],
    },
  },
  {
    id: 'entities',
    title: 'Entities',
    says: 'People, organisations, places, dates and equipment, marked in the text',
    sample: 'On 14 March the harbour master, Ana Reis, sent two cranes of Orion Logistics from Setúbal to the eastern quay.',
    draft: {
      description: 'Which people, organisations, places, dates and equipment are named?',
      overlap: 2,
      guideline:
        '# Entities\n\nMark every *name*, the whole of it and nothing around it: **Ana Reis**, not **master, Ana Reis**.\n\n- A span may lie inside another.\n- Pronouns (*she*, *they*) are not marked.\n- A ship is equipment; the company that runs it is an organisation.\n',
      fields: [
        {
          key: 'entities',
          kind: 'spans',
          title: 'Mark what is named',
          required: false,
          labels: labels(['person', 'Person'], ['organisation', 'Organisation'], ['location', 'Location'], ['date', 'Date'], ['equipment', 'Equipment']),
        },
      ],
    },
  },
  {
    id: 'sentiment',
    title: 'Sentiment',
    says: 'Positive, neutral or negative, and what the text speaks of',
    sample: 'The new queue at the distribution point is much faster, but there was no water left after eleven.',
    draft: {
      description: 'How does the writer feel, and about what?',
      overlap: 3,
      guideline: '# Sentiment\n\nJudge what the *writer* feels, not what you feel.\n\nMixed feelings count as **mixed**, even where one side is stronger.\n',
      fields: [
        {
          key: 'sentiment',
          kind: 'class',
          title: 'How does the writer feel?',
          required: true,
          multiple: false,
          labels: labels(['positive', 'Positive'], ['neutral', 'Neutral'], ['negative', 'Negative'], ['mixed', 'Mixed']),
        },
        {
          key: 'topics',
          kind: 'class',
          title: 'What is it about?',
          required: false,
          multiple: true,
          labels: labels(['service', 'Service'], ['supplies', 'Supplies'], ['staff', 'Staff'], ['place', 'Place']).map((entry, index) => ({ ...entry, key: 'abcd'[index]! })),
        },
      ],
    },
  },
];
