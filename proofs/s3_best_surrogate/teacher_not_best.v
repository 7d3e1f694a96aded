From KD Require Import Modes.

(** whole: the best teacher's own risk is a sum of squares of gain - 1, that of beta* is zero; it is
    positive iff some mode with energy has zeta different from 1 - Omega. *)
Theorem teacher_not_best : forall p lam zeta beta Omega,
  positive p lam -> inside p zeta -> 0 < Omega < 1 ->
  let teacher := f.predictor_risk p lam (best beta zeta Omega) beta in
  teacher = Sum (fun i => signal lam beta i * f.gain_excess (zeta i) (1 - zeta i) Omega (1 - Omega) ^ 2) p /\
  f.predictor_risk p lam beta beta = 0 /\
  (0 < teacher <-> exists i, (i < p)%nat /\ beta i <> 0 /\ zeta i <> 1 - Omega).
Proof.
  cbv zeta. intros p lam zeta beta Omega HL HZ HO.
  assert (HC : forall i, (i < p)%nat -> 0 < (1 - Omega) * (1 - zeta i) * (1 - zeta i) + Omega * zeta i * zeta i)
    by (intros i Hi; apply curvature_pos; auto).
  set (x := fun i => signal lam beta i * f.gain_excess (zeta i) (1 - zeta i) Omega (1 - Omega) ^ 2).
  assert (E : f.predictor_risk p lam (best beta zeta Omega) beta = Sum x p)
    by (unfold x; modes; termwise; specialize (HC i Hi); field; lra).
  split; [exact E |]. split; [formulas; apply Sum_zero; intros; ring |]. rewrite E.
  assert (N : forall i, (i < p)%nat -> 0 <= x i).
  { intros i Hi. apply Rmult_le_pos; [apply signal_nonneg; auto | apply pow2_ge_0]. }
  split.
  - intros P. apply NNPP. intro Q. apply (Rlt_irrefl 0). rewrite (Sum_zero x p) in P; [exact P |].
    intros i Hi. unfold x. modes. destruct (Req_dec (beta i) 0) as [->|B]; [ring |].
    destruct (Req_dec (zeta i) (1 - Omega)) as [Ez|Ez]; [| exfalso; apply Q; eauto].
    specialize (HC i Hi). rewrite Ez in *. field. lra.
  - intros (i & Hi & B & Ez). replace 0 with (Sum (fun _ => 0) p) by (rewrite Sum_const; ring).
    apply (Sum_lt_at _ _ p i N Hi). unfold x. modes. specialize (HL i Hi). specialize (HZ i Hi). specialize (HC i Hi).
    apply Rmult_lt_0_compat; [apply signal_pos; assumption |].
    rewrite <- Rsqr_pow2. apply Rsqr_pos_lt. apply Rmult_integral_contrapositive_currified; [| apply Rinv_neq_0_compat; lra].
    apply Rmult_integral_contrapositive_currified; lra.
Qed.
