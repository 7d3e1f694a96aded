/* Five pictures of a power law with one set of sliders. */
(() => {
  const form = document.getElementById("settings"), readout = document.getElementById("readout");
  const input = (name) => document.getElementById(`set-${name}`);
  const hosts = ["risk", "gain", "rho", "ridge", "mixture"].map((name) => document.getElementById(`plot-${name}`));
  const [riskHost, gainHost, rhoHost, ridgeHost, mixtureHost] = hosts;
  const SIZES = 72, PATH = 64, MAP = { x: 74, y: 70 }, LEVELS = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95];
  const NAMES = [["standard", "strong labels"], ["optimal", "best surrogate"], ["masked", "best mask"]];
  const shown = (value) => Number(value.toPrecision(4)).toString().replace("-", "−");
  const percent = (ratio) => `${Math.round(100 * ratio)} %`;
  const settings = () => ({
    alpha: Number(input("alpha").value), beta: Number(input("beta").value),
    noise: Number(input("noise").value), n: Number(input("n").value), p: Number(input("p").value), m: Number(input("m").value),
  });

  function sizes(p) {
    const found = new Set();
    for (let k = 0; k < SIZES; k += 1) found.add(Math.round((p - 1) ** (k / (SIZES - 1))));
    return [...found];
  }

  function set(values) {
    for (const [name, value] of Object.entries(values)) input(name).value = value;
    draw();
  }

  function drawRisk({ noise, n, p }, law, at, here) {
    const curves = sizes(p).map((size) => [size, kdverify.risks(law.signal, kdverify.solve(law.lam, size), noise)]);
    const all = curves.filter(([size]) => size <= 0.95 * p)
      .flatMap(([, r]) => NAMES.map(([name]) => r[name])).concat(here.optimal);
    const first = curves[0][1].standard;
    const high = Math.min(Math.max(...all), 30 * Math.max(first, here.standard));
    const axes = {
      x: { low: 1, high: p, log: true, label: "samples n" },
      y: { low: Math.max(Math.min(...all), high * 1e-9) / 1.25, high: high * 1.25, log: true, label: "excess risk" },
    };
    const plot = chart(riskHost, `Excess risk against n: ${summary(n, here)}`, axes);
    vertical(plot, n, "here");
    for (const [name] of NAMES) {
      curve(plot, curves.map(([size, r]) => [size, r[name]]), name);
      element("circle", { class: name, cx: plot.x(n), cy: plot.y(here[name]), r: 4 }, plot.inside);
    }
    legend(plot, NAMES, plot.box.left + 12, plot.box.bottom - 50);
    touch(plot, axes, (value) => set({ n: Math.round(Math.min(Math.max(value, 1), p - 1)) }));
  }

  function drawGain({ p }, at, here) {
    const gains = [...kdverify.gains(at)], peak = Math.max(...gains, 1);
    const axes = {
      x: { low: 1, high: p, log: true, label: "mode i, by falling eigenvalue" },
      y: { low: 0, high: 1.12 * peak, log: false, label: "gain of the best surrogate" },
    };
    const words = `Gain against mode: ${here.amplified} of ${p} modes amplified, at most ${shown(peak)} times; the mask keeps ${here.kept}.`;
    const plot = chart(gainHost, words, axes);
    element("line", { class: "one", x1: plot.box.left, x2: plot.box.right, y1: plot.y(1), y2: plot.y(1) }, plot.inside);
    if (here.amplified && here.amplified < p) vertical(plot, here.amplified + 0.5, "transition");
    if (here.kept && here.kept < p) vertical(plot, here.kept + 0.5, "cut");
    curve(plot, gains.map((gain, i) => [i + 1, gain]), "gain");
    legend(plot, [["gain", "gain"], ["transition", `transition, ${here.amplified} amplified`], ["cut", `mask’s cut, ${here.kept} kept`]],
      plot.box.left + 12, plot.box.bottom - 50);
  }

  const colour = (name) => {
    const probe = document.createElement("canvas").getContext("2d");
    probe.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    return [1, 3, 5].map((k) => parseInt(probe.fillStyle.slice(k, k + 2), 16));
  };

  const mapAxes = {
    x: { low: 1.05, high: 4, log: false, label: "α" },
    y: { low: 1.05, high: 8, log: false, label: "β" },
  };
  const alphaAt = (column) => mapAxes.x.low + (column / (MAP.x - 1)) * (mapAxes.x.high - mapAxes.x.low);
  const betaAt = (row) => mapAxes.y.low + (row / (MAP.y - 1)) * (mapAxes.y.high - mapAxes.y.low);
  const values = Array.from({ length: MAP.y }, (_, row) =>
    Array.from({ length: MAP.x }, (__, column) => kdverify.rho(alphaAt(column), betaAt(row))));

  function drawRho({ alpha, beta }) {
    const ratio = kdverify.rho(alpha, beta);
    const words = `Map of rho: ${shown(ratio)} at alpha ${alpha}, beta ${beta}.`;
    rhoHost.querySelectorAll("canvas").forEach((old) => old.remove());
    const plot = chart(rhoHost, words, mapAxes), { left, right, top, bottom } = plot.box;
    paint(left, top, right - left, bottom - top);
    const at = ([c, r]) => [plot.x(alphaAt(c)), plot.y(betaAt(r))];
    for (const level of LEVELS) {
      const segments = contour(values, level).map(([a, b]) => [...at(a), ...at(b)]);
      element("path", { class: "level", d: segments.map(([a, b, c, d]) => `M${a.toFixed(1)},${b.toFixed(1)}L${c.toFixed(1)},${d.toFixed(1)}`).join("") }, plot.inside);
      const flat = segments.filter(([a, b]) => a > left + 24 && a < right - 24 && b > top + 14 && b < bottom - 14);
      const middle = flat[Math.floor(flat.length * 0.62)];
      if (middle) element("text", { class: "halo", x: middle[0], y: middle[1] + 4, "text-anchor": "middle" }, plot.svg, level);
    }
    const edge = Math.min(mapAxes.x.high, (mapAxes.y.high - 1) / 2);
    element("line", { class: "regime", x1: plot.x(mapAxes.x.low), y1: plot.y(2 * mapAxes.x.low + 1), x2: plot.x(edge), y2: plot.y(2 * edge + 1) }, plot.inside);
    element("circle", { class: "point", cx: plot.x(alpha), cy: plot.y(beta), r: 6 }, plot.svg);
    touch(plot, mapAxes, (a, b) => set({ alpha: a.toFixed(2), beta: b.toFixed(2) }));
  }

  function drawRidge({ noise, n }, law, at, best) {
    const furthest = (10 * law.lam[0]) / at.tau, nearest = 0.01;
    const roots = Array.from({ length: PATH }, (_, k) =>
      at.tau * (1 + nearest * (furthest / nearest) ** (k / (PATH - 1))));
    const path = roots.map((tau) => kdverify.withRoot(law.lam, n, tau));
    const curves = path.map((point) => [point.ridge, kdverify.risks(law.signal, point, noise)]);
    const all = curves.flatMap(([, r]) => NAMES.map(([name]) => r[name]));
    const axes = {
      x: { low: curves[0][0], high: curves[PATH - 1][0], log: true, label: "ridge δ" },
      y: { low: Math.min(...all) / 1.25, high: Math.max(...all) * 1.25, log: true, label: "excess risk" },
    };
    const plot = chart(ridgeHost, `Excess risk against the ridge: ${tuned(best)}`, axes);
    for (const [name] of NAMES) curve(plot, curves.map(([ridge, r]) => [ridge, r[name]]), name);
    for (const [name, found] of Object.entries(best)) {
      if (found.ridge > axes.x.low) element("circle", { class: name, cx: plot.x(found.ridge), cy: plot.y(found.risk), r: 4 }, plot.inside);
    }
    legend(plot, NAMES, plot.box.left + 12, plot.box.top + 16);
  }

  function drawMixture({ noise, n, p, m }, law, here) {
    const taught = kdverify.trained(law, m, noise), added = sizes(p - n).filter((pseudo) => pseudo >= 1 && n + pseudo < p);
    const mixed = added.map((pseudo) => [pseudo, kdverify.mixture(law, taught, n, pseudo, noise)]);
    const real = added.map((more) => [more, kdverify.risks(law.signal, kdverify.solve(law.lam, n + more), noise).standard]);
    const all = [...mixed, ...real].filter(([more]) => n + more <= 0.95 * p).map(([, risk]) => risk).concat(here.standard);
    const high = Math.min(Math.max(...all), 30 * here.standard);
    const axes = {
      x: { low: 1, high: Math.max(p - n, 2), log: true, label: "labels added to n real ones" },
      y: { low: Math.min(...all) / 1.25, high: high * 1.25, log: true, label: "excess risk" },
    };
    const [most, least] = [[0, here.standard], ...mixed].reduce((a, b) => (b[1] < a[1] ? b : a));
    const words = most ? `${most} pseudo-labels beside ${n} real ones are best, ${shown(least)}` : `pseudo-labels only hurt ${n} real ones`;
    const plot = chart(mixtureHost, `Excess risk against labels added: ${words}.`, axes);
    element("line", { class: "one", x1: plot.box.left, x2: plot.box.right, y1: plot.y(here.standard), y2: plot.y(here.standard) }, plot.inside);
    curve(plot, real, "standard");
    curve(plot, mixed, "gain");
    if (most) element("circle", { class: "optimal", cx: plot.x(most), cy: plot.y(least), r: 4 }, plot.inside);
    legend(plot, [["standard", "real labels"], ["gain", `labels of a model of ${m} others`], ["one", "none added"]], plot.box.left + 12, plot.box.bottom - 50);
    return words;
  }

  function paint(left, top, width, height) {
    const canvas = document.createElement("canvas"), stops = ["--low", "--middle", "--high"].map(colour);
    [canvas.width, canvas.height] = [MAP.x, MAP.y];
    Object.assign(canvas.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
    canvas.setAttribute("aria-hidden", "true");
    const context = canvas.getContext("2d"), image = context.createImageData(MAP.x, MAP.y);
    for (let row = 0; row < MAP.y; row += 1) {
      for (let column = 0; column < MAP.x; column += 1) {
        const share = 2 * Math.min(Math.max((values[row][column] - 0.1) / 0.9, 0), 1);
        const k = Math.min(Math.floor(share), 1), place = 4 * ((MAP.y - 1 - row) * MAP.x + column);
        for (let c = 0; c < 3; c += 1) {
          image.data[place + c] = stops[k][c] + (share - k) * (stops[k + 1][c] - stops[k][c]);
        }
        image.data[place + 3] = 255;
      }
    }
    context.putImageData(image, 0, 0);
    rhoHost.prepend(canvas);
  }

  const summary = (n, here) => `at n = ${n} strong labels ${shown(here.standard)}, best surrogate ${shown(here.optimal)} (${percent(here.optimal / here.standard)} of it), best mask ${shown(here.masked)} (${percent(here.masked / here.standard)})`;

  const ridgeText = (ridge) => (ridge > 0 ? `δ = ${shown(ridge)}` : "none");
  const tuned = ({ standard, optimal }) => `with the best ridge, ${ridgeText(standard.ridge)}, strong labels ${shown(standard.risk)}; best surrogate with its own, ${ridgeText(optimal.ridge)}, ${shown(optimal.risk)}`;

  function draw() {
    if (!riskHost.clientWidth) return; // on paper
    const now = settings(), n = input("n");
    for (const name of ["n", "m"]) input(name).max = now.p - 1;
    now.m = Math.min(now.m, now.p - 1);
    input("m").value = now.m;
    now.n = Math.min(now.n, now.p - 1);
    n.value = now.n;
    form.querySelectorAll("output").forEach((output) => { output.value = input(output.htmlFor[0].slice(4)).value; });
    const law = kdverify.powerLaw(now.p, now.alpha, now.beta), at = kdverify.solve(law.lam, now.n);
    const here = kdverify.risks(law.signal, at, now.noise);
    const best = Object.fromEntries(["standard", "optimal"]
      .map((kind) => [kind, kdverify.bestRidge(law, at, now.noise, kind)]));
    const pseudo = drawMixture(now, law, here);
    readout.hidden = false;
    readout.textContent = `Risk ${summary(now.n, here)}. τ = ${shown(at.tau)}, Ω = ${shown(at.omega)}; ${here.amplified} of ${now.p} modes are amplified, the mask keeps ${here.kept}. As n grows without noise, ρ = ${shown(kdverify.rho(now.alpha, now.beta))}. With a ridge: ${tuned(best)}. Without one, ${pseudo}.`;
    drawRisk(now, law, at, here);
    drawGain(now, at, here);
    drawRho(now);
    drawRidge(now, law, at, best);
  }

  let waiting = 0;
  const later = () => { cancelAnimationFrame(waiting); waiting = requestAnimationFrame(draw); };
  form.addEventListener("input", later);
  form.addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("themechange", later);
  new ResizeObserver(later).observe(riskHost);
  draw();
})();
