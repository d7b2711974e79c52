import { Button, Select } from '@mantine/core';
import IconFileUpload from '@tabler/icons-react/dist/esm/icons/IconFileUpload.mjs';
import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState, type DragEvent } from 'react';
import { $api, upload } from '../../api/client';
import { useSession } from '../../api/session';
import type { ImportOut, ProjectOut } from '../../api/types';
import { ErrorNote } from '../../components/ErrorNote';
import { Key } from '../../components/Key';
import { Card } from '../../components/Page';
import { useKeys } from '../../lib/keys';
import { bytes } from '../manage/figures';
import classes from './data.module.css';
import { ImportRecord } from './ImportRecord';
import { LevelChoice } from './marking/LevelChoice';
import { columnsOf, FORMATS, guessFormat, usualColumn, type Format, type Meaning } from './sniff';
import { useJoin } from './useJoin';

const COLUMNS: Record<Meaning, { label: string; without: string }> = {
  text: { label: 'Text', without: 'No column is known to hold the text: choose one' },
  id: { label: 'Id', without: 'None: a row is known by its text' },
  marking: { label: 'Marking', without: 'None: all rows are marked the same' },
  people: { label: 'People who may be asked', without: 'None: everyone who is cleared' },
};
const MEANINGS = Object.keys(COLUMNS) as Meaning[];

interface Chosen {
  file: File;
  guess: Format | null;
  head: string;
}

/** Brings texts in; what was brought in before stands below, the running ones with their progress. */
export function ImportPanel({ project }: { project: ProjectOut }) {
  const queries = useQueryClient();
  const session = useSession();
  const picker = useRef<HTMLInputElement>(null);
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [dragging, setDragging] = useState(false);
  const path = { params: { path: { project_id: project.id } } };
  const imports = $api.useQuery('get', '/api/v1/projects/{project_id}/imports', path, {
    refetchInterval: (query) => (query.state.data?.items.some((each) => each.job.state === 'queued' || each.job.state === 'running') ? 1000 : false),
  });
  const pick = () => picker.current?.click();
  useKeys([{ keys: 'i', label: 'Bring texts in', group: 'Data', run: pick }]);
  const take = async (file: File | undefined) => {
    if (!file) return;
    const head = await file.slice(0, 65_536).text();
    setChosen({ file, head, guess: guessFormat(file.name, head) });
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setDragging(false);
    void take(event.dataTransfer.files[0]);
  };
  const refresh = () => {
    void queries.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[1]).startsWith('/api/v1/projects/{project_id}/') });
  };
  const items = imports.data?.items ?? [];
  return (
    <Card title="Bring texts in">
      <input
        ref={picker}
        type="file"
        hidden
        data-testid="import-file"
        onChange={(event) => {
          void take(event.currentTarget.files?.[0]);
          event.currentTarget.value = '';
        }}
      />
      {chosen ? (
        <Options
          key={`${chosen.file.name}-${chosen.file.lastModified}-${chosen.file.size}`}
          project={project}
          level={session.level}
          chosen={chosen}
          close={() => setChosen(null)}
          sent={() => {
            setChosen(null);
            refresh();
          }}
        />
      ) : (
        <div
          className={classes.drop}
          data-over={dragging || undefined}
          onDragOver={(event) => {
            event.preventDefault();
            setDragging(true);
          }}
          onDragLeave={() => setDragging(false)}
          onDrop={drop}
        >
          <IconFileUpload size={22} aria-hidden />
          <p>
            Drop a file here: CSV, JSON lines, plain text, CoNLL, or a zip of text files.
            <small>Each row becomes a task. Rows that can’t be read are listed with the reason, the others go in; what is there already isn’t added twice.</small>
          </p>
          <Button variant="default" rightSection={<Key k="i" />} onClick={pick}>
            Choose a file
          </Button>
        </div>
      )}
      {imports.error && <ErrorNote error={imports.error} retry={() => void imports.refetch()} />}
      {items.length > 0 && (
        <>
          <h3 className={classes.heading}>Brought in before</h3>
          <ul className={classes.records} aria-label="Imports">
            {items.map((each, index) => (
              <ImportRecord key={each.id} record={each} open={index === 0} changed={refresh} />
            ))}
          </ul>
        </>
      )}
    </Card>
  );
}

interface OptionsProps {
  project: ProjectOut;
  level: ProjectOut['marking'];
  chosen: Chosen;
  close: () => void;
  sent: (made: ImportOut) => void;
}

