From KD Require Import Pool.
Import Order.TTheory Num.Theory.
Local Open Scope ring_scope.

(** ridge: over any ordered field, any X, delta > 0 and A: N_eps exists for small eps, its exact difference from N is as
    stated, and the quotient is -N A N up to a bounded multiple of eps.  A size is the sum of absolute entries. *)
Theorem ridge : forall (F : realFieldType) (n p : nat) (X : 'M[F]_(n, p)) (delta eps : F) (A : 'M[F]_p),
  let K e := X^T *m X + delta *: (1%:M + e *: A) in
  let N e := delta *: invmx (K e) in
  0 < delta -> K 0 \in unitmx -> eps != 0 -> `|eps| * (size_of A * size_of (N 0)) <= 2%:R^-1 ->
  K eps \in unitmx /\
  N eps - N 0 = - (eps *: (N eps *m A *m N 0)) /\
  size_of (eps^-1 *: (N eps - N 0) - - (N 0 *m A *m N 0)) <= `|eps| * (2%:R * size_of (N 0) * size_of (A *m N 0 *m A *m N 0)).
Proof.
move=> F n p X delta eps A K N d0 U0 e0 S.
have d1 : delta != 0 by rewrite gt_eqF.
have KE : K eps = K 0 + eps *: (delta *: A).
  by rewrite /K scale0r addr0 !scalerDr addrA scalerA [delta * eps]mulrC -scalerA.
have SE : small (delta *: A) (invmx (K 0)) eps.
  rewrite /small; have -> : size_of (delta *: A) * size_of (invmx (K 0)) = size_of A * size_of (N 0) by rewrite /N !sizeZ mulrCA mulrA.
  exact: S.
have UE : K eps \in unitmx by rewrite KE; exact: (still_unit _ _ _ _ _ U0 SE).
have ST : N eps - N 0 = - (eps *: (N eps *m A *m N 0)).
  have := resolvent_step F p (delta *: A) (K 0) eps U0; rewrite -KE => /(_ UE) E.
  by rewrite /N -scalerBr E scalerN -!scalemxAr -!scalemxAl !scalerA; congr (- (_ *: _)); ring.
split=> //; split=> //; rewrite opprK; exact: (resolvent_error _ _ _ _ _ _ e0 S ST).
Qed.

Lemma projectors (F : realFieldType) p (A N M : 'M[F]_p) (e : F) : N *m M = N -> N *m (1%:M + e *: A) *m M = M ->
  N - M = - (e *: (N *m A *m M)).
Proof.
move=> L R; have -> : N - M = N *m M - N *m (1%:M + e *: A) *m M by rewrite L R.
by rewrite mulmxDr mulmx1 mulmxDl opprD addrA subrr sub0r -scalemxAr -scalemxAl.
Qed.

(** no ridge: the same for the projectors on what no row sees, C = (I + eps A)^-1 and N_eps = C - C X'(X C X')^-1 X C. *)
Theorem no_ridge : forall (F : realFieldType) (n p : nat) (X : 'M[F]_(n, p)) (eps : F) (A : 'M[F]_p),
  let B e := 1%:M + e *: A in
  let gram e := X *m invmx (B e) *m X^T in
  let N e := invmx (B e) - invmx (B e) *m X^T *m invmx (gram e) *m X *m invmx (B e) in
  B eps \in unitmx -> gram eps \in unitmx -> gram 0 \in unitmx -> eps != 0 -> `|eps| * (size_of A * size_of (N 0)) <= 2%:R^-1 ->
  N eps - N 0 = - (eps *: (N eps *m A *m N 0)) /\
  size_of (eps^-1 *: (N eps - N 0) - - (N 0 *m A *m N 0)) <= `|eps| * (2%:R * size_of (N 0) * size_of (A *m N 0 *m A *m N 0)).
Proof.
move=> F n p X eps A B gram N UB UG U0 e0 S.
have B0 : B 0 = 1%:M by rewrite /B scale0r addr0.
have UB0 : B 0 \in unitmx by rewrite B0 unitmx1.
(* N_e B_e leaves N_f alone, as X N_f = 0; and N_e N_0 = N_e *)
have XN f : B f \in unitmx -> gram f \in unitmx -> X *m N f = 0.
  move=> Uf Vf; rewrite /N mulmxBr !mulmxA -/(gram f) (mulmxV Vf) mul1mx subrr //.
have NX f : B f \in unitmx -> gram f \in unitmx -> N f *m X^T = 0.
  move=> Uf Vf; rewrite /N mulmxBl -!mulmxA [X *m (invmx _ *m X^T)]mulmxA -/(gram f) (mulVmx Vf) mulmx1 subrr //.
have N0 : N 0 = 1%:M - X^T *m invmx (gram 0) *m X by rewrite /N B0 invmx1 mul1mx mulmx1.
have left : N eps *m N 0 = N eps.
  rewrite N0 mulmxBr mulmx1 !mulmxA (NX eps UB UG) !mul0mx subr0 //.
have right : N eps *m B eps *m N 0 = N 0.
  have NE : N eps = invmx (B eps) - invmx (B eps) *m X^T *m invmx (gram eps) *m X *m invmx (B eps) by [].
  rewrite {1}NE mulmxBl (mulVmx UB) -[_ *m invmx (B eps) *m B eps]mulmxA (mulVmx UB) mulmx1 mulmxBl mul1mx.
  by rewrite -[_ *m X *m N 0]mulmxA (XN 0 UB0 U0) mulmx0 subr0.
have ST : N eps - N 0 = - (eps *: (N eps *m A *m N 0)).
  by apply: projectors left right.
split=> //; rewrite opprK; exact: (resolvent_error _ _ _ _ _ _ e0 S ST).
Qed.
