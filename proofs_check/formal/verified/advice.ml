(* What a certificate says to prove its claim, in the form that the checker takes. Nothing here is believed: whatever
   this makes, what the checker accepts is true. Here coefficients are filled up with zeros, factors of Gram matrices
   are guessed in floats, and what a certificate leaves to exact arithmetic is solved by elimination. *)

let demand good otherwise = if not good then Json.refuse otherwise
let unit_bits = 64

(* One network: its neurons that are not zero, and its inner products. *)
type side = { count : int; live : bool array; gram : Z.t array array; cross : Z.t array array; norm : Z.t array }

let side (l : Checker.layer) =
  let matrix rows = Array.of_list (List.map Array.of_list rows) in
  let norm = Array.of_list l.norms in
  let live = Array.map (fun n -> Z.sign n <> 0) norm in
  { count = Array.length norm; live; gram = matrix l.inner; cross = matrix l.outer; norm }

let rec nat n = if n = 0 then Checker.O else Checker.S (nat (n - 1))

(* A hexadecimal float, exactly, as m * 2^e. *)
let hexadecimal text =
  let bad () = Json.refuse ("no number: " ^ text) in
  let negative = text <> "" && text.[0] = '-' in
  let body = if negative then String.sub text 1 (String.length text - 1) else text in
  match String.split_on_char 'p' body with
  | [ digits; power ] when String.length digits < 100 && String.length power < 6 && String.length digits > 2 ->
      demand (String.sub digits 0 2 = "0x" && not (String.contains body '_')) ("no number: " ^ text);
      let digits = String.sub digits 2 (String.length digits - 2) in
      let whole, fraction =
        match String.split_on_char '.' digits with [ a ] -> (a, "") | [ a; b ] -> (a, b) | _ -> bad ()
      in
      let power = if power <> "" && power.[0] = '+' then String.sub power 1 (String.length power - 1) else power in
      let m = try Z.of_string_base 16 (whole ^ fraction) with Invalid_argument _ -> bad () in
      let e = match int_of_string_opt power with Some e -> e - (4 * String.length fraction) | None -> bad () in
      ((if negative then Z.neg m else m), e)
  | _ -> bad ()

let coefficient text =
  let m, e = hexadecimal text in
  let shift = e + unit_bits in
  let scaled = if shift >= 0 then Z.shift_left m shift else Z.shift_right m (-shift) in
  demand (shift >= 0 || Z.equal (Z.shift_left scaled (-shift)) m) "a coefficient is no multiple of 2^-64";
  demand (Z.numbits scaled <= 2 * unit_bits) "a coefficient is 2^64 or more";
  scaled

(* Solutions of G[T, T] c = right, all with one denominator, by fraction-free elimination (Gauss-Jordan, Bareiss).
   Where G is singular the columns without a pivot get 0. *)
let solve side among rights =
  let k = Array.length among in
  let width = k + Array.length rights in
  let rows =
    Array.init k (fun i ->
        Array.init width (fun j -> if j < k then side.gram.(among.(i)).(among.(j)) else rights.(j - k).(i)))
  in
  let before = ref Z.one and pivots = ref [] in
  for p = 0 to k - 1 do
    let pivot = rows.(p).(p) in
    if Z.sign pivot <> 0 then begin
      for i = 0 to k - 1 do
        if i <> p then begin
          let factor = rows.(i).(p) in
          for j = 0 to width - 1 do
            rows.(i).(j) <- Z.divexact (Z.sub (Z.mul pivot rows.(i).(j)) (Z.mul factor rows.(p).(j))) !before
          done
        end
      done;
      before := pivot;
      pivots := p :: !pivots
    end
  done;
  let solution r = Array.init k (fun i -> if List.mem i !pivots then rows.(i).(k + r) else Z.zero) in
  (!before, Array.init (Array.length rights) solution)

(* 2^120 G = 4^b L L^T + rest, with L / 2^60 a Cholesky factor of G / 4^b - 3/2 s guessed in floats. *)
let factor side given =
  let m, e = match given with Json.Null -> (Z.zero, 0) | found -> hexadecimal (Json.text found) in
  if Z.sign m = 0 then { Checker.scale = Z.one; weight = Z.one; lower = []; least = Z.zero }
  else begin
    let b = Array.fold_left (fun b n -> max b ((Z.numbits n - 1) / 2)) 0 side.norm in
    let shift a k = if k >= 0 then Z.shift_left a k else Z.shift_right a (-k) in
    let small = Array.map (Array.map (fun g -> ldexp (Z.to_float (shift g (60 - (2 * b)))) (-60))) side.gram in
    let s = ldexp (Z.to_float m) e in
    let l = Array.make_matrix side.count side.count 0. in
    for i = 0 to side.count - 1 do
      for j = 0 to i do
        if side.live.(i) && side.live.(j) then begin
          let left = ref (small.(i).(j) -. if i = j then 1.5 *. s else 0.) in
          for k = 0 to j - 1 do left := !left -. (l.(i).(k) *. l.(j).(k)) done;
          demand (i <> j || !left > 0.) "the least eigenvalue is not shown";
          l.(i).(j) <- (if i = j then sqrt !left else !left /. l.(j).(j))
        end
      done
    done;
    let integral row = Array.to_list (Array.map (fun entry -> Z.of_float (ldexp entry 60)) row) in
    { Checker.scale = Z.shift_left Z.one 120; weight = Z.shift_left Z.one (2 * b);
      lower = Array.to_list (Array.map integral l);
      least = Z.neg (shift (Z.neg m) (e + 120 + (2 * b))) }
  end

