import { Checkbox, NumberInput, SegmentedControl, Switch } from '@mantine/core';
import type { Rules } from '../../../api/types';
import { askOf, goldOf, qualifyOf, reviewOf } from './rules';
import classes from './settings.module.css';

interface RulesFieldsProps {
  rules: Rules;
  overlap: number;
  overlapProblem?: string | undefined;
  overlapSays: string;
  changeOverlap: (overlap: number) => void;
  change: (rules: Rules) => void;
}

/** A share as people write it: a whole number of percent. */
function Percent({ label, says, value, least = 0, most = 100, change }: { label: string; says?: string; value: number; least?: number; most?: number; change: (share: number) => void }) {
  return <NumberInput className={classes.number} label={label} {...(says ? { description: says } : {})} suffix="%" min={least} max={most} clampBehavior="blur" value={Math.round(value * 1000) / 10} onChange={(given) => typeof given === 'number' && change(Math.min(most, Math.max(least, given)) / 100)} />;
}

function Count({ label, says, value, most = 1000, change }: { label: string; says?: string; value: number; most?: number; change: (count: number) => void }) {
  return <NumberInput className={classes.number} label={label} {...(says ? { description: says } : {})} min={1} max={most} allowDecimal={false} clampBehavior="blur" value={value} onChange={(given) => typeof given === 'number' && given >= 1 && change(Math.round(given))} />;
}

/** How many answers, what is made of them, gold, qualification, review. What isn't switched on isn't shown. */
export function RulesFields({ rules, overlap, overlapProblem, overlapSays, changeOverlap, change }: RulesFieldsProps) {
  const { ask, gold, qualify } = rules;
  const review = reviewOf(rules);
  const set = (part: Partial<Rules>) => change({ ...rules, ...part });
  return (
    <div className={classes.fields}>
      <div className={classes.choice}>
        <b aria-hidden>How many answers a task gets</b>
        <SegmentedControl
          aria-label="How many answers a task gets"
          value={ask ? 'confidence' : 'overlap'}
          data={[
            { value: 'overlap', label: 'The same number each' },
            { value: 'confidence', label: 'Until it is sure enough' },
          ]}
          onChange={(value) => set(value === 'confidence' ? { ask: askOf(rules), consensus: 'model' } : { ask: null })}
        />
        <p className={classes.note}>
          {ask
            ? 'Every task gets a few answers; further ones go where the consensus is still uncertain and one more is worth most. Agreement of people who are usually right ends it early.'
            : 'Each task is answered by as many different people, and never by one more.'}
        </p>
      </div>
      {ask ? (
        <div className={classes.numbers}>
          <Percent label="Sure enough" says="How probably the consensus has to be right" value={askOf(rules).confidence} least={50} most={99.9} change={(confidence) => set({ ask: { ...askOf(rules), confidence } })} />
          <Count label="At least" says="Answers for every task" most={100} value={askOf(rules).least} change={(least) => set({ ask: { ...askOf(rules), least, most: Math.max(least, askOf(rules).most) } })} />
          <Count label="At most" says="No task is asked beyond" most={100} value={askOf(rules).most} change={(most) => set({ ask: { ...askOf(rules), most, least: Math.min(most, askOf(rules).least) } })} />
          <NumberInput
            className={classes.number}
            label="Budget"
            description="Answers in all; empty: as many as it takes"
            min={1}
            allowDecimal={false}
            thousandSeparator=","
            value={ask.budget ?? ''}
            onChange={(given) => set({ ask: { ...askOf(rules), budget: typeof given === 'number' && given >= 1 ? Math.round(given) : null } })}
          />
        </div>
      ) : (
        <NumberInput className={classes.number} label="Answers per task" description={overlapSays} min={1} max={1000} value={overlap} error={overlapProblem} onChange={(value) => changeOverlap(typeof value === 'number' ? value : 0)} />
      )}
      {!ask && (
        <Switch
          label="Weigh people by how right they are"
          description="Once there is evidence for it. Off: votes are counted, and a tie goes to the label that stands first."
          checked={rules.consensus !== 'majority'}
          onChange={(event) => set({ consensus: event.currentTarget.checked ? 'model' : 'majority' })}
        />
      )}
      <Switch
        label="Mix in gold tasks"
        description="Tasks whose answer is known, which nobody can tell from others. Bring them in on the Data tab, or make them from decided disputes."
        checked={!!gold}
        onChange={(event) => set({ gold: event.currentTarget.checked ? goldOf(rules) : null })}
      />
      {gold && (
        <div className={classes.numbers}>
          <Percent label="Rate" says="Of the tasks given out" value={goldOf(rules).rate} most={50} change={(rate) => set({ gold: { ...goldOf(rules), rate } })} />
          <div>
            <Checkbox label="Pause who gets too many wrong" checked={gold.pause_below != null} onChange={(event) => set({ gold: { ...goldOf(rules), pause_below: event.currentTarget.checked ? 0.6 : null } })} />
          </div>
          {gold.pause_below != null && (
            <>
              <Percent label="Below" says="Right answers to gold" value={gold.pause_below} change={(pause_below) => set({ gold: { ...goldOf(rules), pause_below } })} />
              <Count label="After" says="Gold answers, at least" value={goldOf(rules).pause_after} change={(pause_after) => set({ gold: { ...goldOf(rules), pause_after } })} />
            </>
          )}
        </div>
      )}
      <Switch label="Training tasks first" description="Everyone begins with the training tasks, and sees the right answer and why after each." checked={!!rules.training} onChange={(event) => set({ training: event.currentTarget.checked })} />
      <Switch
        label="Qualify by gold"
        description="Everyone’s first tasks are gold. Who gets too many wrong is given no others, until a manager lets them."
        checked={!!qualify}
        onChange={(event) => set({ qualify: event.currentTarget.checked ? qualifyOf(rules) : null })}
      />
      {qualify && (
        <div className={classes.numbers}>
          <Count label="Gold tasks" value={qualifyOf(rules).answers} change={(answers) => set({ qualify: { ...qualifyOf(rules), answers } })} />
          <Percent label="Right, at least" value={qualifyOf(rules).score} change={(score) => set({ qualify: { ...qualifyOf(rules), score } })} />
        </div>
      )}
      <div className={classes.numbers}>
        <Percent label="Review below" says="Finished tasks whose consensus is less sure go to Review" value={review.below} change={(below) => set({ review: { ...review, below } })} />
        <div>
          <Checkbox label="Reviewers may decide tasks that they answered themselves" checked={review.own} onChange={(event) => set({ review: { ...review, own: event.currentTarget.checked } })} />
        </div>
      </div>
    </div>
  );
}
