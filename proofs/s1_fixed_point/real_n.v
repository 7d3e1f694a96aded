From KD Require Import Newton.

(** whole: for n = k + w the mode k + 1 counts with w in the head and with 1 - w in the tail; g has the root of (1) as its only
    one, and a slope in (-2, -1].  For w = 0 this is 1.slope. *)
Theorem real_n : forall k m lam w delta, positive (k + S m) lam ->
  (forall i j, (i <= j < k + S m)%nat -> lam j <= lam i) -> 0 < w < 1 -> 0 <= delta ->
  let in_head i := if Nat.eqb i k then w else 1 in let in_tail j := if Nat.eqb j 0 then 1 - w else 1 in
  let tail j := lam (k + j)%nat in
  let g := w_g (S k) (S m) lam tail in_head in_tail delta 0 in
  let minus_slope := w_slope (S k) (S m) lam tail in_head in_tail delta 0 in
  (forall t, 0 < t -> g (ln t) = 0 <-> fixed_point (k + S m) lam (INR k + w) delta t) /\
  forall u, is_derive g u (- minus_slope u) /\ 1 <= minus_slope u < 2.
Proof.
  cbv zeta. intros k m lam w delta HL HS Hw Hd.
  set (in_head := fun i => if Nat.eqb i k then w else 1). set (in_tail := fun j => if Nat.eqb j 0 then 1 - w else 1).
  set (tail := fun j => lam (k + j)%nat).
  assert (HH : positive (S k) lam) by (intros i Hi; apply HL; lia).
  assert (HT : positive (S m) tail) by (intros i Hi; apply HL; lia).
  assert (W1 : positive (S k) in_head) by (intros i Hi; unfold in_head; destruct (Nat.eqb i k); lra).
  assert (W2 : positive (S m) in_tail) by (intros i Hi; unfold in_tail; destruct (Nat.eqb i 0); lra).
  assert (HO : forall i j, (i < S k)%nat -> (j < S m)%nat -> tail j <= lam i) by (intros i j Hi Hj; apply HS; lia).
  assert (Hc : (0 < S m)%nat /\ 0 = 0 \/ S m = 0%nat /\ 0 < delta) by (left; split; [lia | reflexivity]).
  split.
  - intros t Ht. rewrite root_where_equal; try assumption; try lia; try lra.
    unfold w_numerator, w_denominator, fixed_point, f.split_numerator, f.split_denominator, f.fixed_point_residual. rewrite exp_ln by exact Ht.
    change (S m) with (1 + m)%nat. rewrite (Sum_split (fun i => learnt lam t i) k (1 + m)), !(Sum_split _ 1 m). cbn [Sum].
    rewrite (Sum_ext (fun i => in_head i * zetas lam t i) (fun i => 1 - learnt lam t i)).
    + rewrite Sum_minus, Sum_const.
      rewrite (Sum_ext (fun i => in_tail (1 + i)%nat * learnt tail t (1 + i)%nat) (fun i => learnt lam t (k + (1 + i))%nat)) by
        (intros i Hi; unfold in_tail, learnt, tail; simpl; ring).
      unfold in_head, in_tail. cbv beta. rewrite (Nat.eqb_refl k). cbn [Nat.eqb]. destruct (zeta_inside lam t k (HL k ltac:(lia)) Ht) as [_ E].
      replace (learnt tail t 0) with (learnt lam t k) by (unfold learnt, tail; rewrite Nat.add_0_r; reflexivity).
      rewrite Nat.add_0_r, E. change (fun i => learnt lam t i) with (learnt lam t). split; intros; lra.
    + intros i Hi. destruct (zeta_inside lam t i (HL i ltac:(lia)) Ht) as [_ ->]. unfold in_head.
      destruct (Nat.eqb_spec i k); [lia | ring].
  - intros u. split; [apply g_along | apply slope_inside]; try assumption; try lia; lra.
Qed.

(** control of whole: the whole split mode in the tail, none of it in the head. *)
Theorem not_whole : ~ forall lam tau w, 0 < lam -> 0 < tau -> 0 < w < 1 ->
  (f.split_numerator (f.one_minus_zeta lam tau) 0 = f.split_denominator (w * f.zeta lam tau) 0 <-> f.one_minus_zeta lam tau = w).
Proof.
  intros H. destruct (H 1 1 (1 / 2) ltac:(lra) ltac:(lra) ltac:(lra)) as [_ H']. formulas. specialize (H' ltac:(lra)). lra.
Qed.
