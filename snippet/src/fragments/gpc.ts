/** Global Privacy Control where it answers everything there is to ask: recorded once, as the refusal that it is. */
import type { Fragment } from "../fragment.ts";

// A signal that covers less is no answer to the rest; until the visitor gives one nothing is allowed anyway.
const signal: Fragment = ({ state, more, decision, gpc, choose }) => {
  if (!decision() && gpc() && state()[5].every((id) => more().gpc?.includes(id))) choose(() => false, "signal");
};

export default signal;
