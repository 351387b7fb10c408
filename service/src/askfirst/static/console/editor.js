/**
 * What the editor of policies gains from a script: the preview follows what is written, colours are seen, a file is read into its field,
 * and what somebody answers in the preview is said. Without it there is a button for the preview, and everything else works the same.
 */

const form = document.querySelector("form.draft-form");
const attempt = form?.querySelector("[data-try]");

if (attempt) {
  let timer;
  form.addEventListener("change", (event) => {
    if (event.target.closest(".adding")) return;
    clearTimeout(timer);
    // A few fields can change at once, when a browser fills them in.
    timer = setTimeout(() => form.requestSubmit(attempt), 300);
  });
}

for (const swatch of document.querySelectorAll("[data-colour-of]")) {
  const field = document.getElementById(swatch.dataset.colourOf);
  const show = () => {
    swatch.style.backgroundColor = swatch.dataset.default;
    // What is no colour leaves the default; the empty text would leave none.
    if (field.value) swatch.style.backgroundColor = field.value;
  };
  field.addEventListener("input", show);
  show();
}

for (const part of document.querySelectorAll("[data-scripted]")) part.hidden = false;
for (const picker of document.querySelectorAll("input[type=file][data-into]")) {
  picker.addEventListener("change", async () => {
    const [file] = picker.files;
    if (file) document.getElementById(picker.dataset.into).value = await file.text();
  });
}

const answers = document.querySelector("[data-answers]");
const frame = document.querySelector("iframe[name=preview]");
if (answers && frame) {
  addEventListener("message", ({ source, data }) => {
    if (source !== frame.contentWindow || data?.askfirst !== "answer" || typeof data.purposes !== "object") return;
    const list = Object.entries(data.purposes).map(([purpose, granted]) => `${granted ? "✓" : "✗"} ${purpose}`);
    answers.textContent = `${answers.dataset.said} ${list.join(", ")}`;
  });
  frame.addEventListener("load", () => (answers.textContent = ""));
}
