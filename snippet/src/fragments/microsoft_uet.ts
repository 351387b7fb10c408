/** Microsoft Universal Event Tracking: `ad_storage` is denied until the answer grants it. */
import type { FragmentApi } from "../fragment.ts";

export default ({ $settings, $allows, $onAct }: FragmentApi): void => {
  const page = window as { uetq?: unknown[] };
  const tell = (kind: string) =>
    // The tag puts an object of its own in the place of the list.
    (page.uetq ??= []).push("consent", kind, {
      ad_storage: $allows($settings("microsoft_uet")) ? "granted" : "denied",
    });
  const update = () => tell("update");
  (page.uetq ??= []).push("consent", "default", { ad_storage: "denied" });
  if ($allows($settings("microsoft_uet"))) update();
  $onAct(update);
};
