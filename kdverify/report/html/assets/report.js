/* The page's own behaviour: theme, graph, fragments, filter, copying, printing. */
document.documentElement.classList.add("scripted");
document.querySelectorAll("[hidden].theme").forEach((button) => { button.hidden = false; });

(() => {
  const button = document.getElementById("theme"), root = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const stored = () => { try { return localStorage.getItem("kdverify-theme"); } catch { return null; } };
  const store = (value) => { try { localStorage.setItem("kdverify-theme", value); } catch { /* file:// may forbid it */ } };
  const dark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const show = () => {
    button.setAttribute("aria-pressed", String(dark()));
    document.dispatchEvent(new Event("themechange"));
  };
  if (stored()) root.dataset.theme = stored();
  button.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    store(root.dataset.theme);
    show();
  });
  system.addEventListener("change", show);
  show();
})();

(() => {
  const svg = document.getElementById("dependencies");
  if (!svg) return;
  const nodes = [...svg.querySelectorAll(".node")], arrows = [...svg.querySelectorAll(".arrows path")];
  const byId = new Map(nodes.map((node) => [node.dataset.id, node]));
  const needs = new Map(nodes.map((node) => [node.dataset.id,
    node.dataset.needs.split(" ").filter((id) => byId.has(id))]));
  const carries = new Map(nodes.map((node) => [node.dataset.id, []]));
  for (const [id, list] of needs) list.forEach((need) => carries.get(need).push(id));
  const chosenText = document.getElementById("chosen");

  const reach = (start, edges) => {
    const found = new Set(), waiting = [start];
    while (waiting.length) {
      for (const next of edges.get(waiting.pop())) {
        if (!found.has(next)) { found.add(next); waiting.push(next); }
      }
    }
    return found;
  };

  function choose(id) {
    const below = id ? reach(id, needs) : new Set(), above = id ? reach(id, carries) : new Set();
    svg.classList.toggle("choosing", Boolean(id));
    for (const node of nodes) {
      const name = node.dataset.id;
      node.classList.toggle("chosen", name === id);
      node.classList.toggle("below", below.has(name));
      node.classList.toggle("above", above.has(name));
      node.setAttribute("aria-current", String(name === id));
    }
    for (const arrow of arrows) {
      const { from, to } = arrow.dataset;
      arrow.classList.toggle("below", below.has(from) && (to === id || below.has(to)));
      arrow.classList.toggle("above", above.has(to) && (from === id || above.has(from)));
    }
    chosenText.hidden = !id;
    chosenText.replaceChildren();
    if (!id) return;
    const link = document.createElement("a");
    link.href = `#${id}`;
    link.textContent = `Read ${id}`;
    const count = (set, one, many) => `${set.size} ${set.size === 1 ? one : many}`;
    chosenText.append(`${byId.get(id).getAttribute("aria-label")}. It rests on ${count(below, "claim", "claims")}; ${count(above, "claim rests", "claims rest")} on it. `, link);
  }

  const focusOn = (node) => {
    nodes.forEach((other) => other.setAttribute("tabindex", other === node ? "0" : "-1"));
    node.focus();
  };
  nodes.forEach((node, index) => node.setAttribute("tabindex", index ? "-1" : "0"));
  const place = (node) => [Number(node.dataset.layer), Number(node.dataset.row)];
  function neighbour(node, layerStep, rowStep) {
    const [layer, row] = place(node);
    const column = nodes.filter((other) => place(other)[0] === layer + layerStep);
    if (rowStep) return column.find((other) => place(other)[1] === row + rowStep);
    const height = (other) => other.getCTM().f;
    return column.sort((a, b) => Math.abs(height(a) - height(node)) - Math.abs(height(b) - height(node)))[0];
  }
  const keys = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  svg.addEventListener("keydown", (event) => {
    const node = event.target.closest(".node");
    if (event.key === "Escape") choose(null);
    if (!node || !keys[event.key]) return;
    event.preventDefault();
    const next = neighbour(node, ...keys[event.key]);
    if (next) focusOn(next);
  });
  svg.addEventListener("click", (event) => {
    const node = event.target.closest(".node");
    if (!node) { choose(null); return; }
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    choose(node.classList.contains("chosen") ? null : node.dataset.id);
    focusOn(node);
  });
  document.addEventListener("choose", (event) => { if (byId.has(event.detail)) choose(event.detail); });
})();

(() => {
  const input = document.getElementById("filter"), said = document.getElementById("filtered");
  const claims = [...document.querySelectorAll(".claim")], groups = [...document.querySelectorAll(".group")];
  function filter() {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const claim of claims) {
      claim.hidden = !words.every((word) => claim.dataset.words.includes(word));
      shown += claim.hidden ? 0 : 1;
    }
    groups.forEach((group) => { group.hidden = !group.querySelector(".claim:not([hidden])"); });
    said.textContent = words.length ? `${shown} of ${claims.length}` : "";
  }
  input.addEventListener("input", filter);

  function visit() {
    const claim = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!claim || !claim.classList.contains("claim")) return;
    if (claim.hidden) { input.value = ""; filter(); }
    claim.querySelectorAll("details.evidence").forEach((part) => { part.open = true; });
    claims.forEach((other) => other.classList.toggle("visited", other === claim));
    document.dispatchEvent(new CustomEvent("choose", { detail: claim.id }));
    claim.scrollIntoView();
  }
  window.addEventListener("hashchange", visit);
  visit();

  document.querySelectorAll(".copy").forEach((button) => button.addEventListener("click", async () => {
    const label = button.firstChild;
    try {
      await navigator.clipboard.writeText(button.dataset.text);
      label.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(button.previousElementSibling);
      label.textContent = "Selected";
    }
    setTimeout(() => { label.textContent = "Copy"; }, 1500);
  }));

  let closed = [];
  window.addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll(".claim details:not([open])")];
    closed.forEach((part) => { part.open = true; });
  });
  window.addEventListener("afterprint", () => closed.forEach((part) => { part.open = false; }));
})();