function Options({ project, level, chosen, close, sent }: OptionsProps) {
  const join = useJoin([level, project.marking]);
  const [format, setFormat] = useState<Format | 'auto'>('auto');
  const [named, setNamed] = useState<Partial<Record<Meaning, string | null>>>({});
  const [marking, setMarking] = useState<string | null>(null);
  const [record, setRecord] = useState(project.marking.text);
  const [gold, setGold] = useState<Gold>({ column: null, explanation: null, as: 'gold' });
  const [answers, setAnswers] = useState<{ of: string | null; field: string | null }>({ of: null, field: null });
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const effective = format === 'auto' ? chosen.guess : format;
  const columns = columnsOf(effective, chosen.head);
  const spanFields = project.form.fields.filter((field) => field.kind === 'spans');
  const usualText = usualColumn('text', columns);
  const undecided = columns.length > 0 && !named.text && !usualText;
  // Rows with markings of their own can't be below the import; without such rows it is marked as they are.
  const marked = Boolean(named.marking ?? usualColumn('marking', columns));
  const rowsMarking = marking ?? join.marking?.text;
  const at = marked ? record : rowsMarking;

  const send = async () => {
    if (!at || !rowsMarking || busy || undecided) return;
    const options: Record<string, string> = { default_marking: rowsMarking };
    for (const meaning of MEANINGS) if (named[meaning]) options[`${meaning}_column`] = named[meaning]!;
    if (gold.column) {
      options.gold_column = gold.column;
      options.known_as = gold.as;
      if (gold.explanation) options.explanation_column = gold.explanation;
    }
    if (effective === 'conll' && answers.of) {
      options.answers_of = answers.of;
      if (answers.field) options.answers_field = answers.field;
    }
    const form = new FormData();
    form.set('file', chosen.file, chosen.file.name);
    form.set('format', format);
    form.set('options', JSON.stringify(options));
    setBusy(true);
    setError(null);
    try {
      sent(await upload<ImportOut>(`/api/v1/projects/${project.id}/imports`, form, at));
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  useKeys([
    { keys: 'mod+Enter', label: 'Begin the import', group: 'Data', whileTyping: true, run: () => void send() },
    { keys: 'Escape', label: 'Put the file aside', group: 'Data', run: close },
  ]);

  return (
    <div className={classes.options}>
      <div className={classes.file}>
        <b>{chosen.file.name}</b>
        <span>{bytes(chosen.file.size)}</span>
      </div>
      <div className={classes.fields}>
        <Select
          label="Format"
          allowDeselect={false}
          data={[{ value: 'auto', label: chosen.guess ? `By itself: ${FORMATS[chosen.guess]}` : 'By itself' }, ...(Object.keys(FORMATS) as Format[]).map((value) => ({ value, label: FORMATS[value] }))]}
          error={format === 'auto' && !chosen.guess ? 'The name doesn’t tell what kind of file this is: choose a format' : undefined}
          value={format}
          onChange={(value) => setFormat(value as Format | 'auto')}
        />
        {columns.length > 0 &&
          MEANINGS.map((meaning) => {
            const usual = usualColumn(meaning, columns);
            return (
              <Select
                key={meaning}
                label={`${COLUMNS[meaning].label} column`}
                clearable
                searchable={columns.length > 10}
                placeholder={usual ? `${usual} (by its name)` : COLUMNS[meaning].without}
                error={meaning === 'text' && undecided}
                data={columns}
                value={named[meaning] ?? null}
                onChange={(value) => setNamed({ ...named, [meaning]: value })}
              />
            );
          })}
        {columns.length > 0 && <Known columns={columns} gold={gold} change={setGold} />}
        {effective === 'conll' && <Conll project={project} fields={spanFields.map((field) => ({ value: field.key, label: field.title }))} answers={answers} change={setAnswers} />}
      </div>
      {join.error != null && <ErrorNote error={join.error} />}
      {rowsMarking && (
        <LevelChoice
          label={marked ? 'Marking of rows that have none of their own' : 'Marking of the rows'}
          value={rowsMarking}
          change={setMarking}
          says={marked ? 'Each text is shown only to people cleared for its marking. A row’s own marking, from its column, comes first.' : 'Each text is shown only to people cleared for this, and so is the record of the import with the file’s name.'}
        />
      )}
      {marked && <LevelChoice label="Level of the import itself" value={record} change={setRecord} says="Whoever is cleared for it sees the file’s name and the lines of rejected rows, never what they say. Rows marked lower than this are rejected." />}
      {error != null && <ErrorNote error={error} />}
      <div className={classes.buttons}>
        <Button variant="default" rightSection={<Key k="Escape" />} onClick={close}>
          Cancel
        </Button>
        <Button loading={busy} disabled={!at || undecided} rightSection={<Key k="mod+Enter" />} onClick={() => void send()}>
          Bring in
        </Button>
      </div>
    </div>
  );
}

interface Gold {
  column: string | null;
  explanation: string | null;
  as: 'gold' | 'training';
}

/** Rows whose answer is known: they measure people, or teach them. */
function Known({ columns, gold, change }: { columns: string[]; gold: Gold; change: (gold: Gold) => void }) {
  return (
    <>
      <Select label="Right answer column" clearable placeholder="None: no answer is known" data={columns} value={gold.column} onChange={(column) => change({ ...gold, column })} />
      {gold.column && (
        <>
          <Select
            label="Rows that have one become"
            allowDeselect={false}
            data={[
              { value: 'gold', label: 'Gold tasks: mixed in, nobody can tell' },
              { value: 'training', label: 'Training tasks: first, with feedback' },
            ]}
            value={gold.as}
            onChange={(as) => change({ ...gold, as: as as Gold['as'] })}
          />
          <Select label="Explanation column" clearable placeholder="None" data={columns} value={gold.explanation} onChange={(explanation) => change({ ...gold, explanation })} />
        </>
      )}
    </>
  );
}

interface ConllProps {
  project: ProjectOut;
  fields: { value: string; label: string }[];
  answers: { of: string | null; field: string | null };
  change: (answers: { of: string | null; field: string | null }) => void;
}

/** Tags in a CoNLL file are somebody's answers, or nothing. */
function Conll({ project, fields, answers, change }: ConllProps) {
  const members = $api.useQuery('get', '/api/v1/projects/{project_id}/members', { params: { path: { project_id: project.id } } }, { enabled: fields.length > 0 });
  if (!fields.length) return null;
  return (
    <>
      <Select
        label="Whose answers the tags are"
        clearable
        placeholder="Nobody’s: take the texts alone"
        data={(members.data?.items ?? []).map(({ person }) => ({ value: person.login, label: `${person.name} (${person.login})` }))}
        value={answers.of}
        onChange={(of) => change({ ...answers, of })}
      />
      {answers.of && fields.length > 1 && <Select label="Question that the tags answer" data={fields} value={answers.field} onChange={(field) => change({ ...answers, field })} />}
    </>
  );
}
