From KD Require Import Modes.

(** whole: ridgeless, Omega is the mean of 1 - zeta with the weights 1 - zeta, so that it lies between
    any bounds of them. *)
Theorem omega_mean : forall p lam n tau,
  positive p lam -> 0 < tau -> 0 < n -> fixed_point p lam n 0 tau ->
  omega_at p lam n tau = Sum (fun i => learnt lam tau i * learnt lam tau i) p / Sum (learnt lam tau) p /\
  (forall b, (forall i, (i < p)%nat -> b <= learnt lam tau i) -> b <= omega_at p lam n tau) /\
  (forall b, (forall i, (i < p)%nat -> learnt lam tau i <= b) -> omega_at p lam n tau <= b).
Proof.
  intros p lam n tau HL Ht Hn HF. set (w := learnt lam tau).
  assert (W : forall i, (i < p)%nat -> 0 < w i) by (intros i Hi; specialize (HL i Hi); unfold w; modes; pos).
  assert (E1 : Sum w p = n).
  { unfold w. modes. replace (0 / tau) with 0 in HF by (field; lra). change (Sum (fun i => lam i / (lam i + tau)) p = n). lra. }
  unfold omega_at, f.omega, f.learnt_square. fold w. rewrite E1. split; [reflexivity |].
  split; intros b Hb; [apply le_div_r | apply le_div_l]; try exact Hn; rewrite <- E1, <- Sum_scal; apply Sum_le;
    intros i Hi; specialize (W i Hi); specialize (Hb i Hi); nra.
Qed.
