From KD Require Import Calc.
From KD Require Import Modes.

Lemma of_one_mode : forall zeta Omega, 0 < zeta < 1 -> 0 < Omega < 1 ->
  let ratio := f.improvement zeta (1 - zeta) Omega (1 - Omega) in
  ratio <= 1 /\ (ratio = 1 <-> zeta = 1 - Omega) /\ (Omega < ratio \/ 1 - Omega < ratio).
Proof.
  cbv zeta. formulas. intros zeta Omega HZ HO. pose proof (curvature_pos zeta Omega HZ HO) as D.
  set (d := (1 - Omega) * (1 - zeta) * (1 - zeta) + Omega * zeta * zeta) in *.
  assert (E : d = Omega * (1 - Omega) + (zeta - (1 - Omega)) * (zeta - (1 - Omega))) by (unfold d; ring).
  split; [| split; [split |]].
  - apply le_div_l; [exact D |]. pose proof (Rle_0_sqr (zeta - (1 - Omega))) as S; unfold Rsqr in S. lra.
  - intros Q. apply (f_equal (fun x => x * d)) in Q. unfold Rdiv in Q. rewrite Rmult_assoc, Rinv_l, E in Q by lra.
    assert (S : (zeta - (1 - Omega)) * (zeta - (1 - Omega)) = 0) by lra. apply Rmult_integral in S. lra.
  - intros ->. rewrite E. field. nra.
  - destruct (Rle_lt_dec Omega (1/2)); [left | right]; (apply lt_div_r; [exact D |]); unfold d.
    + apply Rmult_lt_compat_l; [lra |]. assert (0 < zeta * (2 * (1 - Omega) - zeta)) by (apply Rmult_lt_0_compat; lra). lra.
    + replace (Omega * (1 - Omega)) with ((1 - Omega) * Omega) by ring. apply Rmult_lt_compat_l; [lra |].
      assert (0 < (1 - zeta) * (2 * Omega - (1 - zeta))) by (apply Rmult_lt_0_compat; lra). lra.
Qed.

(** upper: no mode gets worse; equality iff zeta = 1 - Omega. *)
Theorem upper : forall zeta Omega, 0 < zeta < 1 -> 0 < Omega < 1 ->
  f.improvement zeta (1 - zeta) Omega (1 - Omega) <= 1 /\
  (f.improvement zeta (1 - zeta) Omega (1 - Omega) = 1 <-> zeta = 1 - Omega).
Proof. intros zeta Omega HZ HO. destruct (of_one_mode zeta Omega HZ HO) as (A & B & _). auto. Qed.

(** lower: without noise the optimal risk lies between min(Omega, 1 - Omega) times the standard risk
    and the standard risk, for any number of modes. *)
Theorem lower : forall p lam zeta beta Omega,
  positive p lam -> inside p zeta -> 0 < Omega < 1 ->
  let optimal := f.optimal_risk p (signal lam beta) zeta (fun i => 1 - zeta i) Omega (1 - Omega) 0 in
  let standard := f.standard_risk p (signal lam beta) zeta Omega (1 - Omega) 0 in
  Rmin Omega (1 - Omega) * standard <= optimal <= standard.
Proof.
  cbv zeta. intros p lam zeta beta Omega HL HZ HO.
  replace (f.optimal_risk p (signal lam beta) zeta (fun i => 1 - zeta i) Omega (1 - Omega) 0)
    with (Sum (fun i => f.mode_standard_risk (signal lam beta i) (zeta i) (1 - Omega) * f.improvement (zeta i) (1 - zeta i) Omega (1 - Omega)) p).
  2: { modes. rewrite Rmult_0_r, Rplus_0_r, <- Sum_scal. termwise. pose proof (curvature_pos (zeta i) Omega (HZ i Hi) HO). field. lra. }
  replace (f.standard_risk p (signal lam beta) zeta Omega (1 - Omega) 0)
    with (Sum (fun i => f.mode_standard_risk (signal lam beta i) (zeta i) (1 - Omega)) p).
  2: { modes. rewrite Rmult_0_l, Rplus_0_l. unfold Rdiv at 2. rewrite Rmult_comm, <- Sum_scal. termwise. field. lra. }
  assert (S : forall i, (i < p)%nat -> 0 <= f.mode_standard_risk (signal lam beta i) (zeta i) (1 - Omega)).
  { modes. intros i Hi. specialize (HL i Hi). specialize (HZ i Hi). apply Rle_mult_inv_pos; [| lra].
    apply Rmult_le_pos; [| lra]. apply Rmult_le_pos; [| lra]. apply signal_nonneg. lra. }
  rewrite <- Sum_scal. split; apply Sum_le; intros i Hi; specialize (S i Hi);
    destruct (of_one_mode (zeta i) Omega (HZ i Hi) HO) as (U & _ & L).
  - rewrite Rmult_comm. apply Rmult_le_compat_l; [exact S |].
    pose proof (Rmin_l Omega (1 - Omega)). pose proof (Rmin_r Omega (1 - Omega)). lra.
  - match goal with |- ?a * ?b <= ?a => rewrite <- (Rmult_1_r a) at 2 end. apply Rmult_le_compat_l; assumption.
Qed.

(** sharp: both bounds are approached, by modes learnt completely and not at all. *)
Theorem sharp : forall Omega, 0 < Omega < 1 ->
  is_lim (fun zeta => f.improvement zeta (1 - zeta) Omega (1 - Omega)) 0 Omega /\
  is_lim (fun zeta => f.improvement zeta (1 - zeta) Omega (1 - Omega)) 1 (1 - Omega).
Proof.
  formulas. intros Omega HO.
  set (g := fun zeta => Omega * (1 - Omega) / ((1 - Omega) * (1 - zeta) * (1 - zeta) + Omega * zeta * zeta)).
  assert (C : forall x, x = 0 \/ x = 1 -> is_lim g x (g x)).
  { intros x [-> | ->]; apply is_lim_continuity, derivable_continuous_pt, ex_derive_Reals_0; unfold g; auto_derive; lra. }
  assert (G0 : g 0 = Omega) by (unfold g; field; lra). assert (G1 : g 1 = 1 - Omega) by (unfold g; field; lra).
  split; [pose proof (C 0 (or_introl eq_refl)) as L; rewrite G0 in L
         | pose proof (C 1 (or_intror eq_refl)) as L; rewrite G1 in L]; exact L.
Qed.

(** control of lower: a bound larger by a hundredth. *)
Theorem not_larger : ~ forall p lam zeta beta Omega,
  positive p lam -> inside p zeta -> 0 < Omega < 1 ->
  101 / 100 * Rmin Omega (1 - Omega) * f.standard_risk p (signal lam beta) zeta Omega (1 - Omega) 0
  <= f.optimal_risk p (signal lam beta) zeta (fun i => 1 - zeta i) Omega (1 - Omega) 0.
Proof.
  modes. intros H. specialize (H 1%nat (fun _ => 1) (fun _ => 1/1000) (fun _ => 1) (1/4)).
  assert (Q := H ltac:(intros; lra) ltac:(intros; lra) ltac:(lra)). cbn [Sum] in Q.
  rewrite Rmin_left in Q by lra. lra.
Qed.
