/** What is fetched speaks the language of what is shown, and which that is shows with the layers: a language may be on its way before. */
import type { FragmentApi } from "../fragment.ts";

/** Resolves once the layers are in the page; at once in builds before these, which say nothing of them. */
export const settled = ({ $root }: Partial<FragmentApi>): Promise<unknown> =>
  new Promise((resolve) => {
    const look = () => ($root && !$root().firstChild ? setTimeout(look, 50) : resolve(0));
    look();
  });
