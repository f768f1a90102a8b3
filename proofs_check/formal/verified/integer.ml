(* What stands for Coq's integers and their functions (extraction.v): those of zarith, with Coq's results at the edges. *)

type t = Z.t

let zero, one, neg, abs, min, max = (Z.zero, Z.one, Z.neg, Z.abs, Z.min, Z.max)
let add, sub, mul, equal, leq, lt = (Z.add, Z.sub, Z.mul, Z.equal, Z.leq, Z.lt)

(* Coq: 0 for what is not positive. *)
let log2 a = if Z.sign a > 0 then Z.of_int (Z.numbits a - 1) else Z.zero

(* Coq: rounds down. *)
let div2 a = Z.shift_right a 1

(* Coq: a negative number of places shifts to the right, rounding down. *)
let shiftl a places =
  let k = Z.to_int places in
  if k >= 0 then Z.shift_left a k else Z.shift_right a (-k)

(* Constructors of positive and Z, and what a match on one does. *)
let twice p = Z.shift_left p 1
let twice_plus_one p = Z.succ (Z.shift_left p 1)

let match_positive odd even one p =
  if Z.equal p Z.one then one () else (if Z.testbit p 0 then odd else even) (Z.shift_right p 1)

let match_integer zero positive negative a =
  match Z.sign a with 0 -> zero () | 1 -> positive a | _ -> negative (Z.neg a)
