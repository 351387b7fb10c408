/** Matomo's tracking consent: nothing is sent until it is given, and it is told anew on each page, so Matomo keeps no cookie for it. */
import type { FragmentApi } from "../fragment.ts";

export default ({ $settings, $allows, $onAct }: FragmentApi): void => {
  const page = window as { _paq?: unknown[] };
  const tell = (command: string) => (page._paq ??= []).push([command]);
  const given = () => $allows($settings("matomo"));
  tell("requireConsent");
  if (given()) tell("setConsentGiven");
  $onAct(() => tell(given() ? "setConsentGiven" : "forgetConsentGiven"));
};
