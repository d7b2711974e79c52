/** The other tabs of the same browser, so that two tabs never work on one task. */
interface Message {
  from: string;
  ask?: true;
  held?: string[];
}

/** Tabs answer within a few milliseconds; after this long there is none. */
const PATIENCE = 50;

export class Tabs {
  private readonly channel: BroadcastChannel | null;
  private readonly me = Math.random().toString(36);
  private heard: string[] = [];

  constructor(
    name: string,
    private readonly held: () => string[],
  ) {
    this.channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(name);
    this.channel?.addEventListener('message', (event: MessageEvent<Message>) => {
      const { from, ask, held } = event.data;
      if (from === this.me) return;
      if (ask) this.post({ from: this.me, held: this.held() });
      if (held) this.heard.push(...held);
    });
  }

  /** The assignments that other tabs have in hand. */
  async othersHold(): Promise<string[]> {
    if (!this.channel) return [];
    this.heard = [];
    this.post({ from: this.me, ask: true });
    await new Promise((resolve) => setTimeout(resolve, PATIENCE));
    return this.heard;
  }

  close(): void {
    this.channel?.close();
  }

  private post(message: Message): void {
    this.channel?.postMessage(message);
  }
}
