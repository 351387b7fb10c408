/** The first layer as a dialog: nothing of the page can be used before it is answered or closed. */
import type { Fragment } from "../fragment.ts";

const dialog: Fragment = ({ $modally, $addStyle }) => {
  $addStyle("dialog.bar{flex-direction:column;align-items:stretch;margin:auto}");
  $modally((bar, opens, closed) => {
    bar.onclose = closed;
    if (!opens) bar.close();
    // After what holds it was put into the top layer (ui/layers.ts), so that it covers what stands beside the question.
    else
      queueMicrotask(() => {
        if (bar.hidden || !bar.isConnected || bar.matches(":modal")) return;
        // A page that took it out meanwhile left it open and no longer modal.
        bar.open = false;
        bar.showModal();
        // Not the first of its buttons: that would weigh more than the other.
        bar.focus();
      });
  });
};

export default dialog;
