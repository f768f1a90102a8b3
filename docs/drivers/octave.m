% spanmatch conform --command "octave-cli --quiet octave.m"
1;  % a script file, not a function file
function [x, y] = max_match(X, Y, epsilon)  % your implementation
  x = 1:columns(X);
  y = 1:columns(Y);
  do
    before = [numel(x), numel(y)];
    x = x(covered(X(:, x), Y(:, y), epsilon));
    y = y(covered(Y(:, y), X(:, x), epsilon));
  until isequal(before, [numel(x), numel(y)])
end
function kept = covered(own, other, epsilon)
  left = own;
  if columns(other) > 0
    left = own - other * (pinv(other) * own);
  end
  kept = sqrt(sum(left .^ 2, 1)) <= (epsilon + 1e-12) * sqrt(sum(own .^ 2, 1));
end
while true
  try
    line = input('', 's');
  catch
    exit(0);  % no more questions
  end
  try
    asked = jsondecode(line);
    switch asked.ask
      case 'describe'
        answer = struct('functions', {{'max_match'}});
      case 'max_match'
        [x, y] = max_match(asked.X, asked.Y, asked.epsilon);
        answer = {num2cell(x - 1), num2cell(y - 1)};  % indices from 0, and lists also of one
    end
    reply = struct('answer', {answer});
  catch problem
    reply = struct('error', problem.message);
  end
  printf('%s\n', jsonencode(reply));
  fflush(stdout);
end
