From KD Require Import Calc.
From KD Require Import Formulas.

(* A real vector space with a scalar product, such as L^2 of the rows; its elements are models. *)
Section Projection.
Variables (V : ModuleSpace R_Ring) (inner : V -> V -> R).
Hypothesis symmetric : forall x y, inner x y = inner y x.
Hypothesis add : forall x y z, inner (plus x y) z = inner x z + inner y z.
Hypothesis subtract : forall x y z, inner (minus x y) z = inner x z - inner y z.
Hypothesis scale : forall (t : R) x z, inner (scal t x) z = t * inner x z.
Definition square x := inner x x.
Definition towards (x y : V) (t : R) := plus x (scal t (minus y x)).
Definition slack (teacher student truth : V) :=
  f.projection_slack (square (minus teacher truth)) (square (minus student truth)) (square (minus student teacher)).

Lemma add_right : forall x y z, inner z (plus x y) = inner z x + inner z y.
Proof. intros. rewrite symmetric, add, !(symmetric z). reflexivity. Qed.
Lemma subtract_right : forall x y z, inner z (minus x y) = inner z x - inner z y.
Proof. intros. rewrite symmetric, subtract, !(symmetric z). reflexivity. Qed.
Lemma scale_right : forall (t : R) x z, inner z (scal t x) = t * inner z x.
Proof. intros. rewrite symmetric, scale, (symmetric z). reflexivity. Qed.
Ltac expand := unfold slack, square, towards, f.projection_slack;
  repeat progress rewrite ?add, ?subtract, ?scale, ?add_right, ?subtract_right, ?scale_right.

Lemma expansion : forall T S f : V, slack T S f = -2 * inner (minus T S) (minus f S).
Proof. intros T S g. expand. rewrite ?(symmetric g S), ?(symmetric g T), ?(symmetric S T). ring. Qed.
Lemma step : forall T S f t, square (minus T (towards S f t)) - square (minus T S)
  = -2 * t * inner (minus T S) (minus f S) + t * t * square (minus f S).
Proof. intros T S g t. expand. rewrite ?(symmetric g S), ?(symmetric g T), ?(symmetric S T). ring. Qed.
End Projection.

(** whole: in every scalar product, if the class holds the truth and, with the student, all points between both, and the
    student is the point of it nearest to the teacher, then the student's squared error is at most the teacher's less
    their squared distance; with equality if the class holds the whole line through both. *)
Theorem misfit : forall (V : ModuleSpace R_Ring) (inner : V -> V -> R),
  (forall x y, inner x y = inner y x) -> (forall x y z, inner (plus x y) z = inner x z + inner y z) ->
  (forall x y z, inner (minus x y) z = inner x z - inner y z) -> (forall (t : R) x z, inner (scal t x) z = t * inner x z) ->
  (forall x, 0 <= inner x x) ->
  forall (class : V -> Prop) (teacher student truth : V), class student -> class truth ->
  (forall g, class g -> square V inner (minus teacher student) <= square V inner (minus teacher g)) ->
  ((forall t, 0 <= t <= 1 -> class (towards V student truth t)) -> 0 <= slack V inner teacher student truth) /\
  ((forall t, class (towards V student truth t)) -> slack V inner teacher student truth = 0).
Proof.
  intros V inner Hs Ha Hm Hc Hp class T S g CS CG near.
  assert (E := expansion V inner Hs Hm T S g). set (c := inner (minus T S) (minus g S)) in *.
  assert (N : forall t, class (towards V S g t) -> 0 <= -2 * t * c + t * t * square V inner (minus g S)).
  { intros t Ct. specialize (near _ Ct). pose proof (step V inner Hs Ha Hm Hc T S g t) as Q. fold c in Q. lra. }
  set (d := square V inner (minus g S)) in *. assert (D : 0 <= d) by apply Hp.
  assert (up : (forall t, 0 <= t <= 1 -> class (towards V S g t)) -> c <= 0).
  { intros H. destruct (Rle_lt_dec c 0) as [C|C]; [exact C | exfalso].
    set (t := c / (c + d)). assert (T1 : 0 < t <= 1) by (unfold t; split; [apply Rdiv_lt_0_compat | apply le_div_l]; lra).
    specialize (N t (H t ltac:(lra))). assert (Q : t * d = c - t * c) by (unfold t; field; lra). nra. }
  rewrite E. split.
  - intros H. specialize (up H). lra.
  - intros H. specialize (up (fun t _ => H t)). assert (0 <= c); [| lra].
    destruct (Rle_lt_dec 0 c) as [C|C]; [exact C | exfalso].
    set (t := c / (- c + d)). assert (T1 : t < 0) by (unfold t; apply lt_div_l; lra).
    specialize (N t (H t)). assert (Q : t * d = c + t * c) by (unfold t; field; lra). nra.
Qed.

(** control of whole: for a class of two points, which is not convex, on the line. *)
Theorem not_for_two_points : ~ forall teacher student truth : R, (student = 0 /\ truth = 2) ->
  (teacher - student) ^ 2 <= (teacher - truth) ^ 2 ->
  0 <= f.projection_slack ((teacher - truth) ^ 2) ((student - truth) ^ 2) ((student - teacher) ^ 2).
Proof. formulas. intros H. specialize (H (9/10) 0 2 ltac:(lra) ltac:(lra)). lra. Qed.
