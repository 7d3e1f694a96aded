/* Charts as SVG, drawn by hand: axes, curves, marks; text in CSS pixels at every width. */
const SVG = "http://www.w3.org/2000/svg";

function element(name, attributes, parent, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  if (parent) parent.append(made);
  return made;
}

const raised = (power) => String(power).replace(/[-0-9]/g, (c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c]));

/* Ticks of a logarithmic axis: powers of ten, some of them where there are many, and 2 and 5 where
   there are few decades. */
function logTicks(low, high) {
  const few = high / low < 200, found = [], stride = Math.ceil(Math.log10(high / low) / 6);
  const first = stride * Math.floor(Math.log10(low) / stride);
  for (let k = first; k <= Math.ceil(Math.log10(high)); k += few ? 1 : stride) {
    for (const factor of few ? [1, 2, 5] : [1]) {
      const value = Number(`${factor}e${k}`);
      if (value >= low * 0.999 && value <= high * 1.001) found.push(value);
    }
  }
  return found;
}

function linearTicks(low, high) {
  const rough = (high - low) / 5, unit = 10 ** Math.floor(Math.log10(rough));
  const step = unit * [1, 2, 5, 10].find((factor) => factor * unit >= rough);
  const found = [];
  for (let k = Math.ceil(low / step); k * step <= high * 1.0001; k += 1) found.push(k * step);
  return found;
}

const tickText = (value) => {
  const power = Math.log10(value);
  if (value > 0 && (value >= 10000 || value < 0.01)) {
    const k = Math.floor(power + 1e-9), factor = Math.round(value / 10 ** k);
    return (factor === 1 ? "10" : `${factor}·10`) + raised(k);
  }
  return String(Number(value.toPrecision(4))).replace("-", "−");
};

/* A chart in `host`: axes {x, y: {low, high, log, label}}; returns what curves need. */
function chart(host, label, axes) {
  const width = host.clientWidth, height = host.clientHeight;
  const box = { left: 58, right: width - 14, top: 14, bottom: height - 44 };
  host.querySelectorAll("svg").forEach((old) => old.remove());
  const svg = element("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
  const scale = (axis, from, to) => {
    const f = axis.log ? Math.log : (v) => v, a = f(axis.low), b = f(axis.high);
    return (value) => from + ((f(value) - a) / (b - a)) * (to - from);
  };
  const x = scale(axes.x, box.left, box.right), y = scale(axes.y, box.bottom, box.top);
  const ticks = (axis) => (axis.log ? logTicks : linearTicks)(axis.low, axis.high);
  for (const value of ticks(axes.x)) {
    element("line", { class: "grid", x1: x(value), x2: x(value), y1: box.top, y2: box.bottom }, svg);
    element("text", { class: "tick", x: x(value), y: box.bottom + 16, "text-anchor": "middle" }, svg, tickText(value));
  }
  for (const value of ticks(axes.y)) {
    element("line", { class: "grid", x1: box.left, x2: box.right, y1: y(value), y2: y(value) }, svg);
    element("text", { class: "tick", x: box.left - 6, y: y(value) + 4, "text-anchor": "end" }, svg, tickText(value));
  }
  element("text", { x: (box.left + box.right) / 2, y: height - 8, "text-anchor": "middle" }, svg, axes.x.label);
  element("text", { x: 14, y: (box.top + box.bottom) / 2, "text-anchor": "middle", transform: `rotate(-90 14 ${(box.top + box.bottom) / 2})` }, svg, axes.y.label);
  const clip = `clip-${host.id}`;
  element("rect", { x: box.left, y: box.top, width: box.right - box.left, height: box.bottom - box.top }, element("clipPath", { id: clip }, svg));
  const inside = element("g", { "clip-path": `url(#${clip})` }, svg);
  element("rect", { class: "frame", x: box.left, y: box.top, width: box.right - box.left, height: box.bottom - box.top }, svg);
  host.append(svg);
  return { svg, inside, box, x, y };
}

function curve(plot, points, name) {
  const path = points.map(([a, b], k) => `${k ? "L" : "M"}${plot.x(a).toFixed(1)},${plot.y(b).toFixed(1)}`);
  element("path", { class: `curve ${name}`, d: path.join("") }, plot.inside);
}

function vertical(plot, value, name) {
  element("line", { class: name, x1: plot.x(value), x2: plot.x(value), y1: plot.box.top, y2: plot.box.bottom }, plot.inside);
}

/* Lines and their names, in a column that begins at (x, y). */
function legend(plot, entries, x, y) {
  entries.forEach(([name, text], k) => {
    element("line", { class: `curve ${name}`, x1: x, x2: x + 30, y1: y + 17 * k, y2: y + 17 * k }, plot.svg);
    element("text", { class: "halo", x: x + 37, y: y + 17 * k + 4 }, plot.svg, text);
  });
}

/* Calls `tell` with the pointer's place in the numbers of the axes, on click and drag. */
function touch(plot, axes, tell) {
  const { left, right, top, bottom } = plot.box;
  const target = element("rect", { class: "target", x: left, y: top, width: right - left, height: bottom - top }, plot.svg);
  const back = (axis, share) => (axis.log
    ? axis.low * (axis.high / axis.low) ** share : axis.low + share * (axis.high - axis.low));
  const point = (event) => {
    const frame = plot.svg.getBoundingClientRect();
    tell(
      back(axes.x, (event.clientX - frame.left - left) / (right - left)),
      back(axes.y, (bottom - event.clientY + frame.top) / (bottom - top)));
  };
  target.addEventListener("click", point);
}

/* Line segments where values[row][column] crosses `level`, in grid units. */
function contour(values, level) {
  const segments = [];
  const cross = (a, b) => (level - a) / (b - a);
  for (let r = 0; r + 1 < values.length; r += 1) {
    for (let c = 0; c + 1 < values[r].length; c += 1) {
      const [p, q, s, t] = [values[r][c], values[r][c + 1], values[r + 1][c + 1], values[r + 1][c]];
      const points = [];
      if ((p < level) !== (q < level)) points.push([c + cross(p, q), r]);
      if ((q < level) !== (s < level)) points.push([c + 1, r + cross(q, s)]);
      if ((t < level) !== (s < level)) points.push([c + cross(t, s), r + 1]);
      if ((p < level) !== (t < level)) points.push([c, r + cross(p, t)]);
      for (let k = 0; k + 1 < points.length; k += 2) segments.push([points[k], points[k + 1]]);
    }
  }
  return segments;
}
