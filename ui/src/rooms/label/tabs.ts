/** The other tabs of the same browser, so that two tabs never work on one task. */
interface Message {
  from: string;
  ask?: true;
  held?: string[];
}

/** So long another tab is waited for that is there and doesn't answer: one in the background may be slow. */
const PATIENCE = 1000;
/** The same where the browser doesn't say whether there is one. */
const PATIENCE_IN_THE_DARK = 50;

export class Tabs {
  private readonly channel: BroadcastChannel | null;
  private readonly me = Math.random().toString(36);
  private heard = new Map<string, string[]>();
  private listener = () => {};
  private leave = () => {};

  constructor(
    private readonly name: string,
    private readonly held: () => string[],
  ) {
    this.channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(name);
    this.channel?.addEventListener('message', (event: MessageEvent<Message>) => {
      const { from, ask, held } = event.data;
      if (from === this.me) return;
      if (ask) this.post({ from: this.me, held: this.held() });
      if (held) {
        this.heard.set(from, held);
        this.listener();
      }
    });
    // A lock of its own says that a tab is there; the browser lets go of it when the tab ends, however it ends.
    const gone = new Promise<void>((resolve) => (this.leave = resolve));
    void this.locks?.request(`${name} ${this.me}`, () => gone);
  }

  /** The assignments that other tabs have in hand. */
  async othersHold(): Promise<string[]> {
    if (!this.channel) return [];
    const others = await this.others();
    if (others === 0) return [];
    this.heard = new Map();
    await new Promise<void>((resolve) => {
      this.listener = () => void (this.heard.size === others && resolve());
      setTimeout(resolve, others === undefined ? PATIENCE_IN_THE_DARK : PATIENCE);
      this.post({ from: this.me, ask: true });
    });
    return [...this.heard.values()].flat();
  }

  close(): void {
    this.leave();
    this.channel?.close();
  }

  /** How many there are, where the browser says so. */
  private async others(): Promise<number | undefined> {
    const { held } = (await this.locks?.query()) ?? {};
    return held?.filter(({ name }) => name?.startsWith(`${this.name} `) && name !== `${this.name} ${this.me}`).length;
  }

  private get locks(): LockManager | undefined {
    return navigator.locks as LockManager | undefined; // only where the connection is secure
  }

  private post(message: Message): void {
    this.channel?.postMessage(message);
  }
}
