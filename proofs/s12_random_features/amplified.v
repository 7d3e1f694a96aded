From KD Require Import Features.

Lemma gain_above_one : forall z U eta, 0 < z < 1 -> 0 < U < 1 -> 0 <= eta ->
  (1 < f.feature_gain z (1 - z) U (1 - U) eta <-> 0 < f.feature_amplification_margin z (1 - z) U (1 - U) eta).
Proof.
  intros z U eta HZ HU He. pose proof (feature_curvature_pos z U eta HZ HU He) as C.
  unfold f.feature_curvature in C. unfold f.feature_gain, f.feature_amplification_margin.
  set (k := (1 - U) * (1 - z) * (1 - z) + z * (U * z + eta * (1 - z))) in *.
  assert (E : (1 - U) * (1 - z) - k = z * ((1 - U) * (1 - z) - (U * z + eta * (1 - z)))) by (unfold k; ring).
  split; intros H.
  - apply (Rmult_lt_compat_r k) in H; [| exact C]. unfold Rdiv in H. rewrite Rmult_assoc, Rinv_l, Rmult_1_r in H by lra.
    apply Rmult_lt_reg_l with z; [lra |]. lra.
  - apply lt_div_r; [exact C |]. assert (0 < z * ((1 - U) * (1 - z) - (U * z + eta * (1 - z)))) by (apply Rmult_lt_0_compat; lra). lra.
Qed.

(** rule: for beta* > 0 a mode of the best surrogate is amplified iff the stated margin is positive. *)
Theorem rule : forall (zeta beta : nat -> R) Upsilon eta i, 0 < zeta i < 1 -> 0 < Upsilon < 1 -> 0 <= eta -> 0 < beta i ->
  (beta i < feature_best beta zeta Upsilon eta i <-> Upsilon * zeta i + eta * (1 - zeta i) < (1 - Upsilon) * (1 - zeta i)).
Proof.
  intros zeta beta U eta i HZ HU He HB. pose proof (gain_above_one (zeta i) U eta HZ HU He) as G.
  unfold f.feature_amplification_margin in G. unfold feature_best. set (g := f.feature_gain _ _ _ _ _) in *. clearbody g.
  split; intros H; [assert (1 < g) by (apply Rmult_lt_reg_r with (beta i); lra); lra |].
  assert (1 < g) by (apply G; lra). rewrite <- (Rmult_1_l (beta i)) at 1. apply Rmult_lt_compat_r; assumption.
Qed.

(* no ridge: df is the smaller of n and q *)
Definition margin_at p lam n q nu i :=
  f.feature_amplification_margin (zetas lam nu i) (learnt lam nu i) (upsilon_at p lam n q nu) (one_minus_upsilon_at p lam n q nu)
    (eta_at p lam q nu).

(** few features: without ridge and with q <= n every margin is negative; any number of modes. *)
Theorem few_features : forall p lam n q nu i, positive p lam -> (i < p)%nat -> 0 < nu -> 0 < q <= n -> freedom p lam nu = q ->
  margin_at p lam n q nu i < 0.
Proof.
  intros p lam n q nu i HL Hi Hu Hq HF. assert (Hp : (0 < p)%nat) by lia. pose proof (freedom_is p lam nu HL Hu) as F.
  pose proof (spreads_pos p lam nu Hp HL Hu) as PS. pose proof (squares_pos p lam nu Hp HL Hu) as PT.
  pose proof (zeta_inside lam nu i (HL i Hi) Hu) as Z. unfold margin_at. rewrite learnt_is by auto.
  unfold upsilon_at, one_minus_upsilon_at, eta_at. rewrite HF in *. set (S := spreads p lam nu) in *. set (T := squares p lam nu) in *.
  set (z := zetas lam nu i) in *. clearbody S T z. formulas. replace (q - q + S) with S by ring. replace (q - q) with 0 by ring.
  replace (S / S) with 1 by (field; lra). replace (0 / S) with 0 by (field; lra).
  replace (n - q + 0 * S) with (n - q) by ring. replace (T + 1 * S) with q by lra.
  replace ((n - q) / n) with (1 - q / n) by (field; lra). assert (0 < q / n) by (apply Rdiv_lt_0_compat; lra). nra.
Qed.

(** few samples: the same for n < q <= 2 n. *)
Theorem few_samples : forall p lam n q nu i, positive p lam -> (i < p)%nat -> 0 < nu -> 0 < n < q -> q <= 2 * n -> freedom p lam nu = n ->
  margin_at p lam n q nu i < 0.
Proof.
  intros p lam n q nu i HL Hi Hu Hn Hq HF. assert (Hp : (0 < p)%nat) by lia. pose proof (freedom_is p lam nu HL Hu) as F.
  pose proof (spreads_pos p lam nu Hp HL Hu) as PS. pose proof (squares_pos p lam nu Hp HL Hu) as PT.
  pose proof (zeta_inside lam nu i (HL i Hi) Hu) as Z. unfold margin_at. rewrite learnt_is by auto.
  unfold upsilon_at, one_minus_upsilon_at, eta_at. rewrite HF in *. set (S := spreads p lam nu) in *. set (T := squares p lam nu) in *.
  set (z := zetas lam nu i) in *. clearbody S T z. formulas.
  assert (E : 0 < S / (q - n + S)) by (apply Rdiv_lt_0_compat; lra).
  replace ((n - n + (q - n) / (q - n + S) * S) / n) with (S / (q - n + S) * ((q - n) / n)) by (field; lra).
  set (eta := S / (q - n + S)) in *. assert (0 < (T + eta * S) / n).
  { apply Rdiv_lt_0_compat; [| lra]. assert (0 < eta * S) by (apply Rmult_lt_0_compat; assumption). lra. }
  set (U := (T + eta * S) / n) in *. assert ((q - n) / n <= 1) by (apply le_div_l; lra).
  assert (eta * ((q - n) / n) <= eta * 1) by (apply Rmult_le_compat_l; lra).
  assert (eta * ((q - n) / n) * (1 - z) <= eta * (1 - z)) by (apply Rmult_le_compat_r; lra).
  assert (0 < U * z) by (apply Rmult_lt_0_compat; lra). lra.
