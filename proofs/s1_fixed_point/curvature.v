From KD Require Import Newton.

(** whole: for any number of modes, each with a weight, the tail's eigenvalues not above the head's, and a ridge or
    none: g is twice differentiable with |g''| at most 1/4, and its slope differs between two points by a quarter of
    their distance at most. *)
Theorem curvature : forall kh kt head tail wh wt delta surplus, (0 < kh)%nat -> positive kh head -> positive kt tail ->
  positive kh wh -> positive kt wt -> (forall i j, (i < kh)%nat -> (j < kt)%nat -> tail j <= head i) -> 0 <= delta -> 0 <= surplus ->
  ((0 < kt)%nat /\ surplus = 0 \/ kt = 0%nat /\ 0 < delta) ->
  let g := w_g kh kt head tail wh wt delta surplus in let minus_slope := w_slope kh kt head tail wh wt delta surplus in
  forall u, is_derive g u (- minus_slope u) /\ (exists d, is_derive minus_slope u d /\ Rabs d <= 1 / 4) /\
    forall v, Rabs (minus_slope u - minus_slope v) <= 1 / 4 * Rabs (u - v).
Proof.
  cbv zeta. intros. split; [apply g_along; assumption | split; [apply slope_along; assumption |]].
  intros v. apply slopes_near. intros. apply slope_along; assumption.
Qed.

(** control of whole: |g''| at most 1/8. *)
Theorem not_an_eighth : ~ forall head tail u d, 0 < tail <= head ->
  is_derive (w_slope 1 1 (fun _ => head) (fun _ => tail) (fun _ => 1) (fun _ => 1) 0 0) u d -> Rabs d <= 1 / 8.
Proof.
  intros H. assert (D : is_derive (fun u => exp u / (1 + exp u) + 99 / (99 + exp u)) 0 (2401 / 10000)).
  { auto_derive; rewrite exp_0; [lra | field]. }
  assert (S : Rabs (2401 / 10000) <= 1 / 8); [| rewrite Rabs_right in S; lra].
  apply (H 99 1 0); [lra |]. refine (is_derive_ext _ _ _ _ _ D). intros t. pose proof (exp_pos t).
  unfold w_slope, w_numerator, w_denominator, tail_spread, head_spread. modes. simpl. field. lra.
Qed.
