// A field in which a customer finds the exchange that the money goes to. It asks GET /v1/picker of one registry and nobody else, and stores
// nothing. Keys: arrows, Enter, Escape (ARIA Authoring Practices, combobox with a list).

/** How long the customer has not typed before the registry is asked, in milliseconds. */
const PAUSE = 250;

const FIELDS = {
  "beneficiary.name": "Full name of the recipient",
  "beneficiary.account": "Account or address of the recipient",
  "beneficiary.dlt_address": "Address of the recipient",
  "beneficiary.address": "Postal address of the recipient",
  "beneficiary.country": "Country of the recipient",
  "beneficiary.national_id": "Identity document of the recipient",
};

const form = document.getElementById("picker");
const [firm, country, list, said, chosen] = ["firm", "country", "firms", "said", "chosen"].map((id) => document.getElementById(id));
let picks = [], active = -1, waiting, asking;

/** What the page says of a pick in one line. */
function line(pick) {
  if (pick.entity) return `${pick.entity.legal_name}${pick.entity.country ? `, ${pick.entity.country}` : ""}`;
  if (pick.candidates.length) return `one of: ${pick.candidates.map((one) => one.legal_name).join("; ")}`;
  return { no: "not registered in this country", not_possible: "which firm serves this country is not known" }[pick.result] ?? "";
}

function show(found) {
  picks = found;
  active = -1;
  list.replaceChildren(...picks.map((pick, place) => {
    const item = document.createElement("li");
    item.id = `firm-${place}`;
    item.role = "option";
    item.ariaSelected = "false";
    item.append(pick.name, Object.assign(document.createElement("small"), { textContent: line(pick) }));
    // Before the field loses the focus.
    item.addEventListener("pointerdown", (event) => { event.preventDefault(); choose(place); });
    return item;
  }));
  list.hidden = picks.length === 0;
  firm.ariaExpanded = String(picks.length > 0);
  firm.removeAttribute("aria-activedescendant");
}

function move(to) {
  if (picks.length === 0) return;
  active = (to + picks.length) % picks.length;
  [...list.children].forEach((item, place) => { item.ariaSelected = String(place === active); });
  firm.setAttribute("aria-activedescendant", `firm-${active}`);
}

function choose(place) {
  const pick = picks[place];
  firm.value = pick.name;
  show([]);
  said.textContent = "";
  document.getElementById("name").textContent = pick.name;
  document.getElementById("entity").textContent = line(pick);
  document.getElementById("asked").replaceChildren(...pick.ask.map((code) => {
    const label = document.createElement("label");
    label.append(FIELDS[code] ?? code, Object.assign(document.createElement("input"), { name: code, type: "text" }));
    return label;
  }));
  chosen.hidden = false;
  form.dispatchEvent(new CustomEvent("picked", { detail: pick }));
}

async function ask() {
  const q = firm.value.trim();
  asking?.abort();
  if (q.length < 2) return show([]);
  asking = new AbortController();
  const query = new URLSearchParams({ q, key: form.dataset.key });
  if (country.value) query.set("country", country.value);
  try {
    // No header of its own, so that the browser need not ask first.
    const answer = await fetch(`${form.dataset.registry}/v1/picker?${query}`, { signal: asking.signal, credentials: "omit" });
    if (!answer.ok) throw new Error(String(answer.status));
    const { items } = await answer.json();
    show(items);
    said.textContent = items.length ? `${items.length} found` : "Nothing found";
  } catch (error) {
    if (error.name === "AbortError") return;
    show([]);
    said.textContent = "The list cannot be asked now. Type the name in full.";
  }
}

firm.addEventListener("input", () => {
  chosen.hidden = true;
  clearTimeout(waiting);
  waiting = setTimeout(ask, PAUSE);
});
country.addEventListener("change", () => { chosen.hidden = true; ask(); });
firm.addEventListener("blur", () => show([]));
firm.addEventListener("keydown", (event) => {
  const does = { ArrowDown: () => move(active + 1), ArrowUp: () => move(active < 0 ? -1 : active - 1), Escape: () => show([]) };
  if (event.key === "Enter" && active >= 0) choose(active);
  else if (does[event.key]) does[event.key]();
  else return;
  event.preventDefault();
});
form.addEventListener("submit", (event) => event.preventDefault());
