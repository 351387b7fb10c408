// What a website that uses c15t with React bundles: its provider, banner and dialog.
import { ConsentBanner, ConsentDialog, ConsentManagerProvider } from "@c15t/react";
import { createElement } from "react";
import { createRoot } from "react-dom/client";

window.startC15t = (options) => {
  const place = document.createElement("div");
  document.body.append(place);
  const inner = [createElement(ConsentBanner, { key: 1 }), createElement(ConsentDialog, { key: 2 })];
  createRoot(place).render(createElement(ConsentManagerProvider, { options }, inner));
};
