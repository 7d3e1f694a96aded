From KD Require Import Modes.

(** whole: ridgeless, unless all eigenvalues are equal some mode is amplified and some mode shrunk. *)
Theorem both_kinds : forall p lam n tau,
  positive p lam -> 0 < tau -> 0 < n -> fixed_point p lam n 0 tau -> ~ equal p lam ->
  exists i j, (i < p)%nat /\ (j < p)%nat /\
    f.amplification_margin (zetas lam tau i) (1 - omega_at p lam n tau) > 0 /\
    f.amplification_margin (zetas lam tau j) (1 - omega_at p lam n tau) < 0.
Proof.
  intros p lam n tau HL Ht Hn HF HE. set (Om := omega_at p lam n tau). set (w := learnt lam tau).
  assert (W : forall i, (i < p)%nat -> 0 < w i) by (intros i Hi; specialize (HL i Hi); unfold w; modes; pos).
  assert (Y : forall i, (i < p)%nat -> zetas lam tau i = 1 - w i) by (intros i Hi; specialize (HL i Hi); unfold w; modes; field; lra).
  assert (N1 : Sum w p = n) by (unfold w; modes; replace (0 / tau) with 0 in HF by (field; lra); change (Sum (fun i => lam i / (lam i + tau)) p = n); lra).
  assert (S0 : Sum (fun i => w i * (w i - Om)) p = 0).
  { rewrite (Sum_ext _ (fun i => w i * w i - Om * w i)) by (intros; ring). rewrite Sum_minus, Sum_scal, N1.
    unfold Om, omega_at, f.omega, f.learnt_square. fold w. field. lra. }
  assert (EQ : (forall i, (i < p)%nat -> w i = Om) -> equal p lam).
  { intros K i j Hi Hj. pose proof (K i Hi) as Ki. pose proof (K j Hj) as Kj. rewrite <- Ki in Kj. unfold w in Kj. modes.
    pose proof (HL i Hi). pose proof (HL j Hj).
    apply (f_equal (fun x => x * (lam i + tau) * (lam j + tau))) in Kj. field_simplify in Kj; [nra | lra | lra]. }
  assert (A : (exists i, (i < p)%nat /\ Om < w i) /\ exists j, (j < p)%nat /\ w j < Om).
  { split; apply NNPP; intro No; apply HE, EQ.
    - assert (N : forall i, (i < p)%nat -> w i * (w i - Om) <= 0).
      { intros i Hi. specialize (W i Hi). assert (w i <= Om) by (apply Rnot_lt_le; intro; apply No; eauto). nra. }
      intros i Hi. pose proof (Sum_eq_each _ (fun _ => 0) p N) as Q. rewrite Sum_const, Rmult_0_r in Q.
      specialize (Q S0 i Hi). cbv beta in Q. specialize (W i Hi). apply Rmult_integral in Q. lra.
    - assert (N : forall i, (i < p)%nat -> 0 <= w i * (w i - Om)).
      { intros i Hi. specialize (W i Hi). assert (Om <= w i) by (apply Rnot_lt_le; intro; apply No; eauto). nra. }
      intros i Hi. pose proof (Sum_zero_each _ p N S0 i Hi) as Q. cbv beta in Q. specialize (W i Hi). apply Rmult_integral in Q. lra. }
  destruct A as [(i & Hi & A) (j & Hj & B)]. exists i, j. rewrite (Y i Hi), (Y j Hj). formulas. repeat split; try assumption; lra.
Qed.
