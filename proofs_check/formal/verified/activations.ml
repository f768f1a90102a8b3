(* A layer's numbers as (m, e), which stands for m * 2^e. The file is what the certificate's hash is of: the line
   "dtype inputs neurons" and then the little-endian numbers row by row. *)

type t = { dtype : string; inputs : int; neurons : int; sha256 : string; columns : (Z.t * Z.t) list list }

(* An IEEE number of some bits, given as an integer: sign, exponent, mantissa. *)
let ieee ~exponent ~mantissa bits =
  let part low count = Z.to_int (Z.extract bits low count) in
  let e = part mantissa exponent and m = part 0 mantissa in
  if e = (1 lsl exponent) - 1 then Json.refuse "activations: not finite";
  let m = if e = 0 then m else m + (1 lsl mantissa) in
  let bias = (1 lsl (exponent - 1)) - 1 + mantissa in
  let sign = if Z.testbit bits (exponent + mantissa) then -1 else 1 in
  (Z.of_int (sign * m), Z.of_int (max e 1 - bias))

let signed size bits = (Z.signed_extract bits 0 (8 * size), Z.zero)
let unsigned _ bits = (bits, Z.zero)

(* Bytes per number, and what they mean. *)
let kind = function
  | "float16" -> (2, ieee ~exponent:5 ~mantissa:10)
  | "float32" -> (4, ieee ~exponent:8 ~mantissa:23)
  | "float64" -> (8, ieee ~exponent:11 ~mantissa:52)
  | "int8" -> (1, signed 1)
  | "int16" -> (2, signed 2)
  | "int32" -> (4, signed 4)
  | "int64" -> (8, signed 8)
  | "uint8" -> (1, unsigned 1)
  | "uint16" -> (2, unsigned 2)
  | "uint32" -> (4, unsigned 4)
  | "uint64" -> (8, unsigned 8)
  | other -> Json.refuse ("activations: cannot read numbers of type " ^ other)

let read content =
  let line = try String.index content '\n' with Not_found -> Json.refuse "activations: no first line" in
  match String.split_on_char ' ' (String.sub content 0 line) with
  | [ dtype; inputs; neurons ] ->
      let inputs, neurons = (int_of_string inputs, int_of_string neurons) in
      let size, number = kind dtype in
      if inputs < 1 || neurons < 1 || String.length content <> line + 1 + (inputs * neurons * size) then
        Json.refuse "activations: the file has another length than its first line says";
      let entry i j = number (Z.of_bits (String.sub content (line + 1 + (((i * neurons) + j) * size)) size)) in
      let columns = List.init neurons (fun j -> List.init inputs (fun i -> entry i j)) in
      { dtype; inputs; neurons; sha256 = Sha256.hexadecimal content; columns }
  | _ -> Json.refuse "activations: the first line is not: dtype inputs neurons"
