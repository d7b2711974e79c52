/**
 * What is on its way to the server, in the order it was done: sent one by one, tried again with the same idempotency
 * key until the server has answered. It outlives the view that filled it.
 */
import { asProblem, type Problem } from '../../api/problem';
import { backoff } from './backoff';

export interface Parcel<T = unknown> {
  /** What it belongs to; used to take it back. */
  about: string;
  /** Sends it once. Called again with the same key after a failure that passes. */
  send: (key: string) => Promise<T>;
  done: (answer: T) => void;
  /** The server said no for good. */
  refused: (problem: Problem) => void;
}

export interface OutboxState {
  waiting: number;
  /** Why the first one isn't through yet. */
  problem: Problem | null;
  /** When the next try is, in `Date.now()` time; null while one is on its way. */
  retryAt: number | null;
}

interface Item extends Parcel {
  key: string;
  tries: number;
}

/** 128 random bits in hexadecimal. (`crypto.randomUUID` is missing where the page isn't served over HTTPS.) */
export const newKey = (): string => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

export class Outbox {
  private items: Item[] = [];
  private running = false;
  private wake: (() => void) | null = null;
  state: OutboxState = { waiting: 0, problem: null, retryAt: null };

  constructor(private readonly changed: (state: OutboxState) => void) {}

  add<T>(parcel: Parcel<T>): void {
    this.items.push({ ...(parcel as Parcel), key: newKey(), tries: 0 });
    this.report({});
    void this.run();
  }

  /** Takes back what was never sent. False where the server may have it already. */
  cancel(about: string): boolean {
    const index = this.items.findLastIndex((item) => item.about === about);
    if (index < 0 || this.items[index]!.tries > 0) return false;
    this.items.splice(index, 1);
    this.report({});
    return true;
  }

  holds(about: string): boolean {
    return this.items.some((item) => item.about === about);
  }

  retryNow(): void {
    this.wake?.();
  }

  private report(change: Partial<OutboxState>): void {
    this.state = { ...this.state, ...change, waiting: this.items.length };
    this.changed(this.state);
  }

  private async run(): Promise<void> {
    if (this.running) return;
    this.running = true;
    for (let item = this.items[0]; item; item = this.items[0]) {
      item.tries++;
      try {
        const answer = await item.send(item.key);
        this.items.shift();
        this.report({ problem: null, retryAt: null });
        item.done(answer);
      } catch (error) {
        const problem = asProblem(error);
        // Signed out counts as passing: the answer goes out once the person has signed in again.
        if (problem.passing || problem.status === 401) {
          const pause = backoff(item.tries);
          this.report({ problem, retryAt: Date.now() + pause });
          await this.pause(pause);
          this.report({ retryAt: null });
        } else {
          this.items.shift();
          this.report({ problem: null, retryAt: null });
          item.refused(problem);
        }
      }
    }
    this.running = false;
  }

  private pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