(* ------------------------------ certificates ---------------------------- *)

(* A pair of sets while it is peeled: for each side and index whether it is in. *)
type pair = { x : bool array; y : bool array }

let on pair of_y = if of_y then pair.y else pair.x
let copy pair = { x = Array.copy pair.x; y = Array.copy pair.y }
let within a b = Array.for_all2 (fun p q -> (not p) || q) a.x b.x && Array.for_all2 (fun p q -> (not p) || q) a.y b.y
let of_y json = match Json.text json with "x" -> false | "y" -> true | other -> Json.refuse ("no side: " ^ other)

let indices count json =
  let found = List.map Json.integer (Json.list json) in
  let rec ascending = function a :: (b :: _ as rest) -> a < b && ascending rest | _ -> true in
  demand (ascending found && List.for_all (fun i -> 0 <= i && i < count) found) "indices not ascending, or too large";
  found

let neuron counts json =
  match Json.list json with
  | [ side; index ] ->
      let side = of_y side and index = Json.integer index in
      demand (0 <= index && index < if side then snd counts else fst counts) "an index is too large";
      (side, index)
  | _ -> Json.refuse "no neuron"

(* The steps that coefficients prove: one for each neuron of one side, against the other side of the pair. *)
let steps sides pair of_y neurons vectors =
  let own, other = if of_y then (snd sides, fst sides) else (fst sides, snd sides) in
  let mask = on pair (not of_y) in
  let all = List.init other.count Fun.id in
  let among = Array.of_list (List.filter (fun t -> mask.(t) && other.live.(t)) all) in
  demand (List.length neurons = List.length vectors) "not one vector of coefficients for each neuron";
  let given = List.combine neurons vectors in
  let exact = List.filter (fun (i, vector) -> own.live.(i) && vector = Json.Null) given in
  let rights = List.map (fun (i, _) -> Array.map (fun t -> own.cross.(i).(t)) among) exact in
  let denominator, solutions = if exact = [] then (Z.one, [||]) else solve other among (Array.of_list rights) in
  let solved = List.mapi (fun k (i, _) -> (i, solutions.(k))) exact in
  let filled numerators =
    let row = Array.make other.count Z.zero in
    Array.iteri (fun k t -> row.(t) <- numerators.(k)) among;
    Array.to_list row
  in
  let witness (i, vector) =
    let w =
      if not own.live.(i) then { Checker.denominator = Z.one; coefficients = [] }
      else
        match vector with
        | Json.Null -> { Checker.denominator; coefficients = filled (List.assoc i solved) }
        | found ->
            let words = List.filter (fun word -> word <> "") (String.split_on_char ' ' (Json.text found)) in
            demand (List.length words = Array.length among) "not one coefficient for each neuron";
            let numerators = Array.of_list (List.map coefficient words) in
            { Checker.denominator = Z.shift_left Z.one unit_bits; coefficients = filled numerators }
    in
    ((of_y, nat i), w)
  in
  List.map witness given

(* The steps of stages, and what is left. That a stage takes only what is still there, and that none follows where the
   peel has ended, is asked for order's sake. *)
let replay sides pair stages until =
  let pair = copy pair in
  let stage json =
    demand (Json.names json = [ "coefficients"; "neurons"; "side" ]) "a stage has other fields";
    let of_y = of_y (Json.field "side" json) in
    let own = on pair of_y in
    let gone = indices (Array.length own) (Json.field "neurons" json) in
    demand (gone <> [] && List.for_all (fun i -> own.(i)) gone && within until pair) "what a stage removes is gone";
    let found = steps sides pair of_y gone (Json.list (Json.field "coefficients" json)) in
    List.iter (fun i -> own.(i) <- false) gone;
    found
  in
  (List.concat_map stage (Json.list stages), pair)

(* The advice of a certificate for the layers of its activations. *)
let advise certificate (match_ : pair) wanted start (x, y) =
  let sides = (side x, side y) in
  let field name = Json.field name certificate in
  let members name of_y =
    let own = on match_ of_y in
    let found = List.filter (fun i -> own.(i)) (List.init (Array.length own) Fun.id) in
    steps sides match_ of_y found (Json.list (Json.field name (field "members")))
  in
  let needed = { x = Array.map (fun _ -> false) match_.x; y = Array.map (fun _ -> false) match_.y } in
  Option.iter (fun (of_y, index) -> (on needed of_y).(index) <- true) wanted;
  let eviction json =
    let u, index = neuron (Array.length match_.x, Array.length match_.y) (Json.field "without" json) in
    demand ((on match_ u).(index) && not (on needed u).(index)) "an eviction is of no member, or stands there twice";
    let rest = copy match_ in
    (on rest u).(index) <- false;
    let found, _ = replay sides rest (Json.field "peeled" json) needed in
    (on needed u).(index) <- true;
    ((u, nat index), found)
  in
  let least = field "least_eigenvalue" in
  let peeled = if wanted = None then fst (replay sides (start (fst sides) (snd sides)) (field "peeled") match_) else [] in
  {
    Checker.factor_x = factor (fst sides) (Json.field "x" least);
    factor_y = factor (snd sides) (Json.field "y" least);
    members = members "x" false @ members "y" true;
    peeled;
    evictions = List.map eviction (Json.list (field "evictions"));
  }
