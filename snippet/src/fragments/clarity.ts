/** Microsoft Clarity: keeps no cookie until both of its types are told, so they are told at once and after each answer. */
import type { FragmentApi } from "../fragment.ts";

type Queue = ((...command: unknown[]) => void) & { q?: unknown[] };

export default ({ $settings, $allows, $onAct }: FragmentApi): void => {
  const page = window as { clarity?: Queue };
  const types = $settings<Record<string, string | null>>("clarity");
  const tell = () => {
    const told: Record<string, string> = {};
    for (const type in types) told[type] = types[type] && $allows(types[type]) ? "granted" : "denied";
    // What Clarity's own tag puts there until it has loaded.
    page.clarity ??= function (..._command) {
      ((page.clarity as Queue).q ??= []).push(arguments);
    };
    page.clarity("consentv2", told);
  };
  tell();
  $onAct(tell);
};
