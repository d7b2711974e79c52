import { Modal } from '@mantine/core';
import { Key } from '../components/Key';
import { firstKey, useBindings } from '../lib/keys';
import css from './KeyList.module.css';

/** `?`: every key that does something here. */
export function KeyList({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const groups = new Map<string, { key: string; label: string }[]>();
  for (const binding of useBindings()) {
    const key = binding.listed ?? firstKey(binding);
    if (!key) continue;
    const rows = groups.get(binding.group ?? 'Here') ?? [];
    groups.set(binding.group ?? 'Here', rows);
    if (!rows.some((row) => row.label === binding.label)) rows.push({ key, label: binding.label });
  }
  return (
    <Modal opened={opened} onClose={onClose} title="Keys" size={720}>
      <div className={css.groups}>
        {[...groups].map(([group, rows]) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {rows.map(({ key, label }) => (
                <div key={label}>
                  <dt>
                    <Key k={key} />
                  </dt>
                  <dd>{label}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}
