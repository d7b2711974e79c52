import { Button, Select, Skeleton } from '@mantine/core';
import IconTargetArrow from '@tabler/icons-react/dist/esm/icons/IconTargetArrow.mjs';
import { useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { $api, clientAt } from '../../../api/client';
import { useSession } from '../../../api/session';
import type { FieldFindings, FindingsOut, LevelFindings, ProjectOut, StandingOut } from '../../../api/types';
import { useMarkings } from '../../../app/markings';
import { EmptyState } from '../../../components/EmptyState';
import { ErrorNote } from '../../../components/ErrorNote';
import { MarkingBadge } from '../../../components/MarkingBadge';
import { Card } from '../../../components/Page';
import { Confusion } from '../charts/Confusion';
import { transposed } from '../charts/confusion';
import chart from '../charts/charts.module.css';
import { useWidth } from '../charts/useWidth';
import { ago, count, plural } from '../figures';
import { holdsOneOf } from '../roles';
import { Curve } from './Curve';
import { Histogram } from './Histogram';
import { OverTime } from './OverTime';
import classes from './quality.module.css';
import { agreementWord, percent } from './scales';
import { SkillPlot } from './SkillPlot';

/** How sure, how alike, who is how good, what more would buy: as the worker found it, marking by marking. */
export function QualityTab({ project }: { project: ProjectOut }) {
  const findings = $api.useQuery('get', '/api/v1/projects/{project_id}/findings', { params: { path: { project_id: project.id } } }, { refetchInterval: 10_000 });
  useMarkings((findings.data?.levels ?? []).map((level) => level.marking));
  if (findings.error && !findings.data) return <ErrorNote error={findings.error} retry={() => void findings.refetch()} />;
  if (!findings.data)
    return (
      <div className={classes.grid} role="status" aria-label="Reading the findings">
        <Skeleton height={120} radius={8} />
        <Skeleton height={240} radius={8} />
      </div>
    );
  if (!findings.data.levels.length && !findings.data.standings.length)
    return <EmptyState icon={<IconTargetArrow size={22} />} title="Nothing found out yet" hint="Some seconds after people have answered, the worker weighs their answers: how sure each consensus is, how far people agree, and whose answers can be relied on." />;
  return <Found project={project} findings={findings.data} stale={findings.error} />;
}

function Found({ project, findings, stale }: { project: ProjectOut; findings: FindingsOut; stale: unknown }) {
  const session = useSession();
  const queries = useQueryClient();
  const fullest = findings.levels.reduce((most, each, index) => (each.answers > (findings.levels[most]?.answers ?? -1) ? index : most), 0);
  const [chosen, setChosen] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const level = findings.levels.find((each) => each.marking.text === chosen) ?? findings.levels[fullest];
  const manages = holdsOneOf(project.roles, ['owner', 'manager']);
  const again = async () => {
    setError(null);
    try {
      await clientAt(level?.marking.text ?? session.level.text).POST('/api/v1/projects/{project_id}/findings', { params: { path: { project_id: project.id } } });
    } catch (problem) {
      setError(problem);
    }
  };
  const refresh = () => queries.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[1]).endsWith('/findings') });
  return (
    <div className={classes.grid}>
      {stale != null && <ErrorNote error={stale} />}
      {error != null && <ErrorNote error={error} close={() => setError(null)} />}
      {findings.levels.length > 1 && (
        <Select
          label="Figures for"
          w="24rem"
          maw="100%"
          allowDeselect={false}
          value={level!.marking.text}
          data={findings.levels.map((each) => each.marking.text)}
          onChange={setChosen}
        />
      )}
      {level && (
        <>
          <div className={classes.head}>
            <MarkingBadge marking={level.marking} full />
            <span className={classes.says}>
              From {plural(level.answers, 'answer')} that may be seen at this marking, {ago(level.made_at, new Date())}.{level.behind > 0 && ` ${plural(level.behind, 'answer')} came since: weighed with the next one at this marking${manages ? ', or when you look again' : ''}.`}
            </span>
            {manages && (
              <Button size="xs" variant="default" onClick={() => void again()}>
                Look again now
              </Button>
            )}
          </div>
          <Level project={project} level={level} standings={findings.standings} />
        </>
      )}
      <Standings project={project} standings={findings.standings} done={() => void refresh()} />
    </div>
  );
}

