(* JSON as certificates use it: objects, lists, strings without escapes, integers, true, false and null. Anything else
   is refused: fractions, escapes, a field that stands twice, text after the end. *)

type t = Null | Bool of bool | Integer of int | Text of string | List of t list | Object of (string * t) list

exception Refused of string

let refuse what = raise (Refused what)

let read text =
  let at = ref 0 in
  let peek () = if !at < String.length text then text.[!at] else refuse "JSON: ends too early" in
  let rec space () =
    if !at < String.length text && String.contains " \t\r\n" text.[!at] then (incr at; space ())
  in
  let next () = space (); peek () in
  let expect c = if next () = c then incr at else refuse (Printf.sprintf "JSON: no %c at byte %d" c !at) in
  let word letters value =
    let length = String.length letters in
    if !at + length <= String.length text && String.sub text !at length = letters then (at := !at + length; value)
    else refuse (Printf.sprintf "JSON: no value at byte %d" !at)
  in
  let take good =
    let start = !at in
    while good (peek ()) do incr at done;
    String.sub text start (!at - start)
  in
  let quoted () =
    expect '"';
    let found = take (fun c -> c <> '"' && c <> '\\' && c >= ' ') in
    expect '"';
    found
  in
  let integer () =
    let start = !at in
    if peek () = '-' then incr at;
    ignore (take (fun c -> c >= '0' && c <= '9'));
    match int_of_string_opt (String.sub text start (!at - start)) with
    | Some n when not (String.contains ".eE" (peek ())) -> Integer n
    | _ -> refuse (Printf.sprintf "JSON: no integer at byte %d" start)
  in
  let several last item =
    incr at;
    if next () = last then (incr at; [])
    else
      let rec more found =
        let found = item () :: found in
        if next () = ',' then (incr at; more found) else (expect last; List.rev found)
      in
      more []
  in
  let rec value () =
    match next () with
    | '{' ->
        let fields = several '}' (fun () -> space (); let name = quoted () in expect ':'; (name, value ())) in
        if List.length (List.sort_uniq compare (List.map fst fields)) < List.length fields then
          refuse "JSON: a field stands twice";
        Object fields
    | '[' -> List (several ']' value)
    | '"' -> Text (quoted ())
    | 'n' -> word "null" Null
    | 't' -> word "true" (Bool true)
    | 'f' -> word "false" (Bool false)
    | _ -> integer ()
  in
  let found = value () in
  space ();
  if !at < String.length text then refuse "JSON: text after the end" else found

let field name = function
  | Object fields -> (try List.assoc name fields with Not_found -> refuse ("no field " ^ name))
  | _ -> refuse ("no object with a field " ^ name)

let names = function Object fields -> List.sort compare (List.map fst fields) | _ -> refuse "no object"
let list = function List items -> items | _ -> refuse "no list"
let text = function Text found -> found | _ -> refuse "no text"
let integer = function Integer n -> n | _ -> refuse "no integer"
