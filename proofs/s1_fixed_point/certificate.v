From KD Require Import Newton.

(** whole: kh + kt modes, the head's eigenvalues not below the tail's, n = kh below p or n = p + surplus with a ridge: g
    vanishes at the root of (1) alone, and one evaluation of g and its slope at t encloses the root tau, with the slack that
    the solver allows; a step of Newton's method takes the distance below itself and to an eighth of its square. *)
Theorem certificate : forall kh kt lam delta surplus, (0 < kh)%nat -> positive (kh + kt) lam ->
  (forall i j, (i < kh)%nat -> (j < kt)%nat -> lam (kh + j)%nat <= lam i) -> 0 <= delta -> 0 <= surplus ->
  ((0 < kt)%nat /\ surplus = 0 \/ kt = 0%nat /\ 0 < delta) ->
  let tail j := lam (kh + j)%nat in let one (_ : nat) := 1 in let n := INR kh + surplus in
  let g := w_g kh kt lam tail one one delta surplus in let minus_slope := w_slope kh kt lam tail one one delta surplus in
  (forall t, 0 < t -> g (ln t) = 0 <-> fixed_point (kh + kt) lam n delta t) /\
  forall t tau, 0 < t -> 0 < tau -> fixed_point (kh + kt) lam n delta tau ->
    let at_t := g (ln t) in let slope := minus_slope (ln t) in let distance := ln (tau / t) in
    Rabs at_t / 2 <= Rabs distance <= Rabs at_t /\
    (exists mean, slope - f.slope_slack (Rabs at_t) <= mean <= slope + f.slope_slack (Rabs at_t) /\ 1 <= mean /\ distance = at_t / mean) /\
    (t <> tau -> Rabs (distance - at_t / slope) < Rabs distance) /\
    Rabs (distance - at_t / slope) <= distance * distance / 8.
Proof.
  cbv zeta. intros kh kt lam delta surplus Hk HL HS Hd Hs Hc.
  set (tail := fun j => lam (kh + j)%nat). set (one := fun _ : nat => 1).
  assert (HH : positive kh lam) by (intros i Hi; apply HL; lia).
  assert (HT : positive kt tail) by (intros i Hi; apply HL; lia).
  assert (W1 : positive kh one) by (intros i Hi; unfold one; lra).
  assert (W2 : positive kt one) by (intros i Hi; unfold one; lra).
  assert (Z : forall t, 0 < t -> w_g kh kt lam tail one one delta surplus (ln t) = 0 <-> fixed_point (kh + kt) lam (INR kh + surplus) delta t).
  { intros t Ht. rewrite root_where_equal by assumption. unfold w_numerator, w_denominator, fixed_point, f.split_numerator, f.split_denominator,
      f.fixed_point_residual. rewrite exp_ln by exact Ht. rewrite Sum_split.
    rewrite (Sum_ext (fun i => one i * zetas lam t i) (fun i => 1 - learnt lam t i)).
    - rewrite Sum_minus, Sum_const. rewrite (Sum_ext (fun i => one i * learnt tail t i) (fun i => learnt lam t (kh + i)%nat)).
      + set (s1 := Sum _ _). set (s2 := Sum _ _). split; intros; lra.
      + intros i Hi. unfold one, learnt, tail. ring.
    - intros i Hi. destruct (zeta_inside lam t i (HH i Hi) Ht) as [_ ->]. unfold one. ring. }
  split; [exact Z |]. intros t tau Ht Htau E. apply Z in E; [| exact Htau].
  set (g := w_g kh kt lam tail one one delta surplus) in *. set (s := w_slope kh kt lam tail one one delta surplus) in *.
  assert (D1 : forall u, is_derive g u (- s u)) by (intros u; apply g_along; assumption).
  assert (D2 : forall u, 1 <= s u < 2) by (intros u; apply slope_inside; assumption).
  assert (D3 : forall u, exists d, is_derive s u d /\ Rabs d <= 1 / 4) by (intros u; apply slope_along; assumption).
  destruct (from_one_evaluation g s D1 D2 D3 (ln t) (ln tau) E) as (B & M & N & Q).
  rewrite ln_div by assumption. replace (ln tau - (ln t + g (ln t) / s (ln t))) with (ln tau - ln t - g (ln t) / s (ln t)) in * by ring.
  split; [exact B | split; [exact M | split; [| exact Q]]]. intros D. apply N. intros L. apply D. apply ln_inv; assumption.
Qed.

(** control of whole: the distance is at least 2|g|/3. *)
Theorem not_two_thirds : ~ forall g slope distance, 1 <= slope < 2 -> g = slope * distance -> 2 * Rabs g / 3 <= Rabs distance.
Proof. intros H. specialize (H (19 / 10) (19 / 10) 1 ltac:(lra) ltac:(lra)). rewrite !Rabs_right in H by lra. lra. Qed.
