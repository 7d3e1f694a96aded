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
End Pool.
Arguments form {F d}.
Arguments rows {F d N}.
