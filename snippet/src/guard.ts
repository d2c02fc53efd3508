/** `act`, made unable to throw into the page. */
export function guard<A extends unknown[]>(act: (...args: A) => void): (...args: A) => void {
  return (...args) => {
    try {
      act(...args);
    } catch {
      // A site never breaks because its analytics did.
    }
  };
}

/** Listens in the capture phase, where the page cannot stop an event before us. */
export function listen<E extends Event>(on: EventTarget, type: string, act: (event: E) => void): void {
  on.addEventListener(type, guard(act) as (event: Event) => void, { capture: true, passive: true });
}
