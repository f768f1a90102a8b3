# spanmatch conform --command "julia julia.jl"; needs the package JSON
using JSON, LinearAlgebra

function max_match(X, Y, epsilon)  # your implementation
    x, y = collect(axes(X, 2)), collect(axes(Y, 2))
    while true
        before = length(x) + length(y)
        x = x[covered(X[:, x], Y[:, y], epsilon)]
        y = y[covered(Y[:, y], X[:, x], epsilon)]
        length(x) + length(y) == before && return x, y
    end
end

function covered(own, other, epsilon)
    left = size(other, 2) == 0 ? own : own - other * (pinv(other) * own)
    return lengths(left) .<= (epsilon + 1e-12) .* lengths(own)
end

lengths(Z) = Float64[norm(column) for column in eachcol(Z)]

matrix(rows) = Float64.(permutedims(reduce(hcat, rows)))

function answer_to(asked)
    asked["ask"] == "describe" && return Dict("functions" => ["max_match"], "name" => "Julia")
    x, y = max_match(matrix(asked["X"]), matrix(asked["Y"]), asked["epsilon"])
    return [x .- 1, y .- 1]  # indices from 0
end

for line in eachline(stdin)
    reply = try
        Dict("answer" => answer_to(JSON.parse(line)))
    catch problem
        Dict("error" => sprint(showerror, problem))
    end
    println(JSON.json(reply))
    flush(stdout)
end
