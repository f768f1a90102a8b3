(* spanmatch-checker CERTIFICATE X Y: whether the certificate proves its claim about the activations in the files X and
   Y. Exit status: 0 it does (the claim is printed), 1 it does not, 2 a file cannot be read.

   Believed are, of this file, that what is printed is what Checker.accepts was asked. *)

let contents path =
  let channel = open_in_bin path in
  Fun.protect ~finally:(fun () -> close_in channel) (fun () -> really_input_string channel (in_channel_length channel))

let demand = Advice.demand

let fields = [ "activations"; "claim"; "dead_neurons"; "epsilon"; "evictions"; "format"; "least_eigenvalue"; "match";
               "members"; "neuron"; "peeled"; "version" ] [@@ocamlformat "disable"]

(* p/q in lowest terms, in [0, 1). *)
let epsilon text =
  let number digits =
    demand (digits <> "" && String.for_all (fun c -> c >= '0' && c <= '9') digits) "epsilon: not p/q";
    Z.of_string digits
  in
  demand (String.length text <= 5000) "epsilon: too long";
  match String.split_on_char '/' text with
  | [ p; q ] ->
      let num = number p and den = number q in
      demand (Z.sign den > 0 && Z.lt num den && Z.equal (Z.gcd num den) Z.one) "epsilon: not p/q in [0, 1)";
      demand (Z.to_string num = p && Z.to_string den = q) "epsilon: not p/q in lowest terms";
      (num, den)
  | _ -> Json.refuse "epsilon: not p/q"

let check_identity json (read : Activations.t) name =
  let found = Json.field name json in
  demand
    (Json.names found = [ "dtype"; "sha256"; "shape" ]
    && Json.field "dtype" found = Json.Text read.dtype
    && Json.field "sha256" found = Json.Text read.sha256
    && Json.field "shape" found = Json.List [ Json.Integer read.inputs; Json.Integer read.neurons ])
    ("is of other activations: shape, dtype or hash differ, side " ^ name)

let check certificate (x : Activations.t) (y : Activations.t) =
  let field name = Json.field name certificate in
  demand (Json.names certificate = fields) "other fields than a certificate has";
  demand (field "format" = Json.Text "spanmatch certificate" && field "version" = Json.Integer 1) "another format";
  demand (Json.names (field "activations") = [ "x"; "y" ]) "other activations than x and y";
  check_identity (field "activations") x "x";
  check_identity (field "activations") y "y";
  let num, den = epsilon (Json.text (field "epsilon")) in
  let keep =
    match Json.text (field "dead_neurons") with
    | "match" -> true
    | "unmatched" | "drop" -> false
    | _ -> Json.refuse "dead_neurons is none of the policies"
  in
  let counts = (x.neurons, y.neurons) in
  let set name count =
    let indices = Advice.indices count (Json.field name (field "match")) in
    Array.init count (fun i -> List.mem i indices)
  in
  demand (Json.names (field "match") = [ "x"; "y" ]) "a match of other sides than x and y";
  let found = { Advice.x = set "x" x.neurons; y = set "y" y.neurons } in
  let neuron = match field "neuron" with Json.Null -> None | given -> Some (Advice.neuron counts given) in
  let claim, unused = if neuron = None then ("maximum match", "evictions") else ("minimal match", "peeled") in
  demand (field "claim" = Json.Text claim && field unused = Json.List []) "the claim is not that of its evidence";
  let start (a : Advice.side) (b : Advice.side) =
    { Advice.x = Array.map (fun live -> keep || live) a.live; y = Array.map (fun live -> keep || live) b.live }
  in
  let masks = (Array.to_list found.x, Array.to_list found.y) in
  let wanted = Option.map (fun (of_y, index) -> (of_y, Advice.nat index)) neuron in
  let advise = Advice.advise certificate found neuron start in
  demand (Checker.accepts advise x.columns y.columns num den keep masks wanted) "its evidence does not prove its claim";
  let name of_y = if of_y then "y" else "x" in
  let members mask =
    match List.concat (List.mapi (fun i member -> if member then [ string_of_int i ] else []) mask) with
    | [] -> "none"
    | found -> String.concat " " found
  in
  let prefix = match neuron with None -> "" | Some (of_y, index) -> Printf.sprintf "%s:%d-" (name of_y) index in
  Printf.printf "holds: %s%s at epsilon %s/%s, dead neurons: %s\nx: %s\ny: %s\n" prefix claim (Z.to_string num)
    (Z.to_string den) (Json.text (field "dead_neurons")) (members (fst masks)) (members (snd masks))

let () =
  match Sys.argv with
  | [| _; certificate; x; y |] -> (
      try
        let certificate = Json.read (contents certificate) in
        check certificate (Activations.read (contents x)) (Activations.read (contents y))
      with
      | Json.Refused what -> Printf.eprintf "certificate: %s; it proves nothing\n" what; exit 1
      | Sys_error what -> Printf.eprintf "%s\n" what; exit 2
      | Stack_overflow -> Printf.eprintf "too many inputs for the stack; try: ulimit -s unlimited\n"; exit 2
      | error -> Printf.eprintf "certificate: malformed (%s); it proves nothing\n" (Printexc.to_string error); exit 1)
  | _ -> prerr_endline "usage: spanmatch-checker CERTIFICATE X Y"; exit 2
