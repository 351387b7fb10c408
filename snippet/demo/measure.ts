/**
 * The demo site's measurement: the real Plausible tracker, told by its own script element where to send. Without an address it sends to
 * the page's own host, never to somebody else's.
 */
import { init } from "@plausible-analytics/tracker";

const own = document.currentScript?.dataset ?? {};

init({
  domain: own.domain || location.hostname,
  endpoint: new URL(own.endpoint || "/api/event", location.href).href,
  captureOnLocalhost: true,
});
