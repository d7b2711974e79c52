import { Button, Modal, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { clientAt } from '../../../api/client';
import type { ProjectOut } from '../../../api/types';
import { ErrorNote } from '../../../components/ErrorNote';
import { Key } from '../../../components/Key';
import { Note } from '../../../components/Note';
import { Card } from '../../../components/Page';
import { useKeys } from '../../../lib/keys';
import { Builder } from '../form/Builder';
import { draftOf, formOf, problemAt, problems, type Draft } from '../form/model';
import { Guideline } from '../Guideline';
import { LeaveGuard } from '../LeaveGuard';
import { holdsOneOf } from '../roles';
import { RulesFields } from './RulesFields';
import classes from './settings.module.css';

/** What may change while people work. Ids stay, because answers hold them; the server refuses to lose what is answered. */
export function SettingsTab({ project }: { project: ProjectOut }) {
  const queries = useQueryClient();
  const saved = useMemo(() => draftOf(project), [project]);
  const [draft, setDraft] = useState<Draft>(saved);
  const [error, setError] = useState<unknown>(null);
  const [said, setSaid] = useState('');
  const [busy, setBusy] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const found = problems(draft);
  const changed = JSON.stringify(draft) !== JSON.stringify(saved);
  const reworded = draft.guideline !== saved.guideline || JSON.stringify(draft.fields) !== JSON.stringify(saved.fields);

  const save = async () => {
    if (!changed || found.length || busy) return;
    setBusy(true);
    setError(null);
    setSaid('');
    try {
      const { data } = await clientAt(project.marking.text).PATCH('/api/v1/projects/{project_id}', {
        params: { path: { project_id: project.id } },
        body: {
          ...(draft.name !== saved.name ? { name: draft.name.trim() } : {}),
          ...(draft.description !== saved.description ? { description: draft.description } : {}),
          ...(draft.guideline !== saved.guideline ? { guideline: draft.guideline } : {}),
          ...(draft.overlap !== saved.overlap ? { overlap: draft.overlap } : {}),
          ...(JSON.stringify(draft.rules) !== JSON.stringify(saved.rules) ? { rules: draft.rules } : {}),
          ...(JSON.stringify(draft.fields) !== JSON.stringify(saved.fields) ? { form: formOf(draft) } : {}),
        },
      });
      setDraft(draftOf(data!));
      setSaid(data!.guideline_version !== project.guideline_version ? `Saved. Annotators see guideline version ${data!.guideline_version} from their next task on.` : 'Saved.');
      await queries.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[1]).startsWith('/api/v1/projects') });
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  useKeys([{ keys: 'mod+s', label: 'Save the settings', group: 'Project', whileTyping: true, run: () => void save() }]);

  return (
    <div className={classes.rows}>
      <LeaveGuard unsaved={() => changed && !deleting} what="What you changed here isn’t saved." />
      {error != null && <ErrorNote error={error} close={() => setError(null)} />}
      {said && !changed && <Note tone="good">{said}</Note>}
      <Card title="The project">
        <div className={classes.fields}>
          <TextInput label="Name" maxLength={200} value={draft.name} error={problemAt(found, 'name')} onChange={(event) => setDraft({ ...draft, name: event.currentTarget.value })} />
          <TextInput label="Description" maxLength={2000} value={draft.description} onChange={(event) => setDraft({ ...draft, description: event.currentTarget.value })} />
        </div>
      </Card>
      <Card title="Answers, gold and review">
        <RulesFields
          rules={draft.rules}
          overlap={draft.overlap}
          overlapProblem={problemAt(found, 'overlap')}
          overlapSays="Raised: more answers are asked for, of tasks that are done as well. Lowered: answers that are there stay, and no new ones are asked for."
          changeOverlap={(overlap) => setDraft({ ...draft, overlap })}
          change={(rules) => setDraft({ ...draft, rules })}
        />
      </Card>
      <Card title="What is asked">
        <p className={classes.note}>Titles, keys, colours and the order may change at any time, and labels and questions may be added. What answers hold can’t be taken away.</p>
        <Builder saved={saved.fields} fields={draft.fields} problems={found} change={(fields) => setDraft({ ...draft, fields })} />
      </Card>
      <Card title="Guideline" aside={<span className={classes.note}>version {project.guideline_version}</span>}>
        <Guideline text={draft.guideline} change={(guideline) => setDraft({ ...draft, guideline })} />
      </Card>
      <div className={classes.save} data-changed={changed || undefined}>
        <span role="status">{changed ? (reworded ? `Not saved. Saving makes guideline version ${project.guideline_version + 1}.` : 'Not saved.') : 'Everything is saved.'}</span>
        <Button variant="default" disabled={!changed || busy} onClick={() => setDraft(saved)}>
          Discard
        </Button>
        <Button disabled={!changed || found.length > 0} loading={busy} rightSection={<Key k="mod+s" />} onClick={() => void save()}>
          Save
        </Button>
      </div>
      {holdsOneOf(project.roles, ['owner']) && (
        <section className={classes.danger} aria-labelledby="danger-title">
          <h2 id="danger-title">Delete the project</h2>
          <p>Nobody can open it any more, and its tasks leave every queue. Exported datasets stay with whoever downloaded them.</p>
          <Button variant="default" className={classes.dangerButton} onClick={() => setDeleting(true)}>
            Delete this project…
          </Button>
        </section>
      )}
      {deleting && <DeleteDialog project={project} close={() => setDeleting(false)} />}
    </div>
  );
}

function DeleteDialog({ project, close }: { project: ProjectOut; close: () => void }) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [typed, setTyped] = useState('');
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const same = typed.trim() === project.name;
  const remove = async () => {
    if (!same) return;
    setBusy(true);
    try {
      await clientAt(project.marking.text).DELETE('/api/v1/projects/{project_id}', { params: { path: { project_id: project.id } } });
      await navigate({ to: '/projects' });
      queries.removeQueries({ predicate: ({ queryKey }) => JSON.stringify(queryKey).includes(project.id) });
      await queries.invalidateQueries();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={close} title={`Delete “${project.name}”?`} size={480}>
      <form
        className={classes.dialog}
        onSubmit={(event) => {
          event.preventDefault();
          void remove();
        }}
      >
        <p>
          This takes the project, its tasks and its answers away from everyone. Type its name to confirm: <b>{project.name}</b>
        </p>
        <TextInput data-autofocus aria-label="Name of the project" autoComplete="off" value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
        {error != null && <ErrorNote error={error} />}
        <div className={classes.actions}>
          <Button variant="default" onClick={close}>
            Keep it
          </Button>
          <Button type="submit" color="red" disabled={!same} loading={busy}>
            Delete the project
          </Button>
        </div>
      </form>
    </Modal>
  );
}
