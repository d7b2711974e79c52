import { Outlet, Link, useRouterState, useNavigate } from '@tanstack/react-router';
import IconFolders from '@tabler/icons-react/dist/esm/icons/IconFolders.mjs';
import IconHome from '@tabler/icons-react/dist/esm/icons/IconHome.mjs';
import IconKeyboard from '@tabler/icons-react/dist/esm/icons/IconKeyboard.mjs';
import IconListSearch from '@tabler/icons-react/dist/esm/icons/IconListSearch.mjs';
import IconMoon from '@tabler/icons-react/dist/esm/icons/IconMoon.mjs';
import IconSearch from '@tabler/icons-react/dist/esm/icons/IconSearch.mjs';
import IconShieldLock from '@tabler/icons-react/dist/esm/icons/IconShieldLock.mjs';
import IconSun from '@tabler/icons-react/dist/esm/icons/IconSun.mjs';
import IconUserCircle from '@tabler/icons-react/dist/esm/icons/IconUserCircle.mjs';
import IconUsers from '@tabler/icons-react/dist/esm/icons/IconUsers.mjs';
import { Suspense, useEffect, useRef, useState } from 'react';
import { signOut, useSession } from '../api/session';
import { Key } from '../components/Key';
import { useModule } from '../components/useModule';
import { useKeys } from '../lib/keys';
import { Banner } from './Banner';
import { DiskNotice } from './DiskNotice';
import { ErrorBoundary } from './ErrorBoundary';
import { LevelButton } from './LevelButton';
import { Mark } from './Mark';
import { useUnsaved } from './unsaved';
import { useTheme } from './useTheme';
import css from './Shell.module.css';

const loadOverlays = () => import('./Overlays');

const places = [
  { to: '/', label: 'Home', Icon: IconHome },
  { to: '/projects', label: 'Projects', Icon: IconFolders },
  { to: '/people', label: 'People', Icon: IconUsers },
  { to: '/custody', label: 'Custody', Icon: IconShieldLock, duty: 'security_officer' },
  { to: '/audit', label: 'Audit', Icon: IconListSearch, duty: 'auditor' },
] as const;

/** The frame of every view behind the sign-in: banners, navigation, palette, list of keys. */
export function Shell() {
  const session = useSession();
  const mine = places.filter((place) => !('duty' in place) || session.person.duties.includes(place.duty));
  const path = useRouterState({ select: (state) => state.location.pathname });
  const navigate = useNavigate();
  const theme = useTheme();
  const [keysOpen, setKeysOpen] = useState(false);
  const [calls, setCalls] = useState(0);
  const openPalette = () => setCalls((count) => count + 1);
  const [settled, setSettled] = useState(false);
  // The view comes first; what lies over it is loaded once it stands.
  useEffect(() => {
    const timer = setTimeout(() => setSettled(true), 500);
    return () => clearTimeout(timer);
  }, []);
  const main = useRef<HTMLElement>(null);
  const unsaved = useUnsaved();
  const atDesk = path.startsWith('/label/');

  useKeys([
    { keys: 'mod+k', label: 'Search for an action', group: 'Everywhere', keyOnly: true, whileTyping: true, run: openPalette },
    { keys: '?', label: 'List the keys', group: 'Everywhere', run: () => setKeysOpen(true) },
    ...mine.map(({ to, label }) => ({ keys: '', label: `Go to ${label}`, group: 'Go', run: () => void navigate({ to }) })),
    { keys: '', label: 'Go to my account', group: 'Go', run: () => void navigate({ to: '/account' }) },
    { keys: '', label: theme.now === 'dark' ? 'Switch to the light theme' : 'Switch to the dark theme', group: 'Everywhere', run: theme.toggle },
    { keys: '', label: 'Sign out', group: 'Everywhere', run: () => void signOut() },
  ]);

  const overlays = useModule(loadOverlays, settled || keysOpen || calls > 0);
  const ThemeIcon = theme.now === 'dark' ? IconSun : IconMoon;
  return (
    <div className={css.shell} data-rail={atDesk || undefined}>
      <button type="button" className={css.skip} onClick={() => main.current?.focus()}>
        To the content
      </button>
      <Banner at="top" />
      <nav className={css.nav} aria-label="Main">
        <div className={css.brand}>
          <Mark size={20} />
          <span className={css.word}>Strongroom</span>
        </div>
        <button type="button" className={css.item} onClick={openPalette} title="Search">
          <IconSearch size={17} stroke={1.7} aria-hidden />
          <span className={css.word}>Search</span>
          <span className={css.hint}>
            <Key k="mod+k" />
          </span>
        </button>
        <div className={css.gap} />
        {mine.map(({ to, label, Icon }) => (
          <Link key={to} to={to} className={css.item} activeOptions={{ exact: to === '/' }} title={label}>
            <Icon size={17} stroke={1.7} aria-hidden />
            <span className={css.word}>{label}</span>
          </Link>
        ))}
        <div className={css.fill} />
        {unsaved > 0 && !atDesk && (
          <p className={css.unsaved} role="status">
            {unsaved === 1 ? 'One piece of your work is' : `${unsaved} pieces of your work are`} still on the way to the server. Keep this window open.
          </p>
        )}
        {overlays ? <overlays.LevelPicker /> : <LevelButton level={session.level} />}
        <button type="button" className={css.item} onClick={() => setKeysOpen(true)} title="Keys">
          <IconKeyboard size={17} stroke={1.7} aria-hidden />
          <span className={css.word}>Keys</span>
          <span className={css.hint}>
            <Key k="?" />
          </span>
        </button>
        <button type="button" className={css.item} onClick={theme.toggle} title={theme.now === 'dark' ? 'Light theme' : 'Dark theme'}>
          <ThemeIcon size={17} stroke={1.7} aria-hidden />
          <span className={css.word}>{theme.now === 'dark' ? 'Light theme' : 'Dark theme'}</span>
        </button>
        <Link to="/account" className={css.item} title={session.person.name}>
          <IconUserCircle size={17} stroke={1.7} aria-hidden />
          <span className={css.word}>{session.person.name}</span>
        </Link>
      </nav>
      <main ref={main} tabIndex={-1} className={css.main}>
        <DiskNotice />
        <ErrorBoundary resetKey={path}>
          <Suspense fallback={null}>
            <Outlet />
          </Suspense>
        </ErrorBoundary>
      </main>
      <Banner at="bottom" />
      {overlays && <overlays.Overlays keysOpen={keysOpen} onKeysClose={() => setKeysOpen(false)} calls={calls} />}
    </div>
  );
}
