(* SHA-256 (FIPS 180-4) of a string, in hexadecimal. *)

let mask = 0xffffffff

(* The first 32 bits of the fractional part of a root of the first primes, exactly: floor of the root of p * 2^(32 k). *)
let primes count =
  let rec next found candidate =
    if List.length found = count then List.rev found
    else
      let composite = List.exists (fun p -> candidate mod p = 0) found in
      next (if composite then found else candidate :: found) (candidate + 1)
  in
  next [] 2

let fraction degree p = Z.to_int (Z.logand (Z.root (Z.shift_left (Z.of_int p) (32 * degree)) degree) (Z.of_int mask))
let constants = Array.of_list (List.map (fraction 3) (primes 64))
let initial = Array.of_list (List.map (fraction 2) (primes 8))
let rotate x n = ((x lsr n) lor (x lsl (32 - n))) land mask

let compress state block offset =
  let w = Array.make 64 0 in
  for t = 0 to 15 do
    w.(t) <- Int32.to_int (Bytes.get_int32_be block (offset + (4 * t))) land mask
  done;
  for t = 16 to 63 do
    let s0 = rotate w.(t - 15) 7 lxor rotate w.(t - 15) 18 lxor (w.(t - 15) lsr 3) in
    let s1 = rotate w.(t - 2) 17 lxor rotate w.(t - 2) 19 lxor (w.(t - 2) lsr 10) in
    w.(t) <- (w.(t - 16) + s0 + w.(t - 7) + s1) land mask
  done;
  let v = Array.copy state in
  for t = 0 to 63 do
    let s1 = rotate v.(4) 6 lxor rotate v.(4) 11 lxor rotate v.(4) 25 in
    let choice = (v.(4) land v.(5)) lxor (lnot v.(4) land mask land v.(6)) in
    let one = v.(7) + s1 + choice + constants.(t) + w.(t) in
    let s0 = rotate v.(0) 2 lxor rotate v.(0) 13 lxor rotate v.(0) 22 in
    let majority = (v.(0) land v.(1)) lxor (v.(0) land v.(2)) lxor (v.(1) land v.(2)) in
    Array.blit v 0 v 1 7;
    v.(4) <- (v.(4) + one) land mask;
    v.(0) <- (one + s0 + majority) land mask
  done;
  Array.iteri (fun k x -> state.(k) <- (state.(k) + x) land mask) v

let hexadecimal text =
  let length = String.length text in
  let blocks = (length + 9 + 63) / 64 in
  let padded = Bytes.make (64 * blocks) '\000' in
  Bytes.blit_string text 0 padded 0 length;
  Bytes.set padded length '\x80';
  Bytes.set_int64_be padded ((64 * blocks) - 8) (Int64.of_int (8 * length));
  let state = Array.copy initial in
  for k = 0 to blocks - 1 do
    compress state padded (64 * k)
  done;
  String.concat "" (Array.to_list (Array.map (Printf.sprintf "%08x") state))
