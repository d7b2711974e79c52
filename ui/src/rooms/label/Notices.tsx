import { Button } from '@mantine/core';
import type { Notice } from './sitting';
import type { Work } from './work';
import css from './Desk.module.css';

interface NoticesProps {
  notices: readonly Notice[];
  works: readonly Work[];
  onDismiss: (id: number) => void;
  onOpen: (work: string) => void;
}

/** What didn't go as hoped with an answer: said kindly, with what was kept and what can be done. */
export function Notices({ notices, works, onDismiss, onOpen }: NoticesProps) {
  if (!notices.length) return null;
  return (
    <div className={css.notices}>
      {notices.map((notice) => {
        const work = works.find((each) => each.id === notice.about);
        return (
          <div key={notice.id} className={css.notice} data-kind={notice.kind} role="alert">
            <div>
              <strong>{notice.problem.title}</strong>
              {work && <q dir="auto">{work.text.slice(0, 90)}</q>}
              <p>
                {notice.problem.detail} {notice.problem.kept} {notice.problem.remedy}
              </p>
              {notice.problem.errors.slice(0, 5).map((error, index) => (
                <p key={index}>
                  {error.where}: {error.why}
                </p>
              ))}
            </div>
            <div className={css.noticeActions}>
              {work && (
                <Button size="xs" variant="default" onClick={() => onOpen(work.id)}>
                  Look at it
                </Button>
              )}
              <Button size="xs" variant="subtle" color="gray" onClick={() => onDismiss(notice.id)}>
                Close
              </Button>
            </div>
          </div>
        );
      })}
    </div>
  );
}
