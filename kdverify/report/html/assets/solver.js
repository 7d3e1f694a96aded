/* The fixed point and the risks of a power law, in double precision.  Every closed form is a
   member of `formulas`, which is generated from the package's own functions; this file holds
   the iteration only (the derivation: claims 1.slope and 1.certificate). */
const ops = {
  pi: Math.PI,
  power: Math.pow,
  sinc: (x) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)),
};

/* Neumaier's compensated sum of term(0), ..., term(count - 1). */
function total(count, term) {
  let sum = 0, lost = 0;
  for (let i = 0; i < count; i += 1) {
    const value = term(i), next = sum + value;
    lost += Math.abs(sum) >= Math.abs(value) ? (sum - next) + value : (value - next) + sum;
    sum = next;
  }
  return sum + lost;
}

const ACCEPTED = 4e-15, MAX_EVALUATIONS = 60, RIDGES = 40;

function powerLaw(p, alpha, beta) {
  const lam = new Float64Array(p), signal = new Float64Array(p);
  for (let i = 0; i < p; i += 1) {
    lam[i] = Math.pow(i + 1, -alpha);
    signal[i] = Math.pow(i + 1, -beta);
  }
  return { lam, signal };
}

/* Sums at tau over the n largest eigenvalues, of which they fall, and over the rest; 0 < n < p. */
function pieces(lam, n, tau) {
  const f = formulas, p = lam.length, whole = Math.floor(n), part = n - whole;
  const first = whole + (part > 0 ? 1 : 0);
  const unlearnt = (i) => f.zeta(lam[i], tau), learnt = (i) => f.one_minus_zeta(lam[i], tau);
  const spread = (i) => f.spread(unlearnt(i), learnt(i));
  const split = part > 0 ? [unlearnt(whole), learnt(whole), spread(whole)] : [0, 0, 0];
  return {
    headZeta: total(whole, unlearnt) + part * split[0],
    headSpread: total(whole, spread) + part * split[2],
    tailLearnt: total(p - first, (i) => learnt(first + i)) + (1 - part) * split[1],
    tailSpread: total(p - first, (i) => spread(first + i)) + (1 - part) * split[2],
  };
}

/* g and its slope at tau, without ridge. */
function evaluate(lam, n, tau) {
  const f = formulas, at = pieces(lam, n, tau);
  const numerator = f.split_numerator(at.tailLearnt, 0);
  const denominator = f.split_denominator(at.headZeta, 0);
  return {
    g: Math.log(numerator / denominator),
    minusSlope: f.split_minus_slope(at.tailSpread, at.headSpread, numerator, denominator, 0),
  };
}

/* The root of (1): Newton's method in log tau, which needs no bracket. */
function solve(lam, n) {
  const f = formulas, whole = Math.floor(n);
  let tau = Math.sqrt(lam[Math.max(whole - 1, 0)]) * Math.sqrt(lam[whole]), last = Infinity;
  for (let k = 0; k < MAX_EVALUATIONS; k += 1) {
    const at = evaluate(lam, n, tau);
    tau *= Math.exp(at.g / at.minusSlope);
    if (Math.abs(at.g) <= ACCEPTED || (Math.abs(at.g) < 1e-12 && Math.abs(at.g) >= last)) break;
    last = Math.abs(at.g);
  }
  return described(lam, n, tau, 0);
}

/* What the risks need at the root tau, with slack = ridge/tau. */
function described(lam, n, tau, slack) {
  const f = formulas, zeta = lam.map((value) => f.zeta(value, tau));
  const oneMinusZeta = lam.map((value) => f.one_minus_zeta(value, tau));
  const learnt = total(lam.length, (i) => f.learnt_square(oneMinusZeta[i]));
  const spread = total(lam.length, (i) => f.spread(zeta[i], oneMinusZeta[i]));
  return {
    n, tau, zeta, oneMinusZeta,
    ridge: f.ridge_of_root(tau, slack),
    omega: f.omega(learnt, n),
    oneMinusOmega: f.one_minus_omega(spread, n, slack),
  };
}

/* (1) read backwards: the ridge whose root is tau, at or above the ridgeless one. */
function withRoot(lam, n, tau) {
  const at = pieces(lam, n, tau);
  return described(lam, n, tau, Math.max(at.headZeta - at.tailLearnt, 0));
}

/* The least risk ("standard", "optimal") over all ridges >= 0: on a grid of log tau, then by
   golden sections; at the least risk an error of 1e-7 changes it by rounding only. */