Qed.

(** Sigma = I: for equal eigenvalues, without ridge, all gains are equal and below 1 for every q > n, and 1 where eta is
    0, for infinitely many features.  For q <= n see few features. *)
Theorem isotropic : forall p lam n q nu i, positive p lam -> equal p lam -> (i < p)%nat -> 0 < nu -> 0 < n < q -> freedom p lam nu = n ->
  let gain j := f.feature_gain (zetas lam nu j) (learnt lam nu j) (upsilon_at p lam n q nu) (one_minus_upsilon_at p lam n q nu)
    (eta_at p lam q nu) in
  let endless := f.upsilon (squares p lam nu) (spreads p lam nu) 0 n in
  (forall j, (j < p)%nat -> gain j = gain i) /\ gain i < 1 /\
  f.feature_gain (zetas lam nu i) (learnt lam nu i) endless (1 - endless) 0 = 1.
Proof.
  cbv zeta. intros p lam n q nu i HL HE Hi Hu Hn HF. assert (Hp : (0 < p)%nat) by lia.
  pose proof (spreads_pos p lam nu Hp HL Hu) as PS. pose proof (squares_pos p lam nu Hp HL Hu) as PT.
  pose proof (freedom_is p lam nu HL Hu) as F. pose proof (zeta_inside lam nu i (HL i Hi) Hu) as Z.
  assert (EZ : forall j, (j < p)%nat -> zetas lam nu j = zetas lam nu i) by (intros j Hj; unfold zetas; rewrite (HE j i Hj Hi); reflexivity).
  assert (ET : squares p lam nu = n * (1 - zetas lam nu i)).
  { rewrite <- HF. unfold squares, freedom, f.degrees_of_freedom, f.learnt_square. rewrite Rmult_comm, <- Sum_scal. termwise.
    rewrite !learnt_is, (EZ i0) by auto. ring. }
  assert (ES : spreads p lam nu = n * zetas lam nu i) by lra.
  split; [| split].
  - intros j Hj. rewrite !learnt_is, (EZ j Hj) by auto. reflexivity.
  - rewrite learnt_is by auto. unfold upsilon_at, one_minus_upsilon_at, eta_at. rewrite ET, ES, HF in *.
    set (z := zetas lam nu i) in *. clearbody z. unfold f.crowding, f.one_minus_crowding, f.upsilon, f.one_minus_upsilon.
    assert (P : 0 < n * z) by (apply Rmult_lt_0_compat; lra).
    set (eta := n * z / (q - n + n * z)). assert (E : 0 < eta < 1) by (unfold eta; split; [pos | apply lt_div_l; lra]).
    replace ((n - n + (q - n) / (q - n + n * z) * (n * z)) / n) with (1 - (1 - z + eta * z)) by (unfold eta; field; lra).
    replace ((n * (1 - z) + eta * (n * z)) / n) with (1 - z + eta * z) by (field; lra). clearbody eta.
    assert (U : 0 < 1 - z + eta * z < 1) by nra. set (U0 := 1 - z + eta * z) in *.
    destruct (Rle_lt_dec 1 (f.feature_gain z (1 - z) U0 (1 - U0) eta)) as [[H | H] | H]; [exfalso | exfalso | exact H].
    + apply (gain_above_one z U0 eta Z U) in H; [| lra]. unfold f.feature_amplification_margin, U0 in H. nra.
    + unfold f.feature_gain in H. pose proof (feature_curvature_pos z U0 eta Z U (Rlt_le _ _ (proj1 E))) as C. unfold f.feature_curvature in C.
      set (k := (1 - U0) * (1 - z) * (1 - z) + z * (U0 * z + eta * (1 - z))) in *.
      apply (f_equal (fun x => x * k)) in H. unfold Rdiv in H. rewrite Rmult_assoc, Rinv_l, Rmult_1_r, Rmult_1_l in H by lra.
      assert (k - (1 - U0) * (1 - z) = z * eta) by (unfold k, U0; ring). assert (0 < z * eta) by (apply Rmult_lt_0_compat; lra). lra.
  - rewrite learnt_is by auto. unfold f.upsilon. rewrite ET. set (z := zetas lam nu i) in *. clearbody z.
    replace ((n * (1 - z) + 0 * spreads p lam nu) / n) with (1 - z) by (field; lra). unfold f.feature_gain.
    assert (0 < z * (1 - z)) by (apply Rmult_lt_0_compat; lra). field. apply Rgt_not_eq. nra.
Qed.

(** control of few samples: q up to 3 n. *)
Theorem not_thrice : ~ forall z Upsilon eta n q, 0 < z < 1 -> 0 < Upsilon < 1 -> 0 <= eta <= 1 -> 0 < n < q -> q <= 3 * n ->
  n * (1 - Upsilon) = eta * (q - n) -> f.feature_amplification_margin z (1 - z) Upsilon (1 - Upsilon) eta < 0.
Proof. formulas. intros H. specialize (H (1/10) (1/2) (1/4) 1 3). lra. Qed.