function Level({ project, level, standings }: { project: ProjectOut; level: LevelFindings; standings: readonly StandingOut[] }) {
  const counted = Object.values(level.methods).every((method) => method === 'majority');
  return (
    <>
      {level.rule && <Saved rule={level.rule} />}
      <Card title="How sure the consensus is" aside={level.confidence.mean !== null && <span className={classes.muted}>{plural(level.confidence.tasks.reduce((sum, tasks) => sum + tasks, 0), 'task')} with this marking, {percent(level.confidence.mean)} sure on average</span>}>
        <Histogram bins={level.confidence.bins} tasks={level.confidence.tasks} target={level.rule?.target ?? null} />
        {counted && (
          <p className={classes.muted}>
            {project.rules.consensus === 'majority' ? 'This project counts votes.' : 'There isn’t enough evidence yet to weigh people: votes are counted. It takes 60 answers, and 20 tasks with two or more.'} Confidence is then a smoothed share of votes.
          </p>
        )}
      </Card>
      {level.fields.map((field) => (
        <Field key={field.field} project={project} level={level} field={field} standings={standings} />
      ))}
      {level.suspicions.length > 0 && (
        <Card title="Worth a look: answers that seem not to depend on the task">
          <ul className={classes.cases}>
            {level.suspicions.map((each) => (
              <li key={`${each.person.id} ${each.field}`}>
                <b>{each.person.name}</b>
                <span className={classes.muted}>{each.evidence >= 20 ? 'clear' : each.evidence >= 6 ? 'strong' : 'some'} evidence</span>
                <p>
                  {plural(each.answers, 'answer')}: {percent(each.right)} right, where answers without looking would have {percent(each.by_chance)}. {percent(each.favourite_share)} of them are “{titleOf(project, each.field, each.favourite)}”. Suspicion, not proof: look at the answers before you act.
                </p>
              </li>
            ))}
          </ul>
        </Card>
      )}
    </>
  );
}

function Field({ project, level, field, standings }: { project: ProjectOut; level: LevelFindings; field: FieldFindings; standings: readonly StandingOut[] }) {
  const asked = project.form.fields.find((each) => each.key === field.field);
  const title = asked?.title ?? field.field;
  const thousand = field.forecast.findLast((point) => point.judgements > 0 && point.judgements <= 1000);
  const titles = field.confusion.labels.map((id) => titleOf(project, field.field, id));
  return (
    <>
      <div className={classes.pair}>
        <Card title={`What more answers would buy: ${title}`}>
          <p className={classes.alpha}>
            {thousand?.right != null ? (
              <>
                {thousand.judgements === 1 ? 'The next answer' : `The next ${count(thousand.judgements)} answers`} would set <b>{thousand.right < 0.5 ? 'hardly any label' : `about ${plural(Math.round(thousand.right), 'label')}`}</b> right.
              </>
            ) : (
              level.rule ? 'Nothing may be asked any more: every task is decided, or has as many answers as it may have.' : 'Appears with the first answers.'
            )}
          </p>
          {thousand && <Curve points={field.forecast} />}
          {field.expected_accuracy !== null && <p className={classes.muted}>Expected to be right now: {percent(field.expected_accuracy, 1)} of answered tasks.</p>}
        </Card>
        <Card title={`Agreement over time: ${title}`}>
          <p className={classes.alpha}>
            {field.alpha.value === null ? (
              'Not defined yet: it takes tasks with two answers, and more than one label.'
            ) : (
              <>
                Krippendorff’s α <b>{field.alpha.value.toFixed(2)}</b> {field.alpha.low !== null && `(${field.alpha.low.toFixed(2)} to ${field.alpha.high!.toFixed(2)})`} · Gwet’s AC1 {field.ac1.value?.toFixed(2) ?? '–'} · {agreementWord(field.alpha.value)}{level.rule && level.rule.most > level.rule.least && '; of the first answers to each task, since only the unclear ones get more'}
              </>
            )}
          </p>
          {field.over_time.length > 1 ? <OverTime stretches={field.over_time} /> : <p className={classes.muted}>The course over time appears once thirty tasks have two answers.</p>}
        </Card>
      </div>
      <Card title={`Annotators: ${title}`}>
        <SkillPlot people={level.annotators} standings={standings} field={field.field} title={title} />
        <GoldScores level={level} />
      </Card>
      <Card title={`Mixed up: ${title}`}>
        <Confusion title={title} labels={titles} counts={transposed(field.confusion.counts)} />
      </Card>
    </>
  );
}

