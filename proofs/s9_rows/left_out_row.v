From KD Require Import FormulasField.
Local Open Scope ring_scope.

(** whole: over any field, for matrices of any size: if M_- is M with the row x left out of a pool of N rows, the
    scales of the others as they are, then x'M_- is the factor times x'M. *)
Theorem left_out_row : forall (F : fieldType) (p : nat) (M Mm : 'M[F]_p) (x : 'cV[F]_p) (n N b d : F),
  M \in unitmx -> Mm \in unitmx -> N * b != 0 -> N * b - n * (b - d) != 0 ->
  b = f.row_scale d ((x^T *m M *m x) 0 0) ->
  invmx Mm = invmx M - (n / (N * b)) *: (x *m x^T) ->
  x^T *m Mm = f.left_out_factor n N d b *: (x^T *m M).
Proof.
rewrite /f.left_out_factor /f.row_scale.
move=> F p M Mm x n N b d UM UMm Nb0 D0 Eb E.
have Es : (x^T *m M *m x) 0 0 = b - d by rewrite [in RHS]Eb addrC addKr.
have H : x^T *m M *m invmx Mm = ((N * b - n * (b - d)) / (N * b)) *: x^T.
  rewrite E mulmxBr -mulmxA mulmxV // mulmx1 -scalemxAr mulmxA (mx11_scalar (x^T *m M *m x)) mul_scalar_mx scalerA -{1}[x^T]scale1r -scalerBl.
  by congr (_ *: _); rewrite Es mulrBl divff // [n / _ * _]mulrAC.
have -> : x^T *m M = ((N * b - n * (b - d)) / (N * b)) *: (x^T *m Mm) by rewrite -[LHS]mulmx1 -(mulVmx UMm) mulmxA H -scalemxAl.
by rewrite scalerA mulrA divfK // divff // scale1r.
Qed.
