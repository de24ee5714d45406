/** A value that follows another one once that has not changed for a moment. */
const PAUSE_MS = 250;

export class Settled<T> {
  now = $state.raw() as T;

  /** To be made while a component is set up; it ends with it. */
  constructor(value: () => T) {
    this.now = value();
    $effect(() => {
      const next = value();
      const timer = setTimeout(() => (this.now = next), PAUSE_MS);
      return () => clearTimeout(timer);
    });
  }
}
