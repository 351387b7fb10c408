// The least that could be called a banner: a bar with two buttons that keeps an answer. It proves and explains nothing.
(() => {
  if (/(^|; )answer=/.test(document.cookie)) return;
  const bar = document.createElement("div");
  bar.setAttribute("role", "region");
  bar.setAttribute("aria-label", "Cookies");
  bar.style.cssText = "position:fixed;bottom:0;left:0;right:0;padding:16px;background:#fff;color:#111;border-top:1px solid #ccc;z-index:9999;display:flex;gap:12px";
  const text = document.createElement("p");
  text.style.cssText = "margin:0;flex:1";
  text.textContent = "We use cookies on our website. If you consent to their use, we use them to measure the use of the website.";
  bar.append(text);
  for (const word of ["Accept", "Reject"]) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = word;
    button.onclick = () => {
      document.cookie = "answer=" + word + ";path=/;max-age=15724800;samesite=lax";
      bar.remove();
    };
    bar.append(button);
  }
  const show = () => document.body.append(bar);
  document.body ? show() : addEventListener("DOMContentLoaded", show);
})();
