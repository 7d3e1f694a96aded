From KD Require Import Pool.
Import Order.TTheory Num.Theory.
Local Open Scope ring_scope.

(* The ridge solution for the labels y on the rows X. *)
Section Ridge.
Variables (F : fieldType) (n p : nat) (X : 'M[F]_(n, p)).
Definition gram (delta : F) : 'M[F]_p := X^T *m X + delta%:M.
Definition ridge (delta : F) (y : 'cV[F]_n) : 'cV[F]_p := invmx (gram delta) *m (X^T *m y).
Lemma normal delta y : gram delta \in unitmx -> X^T *m (X *m ridge delta y) = X^T *m y - delta *: ridge delta y.
Proof.
move=> U; have E : gram delta *m ridge delta y = X^T *m y by rewrite /ridge mulKVmx.
by rewrite -E mulmxDl mul_scalar_mx mulmxA addrK.
Qed.
Lemma again s t y : gram s \in unitmx -> gram t \in unitmx ->
  ridge s (X *m ridge t y) = ridge s y - t *: (invmx (gram s) *m ridge t y).
Proof. by move=> Us Ut; rewrite {1}/ridge normal // mulmxBr -scalemxAr. Qed.
Lemma resolvent s t y : gram s \in unitmx -> gram t \in unitmx ->
  ridge s y - ridge t y = (t - s) *: (invmx (gram s) *m ridge t y).
Proof.
move=> Us Ut; have E : gram t *m ridge t y = X^T *m y by rewrite /ridge mulKVmx.
have G : gram t = gram s + (t - s)%:M by rewrite /gram -addrA -raddfD /= [s + _]addrC subrK.
by rewrite {1}/ridge -E G mulmxDl mulmxDr mulKmx // mul_scalar_mx -scalemxAr addrC addKr.
Qed.
End Ridge.

Lemma combined (F : fieldType) (p : nat) (b c v : 'cV[F]_p) (s t : F) i : s != t -> b - c = (t - s) *: v ->
  (b - t *: v) i 0 = f.self_distilled (b i 0) (c i 0) s t.
Proof.
move=> D E; have := congr1 (fun M : 'cV[F]_p => M i 0) E; rewrite !mxE /f.self_distilled => H.
have D0 : s - t != 0 by rewrite subr_eq0.
apply: (mulIf D0); rewrite divfK //; have -> : c i 0 = b i 0 - (t - s) * v i 0 by rewrite -H opprB addrC subrK.
by move: (b i 0) (v i 0) => bi vi; ring.
Qed.

(** combination: over any field, for every X and y, coordinate by coordinate. *)
Theorem combination : forall (F : fieldType) (n p : nat) (X : 'M[F]_(n, p)) (y : 'cV[F]_n) (s t : F) i,
  gram F n p X s \in unitmx -> gram F n p X t \in unitmx -> s != t ->
  ridge F n p X s (X *m ridge F n p X t y) i 0 = f.self_distilled (ridge F n p X s y i 0) (ridge F n p X t y i 0) s t.
Proof. by move=> F n p X y s t i Us Ut D; rewrite again //; apply: combined D _; apply: resolvent. Qed.

(** interpolating teacher: a teacher without a ridge, any solution of the normal equations, leaves its student the real
    labels' solution. *)
Theorem interpolating_teacher : forall (F : fieldType) (n p : nat) (X : 'M[F]_(n, p)) (y : 'cV[F]_n) (s : F) (b : 'cV[F]_p),
  X^T *m (X *m b) = X^T *m y -> ridge F n p X s (X *m b) = ridge F n p X s y.
Proof. by move=> F n p X y s b E; rewrite /ridge E. Qed.

Lemma square_zero (F : realFieldType) (m : nat) (v : 'cV[F]_m) : v^T *m v = 0 -> v = 0.
Proof.
move=> E; have S : \sum_i v i 0 ^+ 2 = 0.
  have -> : \sum_i v i 0 ^+ 2 = (v^T *m v) 0 0 by rewrite mxE; apply: eq_bigr => i _; rewrite mxE expr2.
  by rewrite E mxE.
move/eqP: S; rewrite psumr_eq0 => [/allP H | i _]; last exact: sqr_ge0.
by apply/colP => i; have := H i (mem_index_enum _); rewrite /= sqrf_eq0 mxE => /eqP ->.
Qed.

(** ridgeless student: the least-norm solution, the one in the span of the rows, for the labels of a teacher with a ridge
    is that teacher. *)
Theorem ridgeless_student : forall (F : realFieldType) (n p : nat) (X : 'M[F]_(n, p)) (y w : 'cV[F]_n) (t : F) (b : 'cV[F]_p),
  gram F n p X t \in unitmx -> t != 0 -> b = X^T *m w -> X^T *m (X *m b) = X^T *m (X *m ridge F n p X t y) ->
  b = ridge F n p X t y.
Proof.
move=> F n p X y w t b U t0 Eb E; set c := ridge F n p X t y in E *.
have Ec : c = X^T *m (t^-1 *: (y - X *m c)).
  by rewrite -scalemxAr mulmxBr (normal F n p X t y U) -/c opprB addrC subrK scalerA mulVf // scale1r.
set d := w - t^-1 *: (y - X *m c).
have Ed : b - c = X^T *m d by rewrite [in LHS]Ec Eb -mulmxBr.
have G0 : X^T *m (X *m (b - c)) = 0 by rewrite mulmxBr mulmxBr E subrr.
have Z1 : X *m (b - c) = 0 by apply: square_zero; rewrite trmx_mul -mulmxA G0 mulmx0.
have Z2 : b - c = 0 by apply: square_zero; rewrite {1}Ed trmx_mul trmxK -mulmxA Z1 mulmx0.
by apply/eqP; rewrite -subr_eq0 Z2.
Qed.

(** same ridge: with one ridge for both the student is the step of 10.same-data at xi = 1, along what the secant between two
    ridges is before they meet: (b_s - b_t)/(s - t) = -(X'X + s)^-1 b_t. *)
Theorem same_ridge : forall (F : fieldType) (n p : nat) (X : 'M[F]_(n, p)) (y : 'cV[F]_n) (s t : F) i,
  gram F n p X s \in unitmx -> gram F n p X t \in unitmx ->
  let along r := (- (invmx (gram F n p X r) *m ridge F n p X t y)) i 0 in
  ridge F n p X t (X *m ridge F n p X t y) i 0 = f.mixed_student (ridge F n p X t y i 0) (along t) t 1 /\
  (s != t -> (ridge F n p X s y i 0 - ridge F n p X t y i 0) / (s - t) = along s).
Proof.
move=> F n p X y s t i Us Ut /=; split.
  rewrite again // /f.mixed_student; move: (ridge F n p X t y) (invmx _ *m _) => b v.
  by rewrite !mxE; move: (b i 0) (v i 0) => bi vi; ring.
move=> D; have D0 : s - t != 0 by rewrite subr_eq0.
have := congr1 (fun M : 'cV[F]_p => M i 0) (resolvent F n p X s t y Us Ut).
move: (ridge F n p X s y) (ridge F n p X t y) (invmx _ *m _) => b c v; rewrite !mxE => ->.
by apply: (mulIf D0); rewrite divfK //; move: (v i 0) => vi; ring.
Qed.

(** mixed: labels (1 - xi) y + xi X b_t, by the secant through both ridges. *)
Theorem mixed : forall (F : fieldType) (n p : nat) (X : 'M[F]_(n, p)) (y : 'cV[F]_n) (s t xi : F) i,
  gram F n p X s \in unitmx -> gram F n p X t \in unitmx -> s != t ->
  let b r := ridge F n p X r y in
  ridge F n p X s ((1 - xi) *: y + xi *: (X *m b t)) i 0
  = f.mixed_student (b s i 0) ((b s i 0 - b t i 0) / (s - t)) t xi.
Proof.
move=> F n p X y s t xi i Us Ut D /=; have D0 : s - t != 0 by rewrite subr_eq0.
have -> : ridge F n p X s ((1 - xi) *: y + xi *: (X *m ridge F n p X t y))
  = (1 - xi) *: ridge F n p X s y + xi *: ridge F n p X s (X *m ridge F n p X t y).
  by rewrite {1}/ridge mulmxDr -!scalemxAr mulmxDr -!scalemxAr.
rewrite again //; have := congr1 (fun M : 'cV[F]_p => M i 0) (resolvent F n p X s t y Us Ut).
move: (ridge F n p X s y) (ridge F n p X t y) (invmx _ *m _) => b c v; rewrite !mxE /f.mixed_student => E.
have -> : (b i 0 - c i 0) / (s - t) = - v i 0.
  by rewrite E; apply: (mulIf D0); rewrite divfK //; move: (v i 0) => vi; ring.
by move: (b i 0) (v i 0) => bi vi; ring.
Qed.

(** control of combination: the two ridges exchanged, for one row 1 and the label 1, a student without a ridge. *)
Theorem not_exchanged : ~ forall (g c s t : rat), g + s != 0 -> g + t != 0 -> s != t ->
  f.ridge_filter g s * (f.ridge_filter g t / g * c) = f.self_distilled (f.ridge_filter g t / g * c) (f.ridge_filter g s / g * c) s t.
Proof.
move=> H; have two0 : 1 + 1 != 0 :> rat by rewrite -(natrD _ 1 1) pnatr_eq0.
have one0 : 1 + 0 != 0 :> rat by rewrite addr0 oner_eq0.
have zero1 : 0 != 1 :> rat by rewrite eq_sym oner_eq0.
have := H 1 1 0 1 one0 two0 zero1; rewrite /f.ridge_filter /f.self_distilled addr0 ?divr1 ?mulr1 ?mul1r ?mul0r ?sub0r.
by rewrite divff ?oppr_eq0 ?oner_eq0.
Qed.
