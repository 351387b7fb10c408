/** The first layer as a dialog: nothing of the page can be used before it is answered or closed. */
import type { Fragment } from "../fragment.ts";

const dialog: Fragment = ({ $modally }) =>
  $modally((bar, opens, closed) => {
    if (!opens) bar.close();
    else if (!bar.matches(":modal")) {
      bar.onclose = closed;
      // A page that took it out meanwhile left it open and no longer modal.
      bar.open = false;
      bar.showModal();
      // Not the first of its buttons: that would weigh more than the other.
      bar.focus();
    }
  });

export default dialog;
