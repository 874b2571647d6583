"use strict";
// The page is complete without this; it adds zoom, keys from bar to bar, search, other builds, and sorting.
document.documentElement.classList.remove("no-script");

function prepareTimeline(view) {
  const canvas = view.querySelector(".canvas");
  const scroll = view.querySelector(".scroll");
  const axis = view.querySelector(".axis");
  const detail = view.querySelector(".detail");
  const lanes = [...view.querySelectorAll(".lane")].map((lane) => [...lane.querySelectorAll(".bar")]).filter((lane) => lane.length);
  const seconds = Number(view.dataset.seconds);
  let zoom = 1;
  let chosen = lanes[0][0];

  function step(room) {
    const rough = seconds / Math.max(1, room / 110);
    const power = 10 ** Math.floor(Math.log10(rough));
    return power * [1, 2, 5, 10].find((factor) => factor * power >= rough);
  }

  function drawAxis() {
    const gap = step(scroll.clientWidth * zoom);
    const digits = Math.max(0, -Math.floor(Math.log10(gap)));
    axis.replaceChildren();
    for (let count = 0; count * gap < seconds; count += 1) {
      const mark = document.createElement("span");
      mark.style.left = `${(100 * count * gap) / seconds}%`;
      mark.textContent = `${(count * gap).toFixed(digits)} s`;
      axis.append(mark);
    }
  }

  function magnify(factor, at = 0.5) {
    const old = zoom;
    zoom = factor === 0 ? 1 : Math.min(4096, Math.max(1, zoom * factor));
    const middle = (scroll.scrollLeft + at * scroll.clientWidth) / old;
    canvas.style.setProperty("--zoom", zoom);
    drawAxis();
    scroll.scrollLeft = middle * zoom - at * scroll.clientWidth;
  }

  function choose(bar, focus) {
    chosen.tabIndex = -1;
    chosen.classList.remove("chosen");
    chosen = bar;
    bar.tabIndex = 0;
    bar.classList.add("chosen");
    detail.textContent = bar.getAttribute("aria-label");
    if (focus) bar.focus({ preventScroll: false });
  }

  function neighbour(key) {
    const row = lanes.findIndex((lane) => lane.includes(chosen));
    const place = lanes[row].indexOf(chosen);
    if (key === "ArrowRight") return lanes[row][place + 1];
    if (key === "ArrowLeft") return lanes[row][place - 1];
    if (key === "Home") return lanes[row][0];
    if (key === "End") return lanes[row].at(-1);
    const other = lanes[row + (key === "ArrowDown" ? 1 : -1)];
    if (!other) return undefined;
    const when = Number(chosen.dataset.begin);
    return other.reduce((best, bar) =>
      Math.abs(bar.dataset.begin - when) < Math.abs(best.dataset.begin - when) ? bar : best);
  }

  view.addEventListener("keydown", (event) => {
    if (event.target.matches("input, select")) return;
    const factor = { "+": 2, "=": 2, "-": 0.5, 0: 0 }[event.key];
    if (factor !== undefined && !event.ctrlKey && !event.metaKey) {
      magnify(factor);
      event.preventDefault();
    } else if (event.target.matches(".bar") && /^Arrow|Home|End/.test(event.key)) {
      const bar = neighbour(event.key);
      if (bar) choose(bar, true);
      event.preventDefault();
    }
  });
  view.addEventListener("focusin", (event) => event.target.matches(".bar") && choose(event.target, false));
  view.addEventListener("pointerover", (event) => {
    const bar = event.target.closest(".bar");
    if (bar) detail.textContent = bar.getAttribute("aria-label");
  });
  view.addEventListener("pointerleave", () => { detail.textContent = chosen.getAttribute("aria-label"); });
  scroll.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    const box = scroll.getBoundingClientRect();
    magnify(event.deltaY < 0 ? 1.3 : 1 / 1.3, (event.clientX - box.left) / box.width);
  }, { passive: false });
  for (const button of view.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", () => magnify(Number(button.dataset.zoom)));
  }
  const find = view.querySelector("input[type=search]");
  const count = view.querySelector(".found");
  find.addEventListener("input", () => {
    const word = find.value.trim().toLowerCase();
    let found = 0;
    for (const bar of view.querySelectorAll(".bar")) {
      const fits = bar.getAttribute("aria-label").toLowerCase().includes(word);
      bar.classList.toggle("dim", !fits);
      found += fits;
    }
    count.textContent = word ? `${found} found` : "";
  });
  for (const bar of view.querySelectorAll(".bar")) bar.tabIndex = -1;
  chosen.tabIndex = 0;
  window.addEventListener("resize", drawAxis);
  return drawAxis;
}

function prepareSorting(table) {
  const body = table.tBodies[0];
  for (const head of table.tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const falling = head.getAttribute("aria-sort") !== "descending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", falling ? "descending" : "ascending");
      const value = (row) => row.cells[head.cellIndex].dataset.value ?? row.cells[head.cellIndex].textContent;
      const order = new Intl.Collator(undefined, { numeric: true }).compare;
      const rows = [...body.rows].sort((a, b) => {
        const [one, two] = [value(a), value(b)];
        return isNaN(one) || isNaN(two) ? order(one, two) : one - two;
      });
      body.append(...(falling ? rows.reverse() : rows));
    });
  }
}

const views = [...document.querySelectorAll(".view")];
const draws = views.map(prepareTimeline);
const choice = document.querySelector("#which-build");
function show() {
  views.forEach((view, number) => {
    view.hidden = choice !== null && number !== choice.selectedIndex;
    if (!view.hidden) draws[number]();
  });
}
choice?.addEventListener("change", show);
show();
document.querySelectorAll("table.sortable").forEach(prepareSorting);
