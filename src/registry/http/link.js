// Moves the secret of the link from the address, which no server sees, into the form. Without this script the person pastes the link.
const field = document.getElementById("link");
if (field && location.hash.length > 1) {
  field.value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
  field.form.querySelector("input:not(#link), button").focus();
}
// A second press would use the link again and hide the first answer.
const buttons = document.querySelectorAll("form button");
const disable = (off) => buttons.forEach((button) => { button.disabled = off; });
document.addEventListener("submit", () => setTimeout(disable, 0, true));
addEventListener("pageshow", () => disable(false));
