// Comfort for the console, which works without it: a button to copy, a line that filters long lists while one types, and keys.
"use strict";
for (const block of document.querySelectorAll(".copy")) {
  const text = block.querySelector("code");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "plain";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text.textContent);
    button.textContent = "Copied";
  });
  block.append(button);
}
for (const table of document.querySelectorAll("table.list")) {
  const rows = [...table.tBodies[0].rows];
  if (rows.length < 12) continue;
  const label = document.createElement("label");
  const line = document.createElement("input");
  label.textContent = "Show only rows with ";
  line.type = "search";
  line.addEventListener("input", () => {
    const wanted = line.value.toLowerCase();
    for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
  });
  label.append(line);
  table.parentElement.before(label);
}
// The SHA-256 of a document is computed here; the document is sent nowhere. Browsers do this over HTTPS and on this machine only.
for (const line of document.querySelectorAll('input[name$="/sha256"], input[name$="document_sha256"]')) {
  if (line.type === "hidden" || !globalThis.crypto?.subtle) continue;
  const [part, label, file] = ["p", "label", "input"].map((name) => document.createElement(name));
  file.type = "file";
  file.id = `${line.id}-file`;
  label.htmlFor = file.id;
  label.textContent = "Or choose the file: its SHA-256 is computed here, and the file is sent nowhere";
  file.addEventListener("change", async () => {
    const [chosen] = file.files;
    line.value = "";
    if (!chosen) return;
    const digest = await crypto.subtle.digest("SHA-256", await chosen.arrayBuffer());
    if (file.files[0] === chosen) line.value = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  });
  part.append(label, file);
  line.parentElement.after(part);
}
// "/" goes to the first field of the page.
document.addEventListener("keydown", (event) => {
  const writes = event.target.closest("input, textarea, select");
  if (event.key !== "/" || writes || event.ctrlKey || event.metaKey || event.altKey) return;
  const field = document.querySelector("main input:not([type=hidden]), main select, main textarea");
  if (!field) return;
  event.preventDefault();
  field.focus();
});
