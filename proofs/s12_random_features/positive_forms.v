From KD Require Import Features.

(** Upsilon and chi: for any number of modes Upsilon and chi of the literature are eta's, without a subtraction, and the
    complements add up to 1.  nu_1 is that of (16). *)
Theorem upsilon_and_chi : forall p lam n q nu, (0 < p)%nat -> positive p lam -> 0 < nu -> 0 < n -> 0 < q ->
  freedom p lam nu <= q ->
  let T2 := squares p lam nu in let S := spreads p lam nu in
  let nu_1 := f.first_regularisation nu (q - freedom p lam nu) q in
  let chi := Sum (fun i => lam i / (lam i + nu) ^ 2) p / (q - T2) in
  eta_at p lam q nu = S / (q - T2) /\
  upsilon_at p lam n q nu = q / n * ((1 - nu_1 / nu) ^ 2 + (nu_1 / nu) ^ 2 * T2 / (q - T2)) /\
  upsilon_at p lam n q nu + one_minus_upsilon_at p lam n q nu = 1 /\
  forall i, (i < p)%nat ->
    zetas lam nu i * (1 + chi * lam i) = f.feature_missed (zetas lam nu i) (learnt lam nu i) (eta_at p lam q nu).
Proof.
  cbv zeta. intros p lam n q nu Hp HL Hu Hn Hq Hf. pose proof (freedom_is p lam nu HL Hu) as F.
  pose proof (spreads_pos p lam nu Hp HL Hu) as PS. pose proof (squares_pos p lam nu Hp HL Hu) as PT.
  assert (C : Sum (fun i => lam i / (lam i + nu) ^ 2) p = spreads p lam nu / nu).
  { unfold spreads, Rdiv. rewrite Rmult_comm, <- Sum_scal. termwise. specialize (HL i Hi). modes. field. lra. }
  rewrite C. unfold upsilon_at, one_minus_upsilon_at, eta_at. rewrite F in *. set (S := spreads p lam nu) in *. set (T := squares p lam nu) in *.
  clearbody S T. formulas. split; [| split; [| split]].
  - f_equal. ring.
  - field. lra.
  - field. lra.
  - intros i Hi. specialize (HL i Hi). modes. field. lra.
Qed.

(** risk: the library's (17) is the literature's, with chi = eta/nu; for any number of modes. *)
Theorem risk : forall p lam beta surr nu Upsilon eta noise, positive p lam -> 0 < nu -> 0 < Upsilon < 1 ->
  let zeta := zetas lam nu in let chi := eta / nu in
  feature_risk_of p lam beta zeta Upsilon eta noise surr
  = Sum (fun i => lam i * ((1 - zeta i) * surr i - beta i) ^ 2 - lam i * zeta i ^ 2 * surr i ^ 2
      + lam i * zeta i ^ 2 * surr i ^ 2 * (1 + chi * lam i) / (1 - Upsilon)) p + noise * Upsilon / (1 - Upsilon).
Proof.
  cbv zeta. intros p lam beta surr nu U eta noise HL Hn HU. unfold feature_risk_of, f.feature_risk.
  match goal with |- ?a + (?b + ?c) / ?d = ?k + ?e => replace (a + (b + c) / d) with (a + / d * b + e) by (field; lra) end.
  f_equal. rewrite <- Sum_scal, <- Sum_plus. termwise. specialize (HL i Hi). unfold zetas, f.zeta. field. lra.
Qed.

(** ranges: eta is in (0, 1] and Upsilon in (0, 1), with a ridge or for n and q that differ. *)
Theorem ranges : forall p lam n q nu, (0 < p)%nat -> positive p lam -> 0 < nu -> 0 < n ->
  freedom p lam nu <= n -> freedom p lam nu <= q -> freedom p lam nu < n \/ freedom p lam nu < q ->
  0 < eta_at p lam q nu <= 1 /\ 0 < upsilon_at p lam n q nu < 1.
Proof.
  intros p lam n q nu Hp HL Hu Hn H1 H2 H3. pose proof (freedom_is p lam nu HL Hu) as F.
  pose proof (spreads_pos p lam nu Hp HL Hu) as PS. pose proof (squares_pos p lam nu Hp HL Hu) as PT.
  unfold upsilon_at, eta_at. rewrite F in *. set (S := spreads p lam nu) in *. set (T := squares p lam nu) in *. clearbody S T. formulas.
  set (g := q - (T + S)) in *. assert (0 <= g) by (unfold g; lra). assert (E : 0 < S / (g + S) <= 1) by (split; [apply Rdiv_lt_0_compat | apply le_div_l]; lra).
  split; [exact E |]. assert (0 < S / (g + S) * S) by (apply Rmult_lt_0_compat; lra). split; [apply Rdiv_lt_0_compat; lra |].
  apply lt_div_l; [exact Hn |]. destruct H3 as [H3 | H3].
  - assert (S / (g + S) * S <= 1 * S) by (apply Rmult_le_compat_r; lra). lra.
  - assert (S / (g + S) < 1) by (apply lt_div_l; unfold g; lra).
    assert (S / (g + S) * S < 1 * S) by (apply Rmult_lt_compat_r; lra). lra.
Qed.

(** control of ranges: eta is at most one half. *)
Theorem not_half : ~ forall S g, 0 < S -> 0 <= g -> f.crowding S g <= 1 / 2.
Proof. formulas. intros H. specialize (H 1 0). lra. Qed.
