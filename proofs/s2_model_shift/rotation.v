From KD Require Import Pool.
Local Open Scope ring_scope.

(* The four terms of the paper in any basis, over any field: theta_1 = R S with R the inverse of S + tau, d the shift; the
   traces fix tau and Omega. *)
Definition resolvent (F : fieldType) (p : nat) (S : 'M[F]_p) (tau : F) := invmx (S + tau%:M).
Definition four_terms (F : fieldType) (p : nat) (S : 'M[F]_p) (tau n noise Om : F) (s b : 'cV[F]_p) (m : F) : F :=
  let R := resolvent F p S tau in
  let u := b - R *m S *m b in
  let d := R *m S *m (s - b) in
  f.four_term_risk (form S d d) (f.gamma_squared m n (1 - Om) (tau ^+ 2 * form (R *m S *m R) s s) noise)
    (m^-1 * \tr (S *m R *m S *m R)) (form S u u) (form S d u).

(** basis: for an orthogonal matrix O the four terms at O S O', O s, O b are those at S, s, b; and so are the traces that
    fix tau and Omega. *)
Theorem basis : forall (F : fieldType) (p : nat) (O S : 'M[F]_p) (tau n noise Om : F) (s b : 'cV[F]_p) (m : F),
  O^T *m O = 1%:M -> S + tau%:M \in unitmx ->
  let T := O *m S *m O^T in
  (four_terms F p T tau n noise Om (O *m s) (O *m b) m = four_terms F p S tau n noise Om s b m) /\
  (\tr (resolvent F p T tau *m T) = \tr (resolvent F p S tau *m S)) /\
  (\tr (resolvent F p T tau *m T *m (resolvent F p T tau *m T)) = \tr (resolvent F p S tau *m S *m (resolvent F p S tau *m S))).
Proof.
move=> F p O S tau n noise Om s b m OO US /=; set T := O *m S *m O^T.
have OO' : O *m O^T = 1%:M by exact: mulmx1C.
have ER : resolvent F p T tau = O *m resolvent F p S tau *m O^T.
  have -> : resolvent F p T tau = invmx (O *m (S + tau%:M) *m O^T).
    by rewrite /resolvent /T mulmxDr mulmxDl mul_mx_scalar -scalemxAl OO' scalemx1.
  have UO : O \in unitmx by case: (mulmx1_unit OO').
  have UT : O^T \in unitmx by rewrite unitmx_tr.
  have U : O *m (S + tau%:M) *m O^T \in unitmx by rewrite !unitmx_mul UO US UT.
  rewrite -[LHS]mulmx1; apply: (canLR (mulKmx U)); rewrite /resolvent.
  have -> : O *m (S + tau%:M) *m O^T *m (O *m invmx (S + tau%:M) *m O^T)
    = O *m ((S + tau%:M) *m (O^T *m O) *m invmx (S + tau%:M)) *m O^T by rewrite !mulmxA.
  by rewrite OO mulmx1 (mulmxV US) mulmx1 OO'.
set R := resolvent F p S tau in ER *; set Q := O *m R *m O^T in ER.
have RT : Q *m T = O *m (R *m S) *m O^T.
  have -> : Q *m T = O *m (R *m (O^T *m O) *m S) *m O^T by rewrite /Q /T !mulmxA.
  by rewrite OO mulmx1.
have TRT : Q *m T *m Q = O *m (R *m S *m R) *m O^T.
  have -> : Q *m T *m Q = O *m (R *m S *m (O^T *m O) *m R) *m O^T by rewrite RT /Q !mulmxA.
  by rewrite OO mulmx1.
have tr_turned (A : 'M[F]_p) : \tr (O *m A *m O^T) = \tr A by rewrite mxtrace_mulC mulmxA OO mul1mx.
have form_turned (A : 'M[F]_p) x y : form (O *m A *m O^T) (O *m x) (O *m y) = form A x y.
  rewrite /form; have -> : (O *m y)^T *m (O *m A *m O^T) *m (O *m x) = y^T *m (O^T *m O) *m A *m (O^T *m O) *m x by rewrite trmx_mul !mulmxA.
  by rewrite OO !mulmx1.
have turned (A : 'M[F]_p) x : O *m A *m O^T *m (O *m x) = O *m (A *m x).
  have -> : O *m A *m O^T *m (O *m x) = O *m (A *m (O^T *m O) *m x) by rewrite !mulmxA.
  by rewrite OO mulmx1.
split; last split.
- rewrite /four_terms /= -/(resolvent F p S tau) ER -/R TRT RT -mulmxBr !turned -mulmxBr !form_turned.
  congr (f.four_term_risk _ _ (_ * _) _ _).
  have -> : T *m Q *m T *m Q = O *m (S *m (O^T *m O) *m R *m (O^T *m O) *m S *m (O^T *m O) *m R) *m O^T by rewrite /T /Q !mulmxA.
  by rewrite OO !mulmx1 tr_turned ?mulmxA.
- by rewrite ER RT tr_turned.
- rewrite ER RT.
  have -> : O *m (R *m S) *m O^T *m (O *m (R *m S) *m O^T) = O *m (R *m S *m (O^T *m O) *m (R *m S)) *m O^T by rewrite !mulmxA.
  by rewrite OO mulmx1 tr_turned.
Qed.

(** signs: in the eigenbasis one mode's summand of (2) does not change when its two coefficients change sign together. *)
Theorem signs : forall (F : fieldType) (lam s b zeta learnt : F),
  (lam * f.mode_bias (- s) (- b) zeta learnt ^+ 2 = lam * f.mode_bias s b zeta learnt ^+ 2) /\
  (f.unlearnt_energy lam (- s) zeta = f.unlearnt_energy lam s zeta).
Proof. by rewrite /f.mode_bias /f.unlearnt_energy => *; split; ring. Qed.
