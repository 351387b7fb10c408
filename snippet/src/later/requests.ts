/** Which requests left for other hosts than the page's and the service's: the browser's own list, from the page's beginning. */

export interface Sent {
  /** When it began, ms after the page. */
  at: number;
  host: string;
  address: string;
}

/** Returns those that began before `until` (ms after the page), oldest first, without their queries: these can hold anything. */
export const sentAway = (service: string, until: number): Sent[] => {
  const ours = [location.host, new URL(service, location.href).host];
  return performance
    .getEntriesByType("resource")
    .filter(({ startTime }) => startTime < until)
    .flatMap(({ name, startTime }) => {
      const { host, origin, pathname } = new URL(name, location.href);
      return host && !ours.includes(host) ? [{ at: startTime, host, address: origin + pathname }] : [];
    });
};
