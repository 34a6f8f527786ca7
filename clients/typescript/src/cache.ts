// Answers that are still valid, by what was asked; the oldest goes first.

const CACHE_ENTRIES = 10_000;

export class Cache {
  readonly #entries = new Map<string, { until: number; found: unknown }>();

  get<Found>(question: string, now: number): Found | undefined {
    const entry = this.#entries.get(question);
    return entry && now < entry.until ? (entry.found as Found) : undefined;
  }

  keep(question: string, until: number, found: unknown): void {
    this.#entries.delete(question);
    this.#entries.set(question, { until, found });
    if (this.#entries.size > CACHE_ENTRIES) for (const oldest of [...this.#entries.keys()].slice(0, 1)) this.#entries.delete(oldest);
  }
}