function bestRidge(law, start, noise, kind) {
  const f = formulas, { lam, signal } = law, n = start.n, golden = (Math.sqrt(5) - 1) / 2;
  const risk = (at) => (kind === "standard"
    ? f.standard_risk(signal, at.zeta, at.omega, at.oneMinusOmega, noise)
    : f.optimal_risk(signal, at.zeta, at.oneMinusZeta, at.omega, at.oneMinusOmega, noise));
  const value = (u) => risk(withRoot(lam, n, Math.exp(u))), none = risk(start);
  const from = Math.log(start.tau), step = (Math.log(1e4 * lam[0]) - from) / RIDGES;
  let k = 0, least = none;
  for (let i = 1; i <= RIDGES; i += 1) {
    const here = value(from + i * step);
    if (here < least) [k, least] = [i, here];
  }
  let low = from + Math.max(k - 1, 0) * step, high = from + (k + 1) * step;
  let a = high - golden * (high - low), b = low + golden * (high - low);
  let atA = value(a), atB = value(b);
  while (high - low > 1e-7) {
    if (atA <= atB) {
      [high, b, atB] = [b, a, atA];
      atA = value(a = high - golden * (high - low));
    } else {
      [low, a, atA] = [a, b, atB];
      atB = value(b = low + golden * (high - low));
    }
  }
  const inside = withRoot(lam, n, Math.exp((low + high) / 2)), found = risk(inside);
  return found < none ? { ridge: inside.ridge, risk: found } : { ridge: 0, risk: none };
}

/* Excess risks of the students of strong labels, of the best surrogate and of the best mask. */
function risks(signal, at, noise) {
  const f = formulas, { zeta, oneMinusZeta, omega, oneMinusOmega } = at;
  const kept = [...zeta.keys()].filter((i) => f.keep_margin(zeta[i], oneMinusOmega) > 0);
  const isKept = new Set(kept);
  const dropped = [...zeta.keys()].filter((i) => !isKept.has(i));
  const pick = (values, indices) => indices.map((i) => values[i]);
  return {
    standard: f.standard_risk(signal, zeta, omega, oneMinusOmega, noise),
    optimal: f.optimal_risk(signal, zeta, oneMinusZeta, omega, oneMinusOmega, noise),
    masked: f.masked_risk(
      pick(signal, kept), pick(zeta, kept), pick(signal, dropped), omega, oneMinusOmega, noise),
    kept: kept.length,
    amplified: zeta.filter((z) => f.amplification_margin(z, oneMinusOmega) > 0).length,
  };
}

/* The law (7) of a ridgeless model of m strong labels: means and standard deviations. */
function trained({ lam, signal }, m, noise) {
  const f = formulas, at = solve(lam, m), truth = lam.map((value, i) => Math.sqrt(signal[i] / value));
  const leftover = total(lam.length, (i) => f.unlearnt_energy(lam[i], truth[i], at.zeta[i]));
  const scale = f.trained_scale(leftover, at.oneMinusOmega, noise);
  return {
    truth,
    mean: truth.map((value, i) => at.oneMinusZeta[i] * value),
    spread: lam.map((value, i) =>
      Math.sqrt(f.trained_variance(scale, m, at.oneMinusZeta[i], value + at.tau))),
  };
}

/* (14): excess risk of the student of real rows and of rows that a trained model labels. */
function mixture({ lam }, { truth, mean, spread }, real, pseudo, noise) {
  const f = formulas, n = real + pseudo, share = pseudo / n, at = solve(lam, n);
  const none = lam.map(() => 0), rest = [at.zeta, at.oneMinusZeta, at.omega, at.oneMinusOmega];
  const centre = truth.map((value, i) => value + share * (mean[i] - value));
  const mixed = f.two_kinds_noise(1 - share, noise, 0, f.disagreement(lam, mean, truth));
  const random = f.two_kinds_noise(1 - share, 0, 0, f.disagreement(lam, spread, none));
  return f.risk(lam, centre, truth, ...rest, mixed)
    + f.risk(lam, spread.map((value) => share * value), none, ...rest, random);
}

function gains(at) {
  return at.zeta.map((z, i) =>
    formulas.gain(z, at.oneMinusZeta[i], at.omega, at.oneMinusOmega));
}

/* Limit of R_opt / R_std; from beta = 2 alpha + 1 on it is the limit of Omega. */
function rho(alpha, beta) {
  return formulas.scaling_kappa(alpha, beta) < 1
    ? formulas.scaling_ratio(alpha, beta, ops) : formulas.scaling_omega(alpha);
}

window.kdverify = { formulas, ops, total, powerLaw, solve, withRoot, bestRidge, risks, trained, mixture, gains, rho };
