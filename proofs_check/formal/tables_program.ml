(* Reads one cover per line, runs the proved programs on it, writes one line of answers.

   Input:  N level cap, then for each neuron z = 0 .. N-1 its 2^N residuals, one for each set of neurons
           (a set is the number whose bit i says whether neuron i is in it; what a neuron's residual is for
           sets with members of its own network is up to the table: make it ignore them).
           Residuals are integers, no larger for a larger set; z is covered when its residual <= level.
   Output: the maximum match as a number, then for each neuron its minimal match by deletion (-1 when it is not in
           the maximum match), then for each neuron its radius, at most cap. *)

let mask set = List.fold_left (fun bits z -> bits lor (1 lsl z)) 0 set

let answer line =
  let words = List.filter (fun word -> word <> "") (String.split_on_char ' ' line) in
  match List.map int_of_string words with
  | n :: level :: cap :: values ->
      let table = Array.of_list values in
      let sets = 1 lsl n in
      if Array.length table <> n * sets then failwith "a line needs N * 2^N residuals after N, level and cap";
      let residual z set = table.((z * sets) + mask set) in
      let cover z set = residual z set <= level in
      let all = List.init n (fun z -> z) in
      let maximum = Match_tables.table_maximum cover all in
      let minimal v = if List.mem v maximum then mask (Match_tables.table_minimal cover v all) else -1 in
      let radii = Match_tables.table_radii residual cap all in
      let numbers = (mask maximum :: List.map minimal all) @ List.map (fun v -> List.assoc v radii) all in
      String.concat " " (List.map string_of_int numbers)
  | _ -> failwith "a line needs N, level, cap and the residuals"

let () =
  try
    while true do
      print_endline (answer (input_line stdin))
    done
  with End_of_file -> ()
