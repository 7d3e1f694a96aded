From KD Require Import Modes.

(** whole: the optimal risk is (2) at the best surrogate, the standard risk (2) at beta*; both are sums
    over the modes, whose ratios are the improvement, Omega (1 - Omega) over that plus a square. *)
Theorem improvement : forall p lam zeta beta Omega noise,
  positive p lam -> inside p zeta -> 0 < Omega < 1 ->
  let optimal := f.optimal_risk p (signal lam beta) zeta (fun i => 1 - zeta i) Omega (1 - Omega) noise in
  let standard := f.standard_risk p (signal lam beta) zeta Omega (1 - Omega) noise in
  let ratio i := f.improvement (zeta i) (1 - zeta i) Omega (1 - Omega) in
  let share i := f.mode_standard_risk (signal lam beta i) (zeta i) (1 - Omega) in
  optimal = risk_of p lam beta zeta Omega noise (best beta zeta Omega) /\
  standard = risk_of p lam beta zeta Omega noise beta /\
  optimal = Sum (fun i => share i * ratio i) p + f.variance_factor Omega (1 - Omega) * noise /\
  standard = Sum share p + f.variance_factor Omega (1 - Omega) * noise /\
  forall i, (i < p)%nat ->
    ratio i = Omega * (1 - Omega) / (Omega * (1 - Omega) + (zeta i - (1 - Omega)) * (zeta i - (1 - Omega))).
Proof.
  cbv zeta. modes. intros p lam zeta beta Omega noise HL HZ HO.
  assert (HC : forall i, (i < p)%nat -> 0 < (1 - Omega) * (1 - zeta i) * (1 - zeta i) + Omega * zeta i * zeta i)
    by (intros i Hi; apply curvature_pos; auto).
  split; [| split; [| split; [| split]]].
  - rewrite Rmult_plus_distr_l, <- !Sum_scal.
    match goal with |- ?a + ?x = ?b + (?x + ?c) => replace (b + (x + c)) with ((b + c) + x) by ring end.
    f_equal. rewrite <- Sum_plus. termwise. specialize (HC i Hi). field. lra.
  - unfold Rdiv at 1. rewrite Rmult_plus_distr_r, (Rmult_comm (Sum _ _) (/ (1 - Omega))), Rmult_plus_distr_l, <- !Sum_scal.
    match goal with |- ?y + ?a = ?b + (?x + ?c) => replace (b + (x + c)) with (x + (b + c)) by ring end.
    f_equal; [field; lra |]. rewrite <- Sum_plus. termwise. field. lra.
  - f_equal. rewrite <- Sum_scal. termwise. specialize (HC i Hi). field. lra.
  - unfold Rdiv at 1. rewrite Rmult_plus_distr_r, (Rmult_comm (Sum _ _) (/ (1 - Omega))), <- Sum_scal, Rplus_comm.
    f_equal; [| field; lra]. termwise. field. lra.
  - intros i Hi. f_equal. ring.
Qed.
