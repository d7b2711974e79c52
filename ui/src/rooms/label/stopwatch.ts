/** How long each task was on screen, without the time the window was hidden. */
export class Stopwatch {
  private readonly spent = new Map<string, number>();
  private running: { id: string; since: number } | null = null;

  /** `id` is on screen now; null for none. */
  show(id: string | null): void {
    if (this.running?.id === id) return;
    if (this.running) this.spent.set(this.running.id, this.milliseconds(this.running.id));
    this.running = id ? { id, since: performance.now() } : null;
  }

  /** Seconds, to a tenth. */
  seconds(id: string): number {
    return Math.round(this.milliseconds(id) / 100) / 10;
  }

  close(): void {
    this.show(null);
  }

  private milliseconds(id: string): number {
    const before = this.spent.get(id) ?? 0;
    return this.running?.id === id ? before + performance.now() - this.running.since : before;
  }
}
