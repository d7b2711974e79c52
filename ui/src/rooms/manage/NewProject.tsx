import { Button, Skeleton, Tabs, Textarea, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useQueryClient } from '@tanstack/react-query';
import { useMemo, useRef, useState } from 'react';
import { clientAt } from '../../api/client';
import { useSession } from '../../api/session';
import { ErrorNote } from '../../components/ErrorNote';
import { Key } from '../../components/Key';
import { Card, Page } from '../../components/Page';
import { useKeys } from '../../lib/keys';
import { LevelChoice } from '../data/marking/LevelChoice';
import { Builder } from './form/Builder';
import { emptyDraft, formOf, problemAt, problems, whereText, type Draft } from './form/model';
import { Preview } from './form/Preview';
import { TEMPLATES } from './form/templates';
import type { LineProblem } from './form/yaml';
import { YamlEditor } from './form/YamlEditor';
import { Guideline } from './Guideline';
import { LeaveGuard } from './LeaveGuard';
import { RulesFields } from './settings/RulesFields';
import classes from './newproject.module.css';

const SAMPLE = 'At 06:40 a hose parted at berth 4 and about 30 litres of diesel reached the water. Ana Reis of Orion Logistics closed the valve.';

/** A project from nothing: what it is called, how it is marked, what is asked. */
export function NewProject() {
  const session = useSession();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [draft, setDraft] = useState<Draft>(emptyDraft);
  const [level, setLevel] = useState(session.level.text);
  const [sample, setSample] = useState(SAMPLE);
  const [view, setView] = useState<'builder' | 'yaml'>('builder');
  const [yaml, setYaml] = useState<{ text: string | null; complaints: LineProblem[] }>({ text: null, complaints: [] });
  const [tried, setTried] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const attempt = useRef<{ body: string; key: string } | null>(null);
  const made = useRef(false);
  const found = useMemo(() => problems(draft), [draft]);
  const visible = tried ? found : [];

  const showYaml = async () => {
    const { toYaml, fromYaml } = await import('./form/yaml');
    const text = toYaml(draft);
    setYaml({ text, complaints: tried ? fromYaml(text).complaints : [] });
    setView('yaml');
  };
  const typeYaml = async (text: string) => {
    setYaml((now) => ({ ...now, text }));
    const { fromYaml } = await import('./form/yaml');
    const parsed = fromYaml(text);
    setYaml((now) => (now.text === text ? { text, complaints: parsed.complaints } : now));
    if (parsed.draft) setDraft(parsed.draft);
  };

  const create = async () => {
    setTried(true);
    if (view === 'yaml' && yaml.complaints.length) return;
    if (found.length || busy) return;
    const body = { name: draft.name.trim(), description: draft.description, guideline: draft.guideline, overlap: draft.overlap, rules: draft.rules, form: formOf(draft) };
    // The same draft sent again after a lost answer is the same project, not a second one.
    const text = JSON.stringify([level, body]);
    if (attempt.current?.body !== text) attempt.current = { body: text, key: crypto.randomUUID() };
    setBusy(true);
    setError(null);
    try {
      const { data } = await clientAt(level).POST('/api/v1/projects', { body, headers: { 'Idempotency-Key': attempt.current.key } });
      await queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[1] === '/api/v1/projects' || queryKey[1] === '/api/v1/home' || queryKey[1] === '/api/v1/levels' });
      made.current = true;
      await navigate({ to: '/projects/$projectId', params: { projectId: data!.id }, search: { tab: 'data' } });
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };

  useKeys([
    { keys: 'mod+Enter', label: 'Create the project', group: 'New project', whileTyping: true, run: () => void create() },
    { keys: 'Escape', label: 'Back to the projects', group: 'New project', run: () => void navigate({ to: '/projects' }) },
  ]);

  const untouched = draft.fields.length === 0;
  const begun = !untouched || draft.name !== '' || draft.guideline !== '';
  return (
    <Page
      title="New project"
      sub="What is asked of each text; the texts come next"
      actions={
        <>
          <Button variant="default" onClick={() => void navigate({ to: '/projects' })}>
            Cancel
          </Button>
          <Button loading={busy} rightSection={<Key k="mod+Enter" />} onClick={() => void create()}>
            Create project
          </Button>
        </>
      }
    >
      <LeaveGuard unsaved={() => begun && !made.current} what="This project isn’t created yet, and what you wrote for it is on this page alone." />
      {error != null && <ErrorNote error={error} close={() => setError(null)} />}
      {visible.length > 0 && view === 'builder' && (
        <div className={classes.summary} role="alert">
          <strong>Not yet:</strong>
          <ul>
            {visible.slice(0, 6).map((problem, index) => (
              <li key={index}>
                {problem.path.length > 1 && `${whereText(problem.path)}: `}
                {problem.message}
              </li>
            ))}
            {visible.length > 6 && <li>and {visible.length - 6} more, shown where they stand</li>}
          </ul>
        </div>
      )}
      <div className={classes.split}>
        <div className={classes.column}>
          <Card title="The project">
            <div className={classes.rows}>
              <TextInput label="Name" autoFocus required withAsterisk={false} maxLength={200} value={draft.name} error={problemAt(visible, 'name')} onChange={(event) => setDraft({ ...draft, name: event.currentTarget.value })} />
              <TextInput label="Description" maxLength={2000} value={draft.description} onChange={(event) => setDraft({ ...draft, description: event.currentTarget.value })} />
              <LevelChoice
                label="Working level"
                value={level}
                change={setLevel}
                says="The project, its form and its guideline are marked so: whoever isn’t cleared for this doesn’t see that the project exists. The texts may be marked higher, each for itself."
              />
            </div>
          </Card>
          <Card title="What is asked">
            {untouched && view === 'builder' && (
              <div className={classes.templates}>
                <p>Begin from a template, or add a question below.</p>
                <div>
                  {TEMPLATES.map((template) => (
                    <button
                      key={template.id}
                      type="button"
                      onClick={() => {
                        setSample(template.sample);
                        setDraft({ ...structuredClone(template.draft), name: draft.name, description: draft.description || template.draft.description, guideline: draft.guideline || template.draft.guideline, rules: draft.rules });
                      }}
                    >
                      <b>{template.title}</b>
                      <span>{template.says}</span>
                    </button>
                  ))}
                </div>
              </div>
            )}
            <Tabs
              value={view}
              onChange={(value) => {
                if (value === 'yaml') void showYaml();
                else if (!yaml.complaints.length) setView('builder');
              }}
            >
              <Tabs.List mb={14}>
                <Tabs.Tab value="builder" disabled={view === 'yaml' && yaml.complaints.length > 0} title={view === 'yaml' && yaml.complaints.length > 0 ? 'Mend the YAML first' : undefined}>
                  Builder
                </Tabs.Tab>
                <Tabs.Tab value="yaml">YAML</Tabs.Tab>
              </Tabs.List>
              <Tabs.Panel value="builder">
                <Builder fields={draft.fields} problems={visible} change={(fields) => setDraft({ ...draft, fields })} />
              </Tabs.Panel>
              <Tabs.Panel value="yaml">{view === 'yaml' && (yaml.text !== null ? <YamlEditor text={yaml.text} complaints={yaml.complaints} change={(text) => void typeYaml(text)} /> : <Skeleton height={520} radius={6} />)}</Tabs.Panel>
            </Tabs>
          </Card>
          {view === 'builder' && (
            <Card title="Guideline">
              <Guideline text={draft.guideline} change={(guideline) => setDraft({ ...draft, guideline })} />
            </Card>
          )}
          <Card title="Answers, gold and review">
            <RulesFields
              rules={draft.rules}
              overlap={draft.overlap}
              overlapProblem={problemAt(visible, 'overlap')}
              overlapSays="Each by a different person"
              changeOverlap={(overlap) => setDraft({ ...draft, overlap })}
              change={(rules) => setDraft({ ...draft, rules })}
            />
          </Card>
        </div>
        <aside className={classes.side} aria-label="Preview">
          <Card title="What an annotator sees">
            <Preview fields={draft.fields} sample={sample} />
            <Textarea mt={16} size="xs" autosize minRows={2} maxRows={6} label="Try it on a text of your own" description="It stays on this page." value={sample} onChange={(event) => setSample(event.currentTarget.value)} />
          </Card>
        </aside>
      </div>
    </Page>
  );
}
