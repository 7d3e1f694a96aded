(* Section 9 of the theory over any field: a pool of N rows x j in d coordinates, weights w j. *)
From KD Require Export FormulasField.
From mathcomp Require Export ring.
Local Open Scope ring_scope.

Section Pool.
Variables (F : fieldType) (d N : nat).
Implicit Types (A B D M : 'M[F]_d) (x y : 'cV[F]_d).

(* y'Ax *)
Definition form A x y : F := (y^T *m A *m x) 0 0.
(* the sum of w_j x_j x_j' *)
Definition rows (X : 'I_N -> 'cV[F]_d) (w : 'I_N -> F) : 'M[F]_d := \sum_j w j *: (X j *m (X j)^T).

Lemma tr_rank_one A x y : \tr (x *m y^T *m A) = form A x y.
Proof. by rewrite -mulmxA mxtrace_mulC trace_mx11. Qed.
Lemma tr_rows X w A : \tr (rows X w *m A) = \sum_j w j * form A (X j) (X j).
Proof.
rewrite /rows mulmx_suml raddf_sum; apply: eq_bigr => j _ /=.
by rewrite -scalemxAl mxtraceZ tr_rank_one.
Qed.
Lemma formE A x y : (y^T *m A *m x) = (form A x y)%:M.
Proof. by rewrite /form -mx11_scalar. Qed.
Lemma form_tr A x y : form A^T x y = form A y x.
Proof.
rewrite /form; have -> : y^T *m A^T *m x = (x^T *m A *m y)^T by rewrite !trmx_mul trmxK mulmxA.
by rewrite mxE.
Qed.
Lemma formD A B x y : form (A + B) x y = form A x y + form B x y.
Proof. by rewrite /form mulmxDr mulmxDl mxE. Qed.
Lemma formB A B x y : form (A - B) x y = form A x y - form B x y.
Proof. by rewrite /form mulmxBr mulmxBl !mxE. Qed.
Lemma form_combined A x z (p q : F) y : form A (p *: x + q *: z) y = p * form A x y + q * form A z y.
Proof. by rewrite /form mulmxDr -!scalemxAr mxE [(p *: (_ : 'M_1)) 0 0]mxE [(q *: (_ : 'M_1)) 0 0]mxE. Qed.
Lemma form_square M x y : M^T = M -> form (M *m (x *m x^T) *m M) y y = form M x y ^+ 2.
Proof.
move=> SM; rewrite /form.
have -> : y^T *m (M *m (x *m x^T) *m M) *m y = (y^T *m M *m x) *m (x^T *m M *m y) by rewrite !mulmxA.
by rewrite mxE big_ord1 -/(form M x y) -/(form M y x) -[form M y x]form_tr SM expr2.
Qed.
Lemma form_rows M X w x : M^T = M -> form (M *m rows X w *m M) x x = \sum_j w j * form M x (X j) ^+ 2.
Proof.
move=> SM; rewrite -tr_rank_one.
have -> : x *m x^T *m (M *m rows X w *m M) = (x *m x^T *m M) *m (rows X w *m M) by rewrite !mulmxA.
rewrite mxtrace_mulC.
have -> : (rows X w *m M) *m (x *m x^T *m M) = rows X w *m (M *m (x *m x^T) *m M) by rewrite !mulmxA.
by rewrite tr_rows; apply: eq_bigr => j _; rewrite form_square.
Qed.
End Pool.
Arguments form {F d}.
Arguments rows {F d N}.
