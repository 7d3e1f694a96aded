From KD Require Import Modes.

(** whole: n/p is at most Omega, with equality iff all eigenvalues are equal, and Omega is below 1. *)
Theorem omega_bounds : forall p lam n tau,
  positive p lam -> 0 < tau -> 0 < n -> fixed_point p lam n 0 tau ->
  n / INR p <= omega_at p lam n tau < 1 /\ (n / INR p = omega_at p lam n tau <-> equal p lam).
Proof.
  modes. intros p lam n tau HL Ht Hn HF. replace (0 / tau) with 0 in HF by (field; lra).
  set (w := fun i => lam i / (lam i + tau)) in *.
  assert (W : forall i, (i < p)%nat -> 0 < w i < 1).
  { intros i Hi. specialize (HL i Hi). unfold w. split; [pos | apply lt_div_l; lra]. }
  change (Sum (fun i => lam i / (lam i + tau)) p) with (Sum w p) in HF. assert (E1 : Sum w p = n) by lra.
  assert (Hp : (0 < p)%nat) by (destruct p; [simpl in E1; lra | lia]).
  assert (Rp : 0 < INR p) by (apply lt_0_INR; exact Hp).
  change (Sum (fun i => lam i / (lam i + tau) * (lam i / (lam i + tau))) p) with (Sum (fun i => w i * w i) p).
  pose proof (Sum_CS w p) as C. rewrite E1 in C.
  assert (L : Sum (fun i => w i * w i) p < Sum w p) by (apply Sum_lt; [exact Hp | intros i Hi; specialize (W i Hi); nra]).
  split; [split | split].
  - apply le_div_l; [exact Rp |].
    replace (Sum (fun i => w i * w i) p / n * INR p) with (INR p * Sum (fun i => w i * w i) p / n) by (field; lra).
    apply le_div_r; lra.
  - apply lt_div_l; lra.
  - intros E i j Hi Hj.
    assert (E2 : Sum w p * Sum w p = INR p * Sum (fun i => w i * w i) p).
    { rewrite E1. apply (f_equal (fun x => x * n * INR p)) in E. field_simplify in E; [lra | lra | lra]. }
    pose proof (Sum_CS_eq w p E2 i j Hi Hj) as Q. unfold w in Q. pose proof (HL i Hi). pose proof (HL j Hj).
    apply (f_equal (fun x => x * (lam i + tau) * (lam j + tau))) in Q. field_simplify in Q; [nra | lra | lra].
  - intros E. assert (K : forall i, (i < p)%nat -> w i = w 0%nat) by (intros i Hi; unfold w; rewrite (E i 0%nat Hi Hp); reflexivity).
    rewrite (Sum_ext _ (fun _ => w 0%nat * w 0%nat)) by (intros i Hi; rewrite (K i Hi); reflexivity).
    rewrite (Sum_ext _ (fun _ => w 0%nat) p K) in E1. rewrite Sum_const in *. rewrite <- E1. field. pose proof (W 0%nat Hp). lra.
Qed.

(** control of whole: 2n/p in the place of n/p. *)
Theorem not_twice : ~ forall p lam n tau,
  positive p lam -> 0 < tau -> 0 < n -> fixed_point p lam n 0 tau -> 2 * n / INR p <= omega_at p lam n tau.
Proof.
  modes. intros H. specialize (H 2%nat (fun _ => 1) 1 1). cbn [Sum INR] in H.
  assert (Q := H ltac:(intros; lra) ltac:(lra) ltac:(lra) ltac:(lra)). lra.
Qed.
