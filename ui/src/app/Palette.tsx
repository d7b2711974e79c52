import { Spotlight, spotlight, type SpotlightActionData, type SpotlightActionGroupData } from '@mantine/spotlight';
import IconSearch from '@tabler/icons-react/dist/esm/icons/IconSearch.mjs';
import { Key } from '../components/Key';
import { combos, firstKey, useBindings } from '../lib/keys';

/** Ctrl+K: everything that can be done here, by name. It lists what the views bind with `useKeys`. */
export function Palette() {
  const groups = new Map<string, SpotlightActionData[]>();
  const seen = new Set<string>();
  for (const binding of useBindings()) {
    const group = binding.group ?? 'Here';
    const id = `${group}/${binding.label}`;
    if (binding.keyOnly || seen.has(id)) continue;
    seen.add(id);
    const actions = groups.get(group) ?? [];
    groups.set(group, actions);
    const key = firstKey(binding);
    actions.push({
      id,
      label: binding.label,
      rightSection: key ? <Key k={key} /> : undefined,
      // After the palette has closed and given the focus back.
      onClick: () => setTimeout(() => binding.run(new KeyboardEvent('keydown')), 0),
    });
  }
  const actions: SpotlightActionGroupData[] = [...groups].map(([group, actions]) => ({ group, actions }));
  return (
    <Spotlight
      actions={actions}
      shortcut={null}
      attributes={{ content: { 'aria-label': 'Search' } }}
      nothingFound="Nothing matches"
      scrollable
      maxHeight={420}
      transitionProps={{ duration: 0 }}
      overlayProps={{ blur: 0, backgroundOpacity: 0.4 }}
      searchProps={{
        placeholder: 'Go somewhere or do something',
        'aria-label': 'Go somewhere or do something',
        leftSection: <IconSearch size={18} aria-hidden />,
        onKeyDown: (event) => {
          if (!combos(event.nativeEvent).includes('mod+k')) return;
          event.preventDefault();
          spotlight.close();
        },
      }}
    />
  );
}
