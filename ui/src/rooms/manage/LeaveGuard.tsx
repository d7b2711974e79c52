import { Button, Modal } from '@mantine/core';
import { useBlocker } from '@tanstack/react-router';
import classes from './leave.module.css';

interface LeaveGuardProps {
  /** Asked when somebody is about to go: whether there is anything that would be lost. */
  unsaved: () => boolean;
  /** What would be lost, in a sentence. */
  what: string;
}

/** Asks before work that is on this page alone is left behind. */
export function LeaveGuard({ unsaved, what }: LeaveGuardProps) {
  const blocker = useBlocker({ shouldBlockFn: unsaved, enableBeforeUnload: unsaved, withResolver: true });
  if (blocker.status !== 'blocked') return null;
  return (
    <Modal opened onClose={blocker.reset} title="Leave without saving?" size={440}>
      <p className={classes.what}>{what}</p>
      <div className={classes.buttons}>
        <Button variant="default" onClick={blocker.proceed}>
          Leave it
        </Button>
        <Button data-autofocus onClick={blocker.reset}>
          Stay here
        </Button>
      </div>
    </Modal>
  );
}
