From KD Require Import Calc.
From KD Require Import Modes.

(** shares: zeta and 1 - zeta add up to 1. *)
Theorem shares : forall lam tau, 0 < lam -> 0 < tau -> f.zeta lam tau + f.one_minus_zeta lam tau = 1.
Proof. formulas. intros. field. lra. Qed.

(** Omega: 1 - Omega is the sum of zeta (1 - zeta) and of the ridge, over n, and minus the elasticity of n in tau. *)
Theorem omega : forall p lam n delta u, (0 < p)%nat -> positive p lam -> 0 <= delta -> 0 < n ->
  fixed_point p lam n delta (exp u) ->
  omega_at p lam n (exp u) + one_minus_omega_at p lam n delta (exp u) = 1 /\
  is_derive (fun u => ln (Sum (learnt lam (exp u)) p + delta / exp u)) u (- one_minus_omega_at p lam n delta (exp u)).
Proof.
  intros p lam n delta u Hp HL Hd Hn HF. pose proof (exp_pos u) as Ht. modes.
  assert (HL' : forall i, (i < p)%nat -> lam i + exp u <> 0) by (intros i Hi; specialize (HL i Hi); lra).
  set (s := Sum (fun i => exp u / (lam i + exp u) * (lam i / (lam i + exp u))) p). split.
  - unfold s. rewrite (Sum_ext (fun i => exp u / (lam i + exp u) * (lam i / (lam i + exp u)))
      (fun i => lam i / (lam i + exp u) - lam i / (lam i + exp u) * (lam i / (lam i + exp u)))) by (intros i Hi; field; auto).
    rewrite Sum_minus. set (s1 := Sum (fun i => lam i / (lam i + exp u)) p) in *. set (s2 := Sum _ p). clearbody s1 s2.
    replace (s1 - s2 + delta / exp u) with (n - s2) by lra. field. lra.
  - assert (P : 0 < Sum (fun i => lam i / (lam i + exp u)) p) by (apply Sum_pos; [exact Hp | intros i Hi; specialize (HL i Hi); pos]).
    assert (D : 0 <= delta / exp u) by (apply Rle_mult_inv_pos; lra).
    replace n with (Sum (fun i => lam i / (lam i + exp u)) p + delta / exp u) by lra.
    replace (- ((s + delta / exp u) / (Sum (fun i => lam i / (lam i + exp u)) p + delta / exp u)))
      with ((- s - delta / exp u) / (Sum (fun i => lam i / (lam i + exp u)) p + delta / exp u) - 0 / 1)
      by (set (r := delta / exp u) in *; set (S := Sum _ p) in *; field; lra).
    apply (is_derive_ext (fun u => ln ((Sum (fun i => lam i / (lam i + exp u)) p + delta / exp u) / 1)));
      [intros t; f_equal; field; apply Rgt_not_eq, exp_pos |].
    apply (derive_ln_quotient (fun u => Sum (fun i => lam i / (lam i + exp u)) p + delta / exp u) (fun _ => 1) u);
      [| apply is_derive_Reals, derivable_pt_lim_const | lra | lra].
    apply (is_derive_plus (fun u => Sum (fun i => lam i / (lam i + exp u)) p) (fun u => delta / exp u) u (- s) (- (delta / exp u))).
    + replace (- s) with (Sum (fun i => - (exp u / (lam i + exp u) * (lam i / (lam i + exp u)))) p).
      2: { unfold s. rewrite (Sum_ext _ (fun i => (-1) * (exp u / (lam i + exp u) * (lam i / (lam i + exp u))))) by (intros; ring). rewrite Sum_scal. ring. }
      apply Sum_derive. intros i Hi. specialize (HL i Hi). auto_derive; [lra | field; lra].
    + auto_derive; [lra | field; lra].
Qed.

(** bias: (1 - zeta) s - beta is a sum of two terms. *)
Theorem bias : forall s b lam tau, 0 < lam -> 0 < tau ->
  f.mode_bias s b (f.zeta lam tau) (f.one_minus_zeta lam tau) = f.one_minus_zeta lam tau * s - b.
Proof. formulas. intros. field. lra. Qed.

(** signs: all terms that are added are positive. *)
Theorem signs : forall lam tau, 0 < lam -> 0 < tau ->
  0 < f.zeta lam tau < 1 /\ 0 < f.one_minus_zeta lam tau < 1 /\ 0 < f.learnt_square (f.one_minus_zeta lam tau) /\
  0 < f.spread (f.zeta lam tau) (f.one_minus_zeta lam tau).
Proof. formulas. intros. repeat split; try pos; apply lt_div_l; lra. Qed.
