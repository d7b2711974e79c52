import { useDiskProblem } from '../api/disk';
import css from './DiskNotice.module.css';

/** Over every view while the server can't write: what that means, and that nothing is lost by it. */
export function DiskNotice() {
  const problem = useDiskProblem();
  if (!problem) return null;
  return (
    <p className={css.notice} role="alert">
      <strong>The server can’t save anything right now.</strong> {problem.detail} {problem.kept} Texts and results can’t be opened meanwhile, since each look at them is put on record. {problem.remedy}
    </p>
  );
}
