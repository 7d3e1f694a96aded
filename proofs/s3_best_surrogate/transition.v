From KD Require Import Modes.

(** whole: the gain's excess over 1 in closed form, and its sign: amplified iff zeta < 1 - Omega,
    shrunk iff zeta > 1 - Omega. *)
Theorem transition : forall zeta Omega, 0 < zeta < 1 -> 0 < Omega < 1 ->
  let gain := f.gain zeta (1 - zeta) Omega (1 - Omega) in
  let excess := f.gain_excess zeta (1 - zeta) Omega (1 - Omega) in
  gain - 1 = excess /\ (1 < gain <-> zeta < 1 - Omega) /\ (gain < 1 <-> 1 - Omega < zeta) /\
  (0 < f.amplification_margin zeta (1 - Omega) <-> 0 < excess).
Proof.
  cbv zeta. formulas. intros zeta Omega HZ HO. pose proof (curvature_pos zeta Omega HZ HO) as D.
  set (d := (1 - Omega) * (1 - zeta) * (1 - zeta) + Omega * zeta * zeta) in *.
  assert (E : (1 - Omega) * (1 - zeta) / d - 1 = zeta * (1 - Omega - zeta) / d) by (unfold d in *; field; lra).
  assert (S : zeta * (1 - Omega - zeta) / d * d = zeta * (1 - Omega - zeta)) by (field; lra).
  set (x := zeta * (1 - Omega - zeta) / d) in *. set (g := (1 - Omega) * (1 - zeta) / d) in *.
  assert (0 < x <-> 0 < 1 - Omega - zeta) by (split; intros; nra).
  assert (x < 0 <-> 1 - Omega - zeta < 0) by (split; intros; nra).
  repeat split; intros; try (apply H); try lra.
Qed.

(** control of whole: the threshold Omega. *)
Theorem not_at_omega : ~ forall zeta Omega, 0 < zeta < 1 -> 0 < Omega < 1 ->
  (1 < f.gain zeta (1 - zeta) Omega (1 - Omega) <-> zeta < Omega).
Proof. formulas. intros H. specialize (H (1/2) (1/4) ltac:(lra) ltac:(lra)). lra. Qed.
