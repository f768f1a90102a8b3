# spanmatch conform --command "Rscript r.R"; needs the package jsonlite
suppressMessages(library(jsonlite))
max_match <- function(X, Y, epsilon) {  # your implementation
  x <- seq_len(ncol(X))
  y <- seq_len(ncol(Y))
  repeat {
    before <- length(x) + length(y)
    x <- x[covered(X[, x, drop = FALSE], Y[, y, drop = FALSE], epsilon)]
    y <- y[covered(Y[, y, drop = FALSE], X[, x, drop = FALSE], epsilon)]
    if (length(x) + length(y) == before) return(list(x, y))
  }
}
covered <- function(own, other, epsilon) {
  left <- own
  if (ncol(other) > 0 && ncol(own) > 0) left <- qr.resid(qr(other, LAPACK = FALSE, tol = 1e-10), own)
  sqrt(colSums(left^2)) <= (epsilon + 1e-12) * sqrt(colSums(own^2))
}
answer_to <- function(asked) {
  if (asked$ask == "describe") return(list(functions = I("max_match"), name = "R"))
  rows <- function(Z) do.call(rbind, lapply(Z, as.numeric))
  match <- max_match(rows(asked$X), rows(asked$Y), asked$epsilon)
  lapply(match, function(side) I(side - 1))  # indices from 0, and lists also of one
}
questions <- file("stdin", "r")
while (length(line <- readLines(questions, n = 1)) > 0) {
  reply <- tryCatch(
    list(answer = answer_to(fromJSON(line, simplifyVector = FALSE))),
    error = function(problem) list(error = conditionMessage(problem))
  )
  cat(toJSON(reply, auto_unbox = TRUE), "\n", sep = "")
  flush(stdout())
}
