From KD Require Import Pool.
Local Open Scope ring_scope.

Section Rounds.
Variables (F : fieldType) (n k : nat) (X : 'M[F]_(n, k.+1)) (y : 'cV[F]_n) (delta : F).
Definition fit (labels : 'cV[F]_n) : 'cV[F]_k.+1 := invmx (X^T *m X + delta%:M) *m (X^T *m labels).
Definition shrink : 'M[F]_k.+1 := invmx (X^T *m X + delta%:M) *m (X^T *m X).
(* the student after rounds with the weights (a, b), the last round first; before any it is the ridge solution *)
Fixpoint student (weights : seq (F * F)) : 'cV[F]_k.+1 :=
  if weights is (a, b) :: before then fit (a *: y + b *: (X *m student before)) else fit y.
Fixpoint polynomial (weights : seq (F * F)) : {poly F} :=
  if weights is (a, b) :: before then a%:P + b *: ('X * polynomial before) else 1.

Lemma round a b v : fit (a *: y + b *: (X *m v)) = a *: fit y + b *: (shrink *m v).
Proof. by rewrite /fit /shrink mulmxDr -!scalemxAr mulmxDr -!scalemxAr !mulmxA. Qed.
Lemma student_is w : student w = horner_mx shrink (polynomial w) *m fit y.
Proof.
elim: w => [| [a b] w IH] /=; first by rewrite rmorph1 mul1mx.
rewrite round IH rmorphD /= horner_mx_C linearZ /= rmorphM /= horner_mx_X mulmxDl mul_scalar_mx -scalemxAl.
by rewrite -mulmxE mulmxA.
Qed.
Lemma size_polynomial w : (size (polynomial w) <= (size w).+1)%N.
Proof.
elim: w => [| [a b] w IH] /=; first by rewrite size_poly1.
apply: (leq_trans (size_add _ _)); rewrite geq_max (leq_trans (size_polyC_leq1 _)) //=.
apply: (leq_trans (size_scale_leq _ _)); apply: (leq_trans (size_mul_leq _ _)).
by rewrite size_polyX /= ltnS.
Qed.
Lemma reached m (P : {poly F}) : (size P <= m.+2)%N -> exists w, size w = m.+1 /\ polynomial w = P.
Proof.
have split (Q : {poly F}) : Q = (Q`_0)%:P + 'X * \poly_(i < (size Q).-1) Q`_i.+1.
  apply/polyP => i; rewrite coefD coefC coefXM coef_poly; case: i => [| i] /=; first by rewrite addr0.
  by rewrite add0r; case: ltnP => // H; rewrite nth_default // (leq_trans (leqSpred _)) // ltnS.
elim: m P => [| m IH] P SP.
  exists [:: (P`_0, P`_1)]; split => //=; rewrite mulr1 [in RHS](split P); congr (_ + _).
  apply/polyP => i; rewrite coefZ coefX coefXM coef_poly; case: i => [| [| i]] /=; rewrite ?mulr0 ?mulr1 //.
    by case: ltnP => // H; rewrite nth_default // (leq_trans (leqSpred _)) // ltnS.
  by case: ltnP => // _; rewrite nth_default // (leq_trans SP).
pose Q := \poly_(i < (size P).-1) P`_i.+1; have SQ : (size Q <= m.+2)%N.
  by apply: (leq_trans (size_poly _ _)); move: SP; case: (size P).
have [w [Sw Ew]] := IH _ SQ; exists ((P`_0, 1) :: w); split; first by rewrite /= Sw.
by rewrite /= Ew scale1r -split.
Qed.
End Rounds.

(** 10.rounds, one round: over any field, for every X and y: one more round multiplies by M and adds. *)
Theorem one_round : forall (F : fieldType) (n k : nat) (X : 'M[F]_(n, k.+1)) (y : 'cV[F]_n) (delta a b : F) w,
  student F n k X y delta ((a, b) :: w) = a *: fit F n k X delta y + b *: (shrink F n k X delta *m student F n k X y delta w).
Proof. by move=> F n k X y delta a b w; rewrite /= round. Qed.

(** 10.rounds, all polynomials: m rounds (m > 0) reach the P(M) b with deg P <= m, and nothing else. *)
Theorem all_polynomials : forall (F : fieldType) (n k m : nat) (X : 'M[F]_(n, k.+1)) (y : 'cV[F]_n) (delta : F),
  (forall w, size w = m.+1 -> exists P : {poly F}, (size P <= m.+2)%N /\
    student F n k X y delta w = horner_mx (shrink F n k X delta) P *m fit F n k X delta y) /\
  (forall P : {poly F}, (size P <= m.+2)%N -> exists w, size w = m.+1 /\
    student F n k X y delta w = horner_mx (shrink F n k X delta) P *m fit F n k X delta y).
Proof.
move=> F n k m X y delta; split => [w Sw | P SP].
  by exists (polynomial F w); split; [rewrite -Sw; exact: size_polynomial | exact: student_is].
have [w [Sw Ew]] := reached F m P SP; by exists w; split => //; rewrite student_is Ew.
Qed.

(** 10.rounds, every shrinkage: r distinct eigenvalues take any r values under a polynomial of degree r - 1, and along an
    eigenvector of M a polynomial in M is its value at the eigenvalue. *)
Theorem every_shrinkage : forall (F : fieldType),
  (forall (r : nat) (m s : nat -> F), (forall i j, (i < j < r)%N -> m i != m j) ->
    exists P : {poly F}, (size P <= r)%N /\ forall i, (i < r)%N -> P.[m i] = s i) /\
  (forall (k : nat) (M : 'M[F]_k.+1) (v : 'cV[F]_k.+1) (e : F) (P : {poly F}), M *m v = e *: v -> horner_mx M P *m v = P.[e] *: v).
Proof.
move=> F; split.
  elim=> [| r IH] m s D; first by exists 0; split => //; rewrite size_poly0.
  have [P [SP EP]] := IH m s (fun i j H => D i j (let: conj a b := andP H in introT andP (conj a (ltnW b)))).
  set L := \prod_(i < r) ('X - (m i)%:P).
  have L0 i : (i < r)%N -> L.[m i] = 0.
    move=> Hi; rewrite horner_prod (bigD1 (Ordinal Hi)) //=; by rewrite hornerXsubC subrr mul0r.
  have Lr : L.[m r] != 0.
    rewrite horner_prod prodf_seq_neq0; apply/allP => i _ /=; rewrite hornerXsubC subr_eq0 eq_sym.
    by apply: D; rewrite ltn_ord /=.
  have SL : size L = r.+1 by rewrite /L size_prod_XsubC /= ?size_enum_ord // /index_enum -enumT size_enum_ord.
  exists (P + ((s r - P.[m r]) / L.[m r]) *: L); split.
    apply: (leq_trans (size_add _ _)); rewrite geq_max (leq_trans SP) //=.
    by apply: (leq_trans (size_scale_leq _ _)); rewrite SL.
  move=> i; rewrite ltnS leq_eqVlt hornerD hornerZ => /orP [/eqP -> | Hi]; first by rewrite divfK // addrC subrK.
  by rewrite (L0 i) // mulr0 addr0 EP.
move=> k M v e P E; elim/poly_ind: P => [| P c IH]; first by rewrite rmorph0 mul0mx horner0 scale0r.
rewrite rmorphD rmorphM /= horner_mx_X horner_mx_C hornerMXaddC mulmxDl mul_scalar_mx scalerDl; congr (_ + _).
by rewrite -mulmxE -mulmxA E -scalemxAr IH scalerA mulrC.
Qed.

(** 10.rounds, weights of sum one: they keep P(1) = 1. *)
Theorem weights_of_sum_one : forall (F : fieldType) (w : seq (F * F)), all (fun ab => ab.1 + ab.2 == 1) w -> (polynomial F w).[1] = 1.
Proof.
move=> F; elim=> [| [a b] w IH] /=; first by rewrite hornerC.
by case/andP => /eqP E /IH H; rewrite hornerD hornerC hornerZ hornerM hornerX H mulr1 mulr1.
Qed.

(** 10.rounds, control of weights of sum one: weights that add up to something else. *)
Theorem not_for_every_sum : ~ forall w : seq (rat * rat), (polynomial _ w).[1] = 1.
Proof. by move=> H; have := H [:: (1, 1)]; rewrite /= hornerD hornerC hornerZ hornerM hornerX hornerC. Qed.
