From KD Require Import Pool.
Local Open Scope ring_scope.

(** whole: over any field, for any pool with probabilities q that add up to 1 and b a solution of (9): the trace of I - M
    is n - n delta E[1/b]; and rows with b = delta, such as zero rows, add nothing to it. *)
Theorem trace : forall (F : fieldType) (d N : nat) (x : 'I_N -> 'cV[F]_d) (q b : 'I_N -> F) (n delta : F) (M : 'M[F]_d),
  \sum_j q j = 1 -> (forall j, b j != 0) ->
  M \in unitmx -> invmx M = 1%:M + rows x (fun j => f.row_weight n (b j) * q j) ->
  (forall j, b j = f.row_scale delta (form M (x j) (x j))) ->
  (\tr (1%:M - M) = n - n * delta * \sum_j q j / b j) /\
  (\tr (1%:M - M) = n * (\sum_(j | b j != delta) q j) - n * delta * \sum_(j | b j != delta) q j / b j).
Proof.
move=> F d N x q b n delta M q1 b0 UM EM Eb.
have T : \tr (1%:M - M) = \sum_j (n * q j - n * delta * (q j / b j)).
  have -> : 1%:M - M = rows x (fun j => f.row_weight n (b j) * q j) *m M.
    by rewrite -[rows _ _](addKr 1%:M) -EM mulmxDl (mulVmx UM) mulNmx mul1mx addrC.
  rewrite tr_rows; apply: eq_bigr => j _; rewrite /f.row_weight.
  have -> : form M (x j) (x j) = b j - delta by rewrite [in RHS]Eb /f.row_scale addrC addKr.
  rewrite mulrBr; congr (_ - _); first by rewrite mulrAC divfK.
  by rewrite -!mulrA; congr (n * _); rewrite mulrCA mulrA mulrC.
split; rewrite T.
  by rewrite sumrB -!mulr_sumr q1 mulr1.
rewrite (bigID (fun j => b j != delta)) /= [X in _ + X]big1 ?addr0; first by rewrite sumrB -!mulr_sumr.
move=> j; rewrite negbK => /eqP E; have d0 : delta != 0 by rewrite -E.
by rewrite E -[n * delta * _]mulrA [delta * _]mulrC divfK // subrr.
Qed.