function GoldScores({ level }: { level: LevelFindings }) {
  const tried = level.annotators.filter((each) => each.gold > 0);
  if (!tried.length) return null;
  return (
    <p className={classes.muted}>
      Gold tasks right: {tried.map((each) => `${each.person.name} ${each.gold_right} of ${each.gold}`).join(', ')}.
    </p>
  );
}

/** Answers that the rule spared, against asking every settled task as often as the most uncertain. */
function Saved({ rule }: { rule: NonNullable<LevelFindings['rule']> }) {
  const [ref, width] = useWidth(420);
  const id = useId();
  const most = Math.max(1, ...rule.by_answers.map(({ tasks }) => tasks));
  return (
    <Card title="What the rule has saved" aside={<span className={classes.muted}>{percent(rule.target)} sure, {rule.least} to {rule.most} answers</span>}>
      <div className={classes.saved}>
        <p>
          <span className={classes.big}>{count(rule.saved)}</span>
          answers spared so far: {plural(rule.settled, 'task')} settled with {count(rule.spent)}, where {rule.most} each would have taken {count(rule.fixed)}. {count(rule.reached)} of them are as sure as you asked
          {rule.settled > rule.reached ? `; ${count(rule.settled - rule.reached)} stayed below and are worth a review` : ''}.{rule.left !== null && ` ${count(rule.left)} of ${count(rule.budget!)} answers of the budget are left.`}
        </p>
        <div ref={ref}>
          <svg width={width} height={rule.by_answers.length * 26 + 4} role="img" aria-labelledby={`${id}-title ${id}-desc`} className={chart.chart}>
            <title id={`${id}-title`}>Settled tasks by the answers they took</title>
            <desc id={`${id}-desc`}>{rule.by_answers.map(({ answers, tasks }) => `${answers}: ${tasks}`).join(', ')}</desc>
            {rule.by_answers.map(({ answers, tasks }, index) => (
              <g key={answers}>
                <text x={76} y={index * 26 + 17} textAnchor="end" className={chart.tick}>
                  {plural(answers, 'answer')}
                </text>
                <rect x={84} y={index * 26 + 4} width={Math.max(2, ((width - 140) * tasks) / most)} height={18} rx={3} className={classes.spent} />
                <text x={90 + Math.max(2, ((width - 140) * tasks) / most)} y={index * 26 + 17} className={chart.tick}>
                  {count(tasks)}
                </text>
              </g>
            ))}
          </svg>
        </div>
      </div>
    </Card>
  );
}

function Standings({ project, standings, done }: { project: ProjectOut; standings: readonly StandingOut[]; done: () => void }) {
  const [error, setError] = useState<unknown>(null);
  const shown = standings.filter((each) => each.state !== 'working' || each.changed_by);
  if (!shown.length) return null;
  const lift = async (each: StandingOut) => {
    setError(null);
    try {
      await clientAt(each.marking.text).POST('/api/v1/projects/{project_id}/standings/{person_id}/lift', { params: { path: { project_id: project.id, person_id: each.person.id } } });
      done();
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <Card title="Who is given no tasks for now">
      {error != null && <ErrorNote error={error} close={() => setError(null)} />}
      <ul className={classes.cases}>
        {shown.map((each) => (
          <li key={`${each.person.id} ${each.marking.text}`} data-state={each.state}>
            <b>{each.person.name}</b>
            {each.state !== 'working' && holdsOneOf(project.roles, ['owner', 'manager']) ? (
              <Button size="xs" variant="default" onClick={() => void lift(each)}>
                Let {each.person.name.split(' ')[0]} go on
              </Button>
            ) : (
              <MarkingBadge marking={each.marking} />
            )}
            <p>
              {each.state === 'paused' ? 'Paused' : each.state === 'failed' ? 'Not qualified' : `Let on by ${each.changed_by?.name}`}: {each.correct} of {each.counted} gold tasks right, {ago(each.changed_at, new Date())}.
              {each.state === 'working' && ' Gold answers before that count no more.'}
            </p>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function titleOf(project: ProjectOut, field: string, label: string): string {
  const asked = project.form.fields.find((each) => each.key === field);
  return (asked && asked.kind !== 'text' ? asked.labels.find((each) => each.id === label)?.title : undefined) ?? label;
}
