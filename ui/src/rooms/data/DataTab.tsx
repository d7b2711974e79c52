import type { ProjectOut } from '../../api/types';
import { holdsOneOf } from '../manage/roles';
import classes from './data.module.css';
import { ExportPanel } from './ExportPanel';
import { ImportPanel } from './ImportPanel';

/** Texts in, datasets out. */
export function DataTab({ project }: { project: ProjectOut }) {
  return (
    <div className={classes.rows}>
      {holdsOneOf(project.roles, ['owner', 'manager']) && <ImportPanel project={project} />}
      <ExportPanel project={project} />
    </div>
  );
}
