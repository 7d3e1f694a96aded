From KD Require Import Rows.

(* u solves (I + n E[x x'/b]) u = v, so that dot d v u is the form v'Mv of (9); v is any row. *)

(** whole: f(b) > 0, f grows with b, and f(c b) < c f(b) for c > 1, for every row that is not zero, with and without a
    ridge, in any pool. *)
Theorem interference : forall (d N : nat) (x : nat -> nat -> R) (q : nat -> R) (n delta : R) (v : nat -> R), (forall j, (j < N)%nat -> 0 <= q j) -> 0 < n -> 0 <= delta -> (exists k, (k < d)%nat /\ v k <> 0) ->
  (forall b u, (forall j, (j < N)%nat -> 0 < b j) -> is_M d N x q n b v u -> 0 < f.row_scale delta (dot d v u)) /\
  (forall b b' u u', (forall j, (j < N)%nat -> 0 < b j <= b' j) -> is_M d N x q n b v u -> is_M d N x q n b' v u' ->
    f.row_scale delta (dot d v u) <= f.row_scale delta (dot d v u')) /\
  (forall b c u uc, (forall j, (j < N)%nat -> 0 < b j) -> 1 < c -> is_M d N x q n b v u -> is_M d N x q n (fun j => c * b j) v uc ->
    f.row_scale delta (dot d v uc) < c * f.row_scale delta (dot d v u)).
Proof.
  intros d N x q n delta v Hq Hn Hd V. split; [| split]; intros.
  - eapply scale_positive; eauto.
  - eapply scale_monotone; eauto.
  - eapply scale_scalable; eauto.
Qed.
