#include "cli/eval/excess_code.h"

#include <algorithm>
#include <cstdlib>

namespace seedling::cli {
namespace {

// Reads before.txt, answer.txt and whole.py, which holds the answer behind some lines; writes "excess/new".
constexpr std::string_view kTracer = R"python(
import difflib, os, sys
before, answer, whole = (open(name).read() for name in ('before.txt', 'answer.txt', 'whole.py'))
start = int(open('start.txt').read())
blocks = difflib.SequenceMatcher(None, before.splitlines(), answer.splitlines(), False).get_opcodes()
new = {start + line for kind, _, _, low, high in blocks if kind in ('replace', 'insert') for line in range(low, high)}
code = compile(whole, 'whole.py', 'exec')
runnable, seen, left = set(), set(), [code]
while left:
    part = left.pop()
    runnable.update(line for _, _, line in part.co_lines() if line)
    left += [const for const in part.co_consts if hasattr(const, 'co_lines')]
def trace(frame, event, _):
    if frame.f_code.co_filename != 'whole.py':
        return None
    seen.add(frame.f_lineno)
    return trace
sys.settrace(trace)
exec(code, {'__name__': '__main__'})
sys.settrace(None)
new &= runnable
os.write(3, b'%d/%d' % (len(new - seen), len(new)))
)python";

}  // namespace

Result<std::optional<double>> excess_code(const EvalCase& eval_case, const std::string& answer,
                                          const Sandbox& sandbox) {
  const WorkFolder folder;
  const TestFrame& test = *eval_case.test;
  const auto first_line = std::count(test.before.begin(), test.before.end(), '\n') + 1;
  TRY(folder.write("before.txt", eval_case.text));
  TRY(folder.write("answer.txt", answer));
  TRY(folder.write("whole.py", test.program(answer)));
  TRY(folder.write("start.txt", std::to_string(first_line)));
  const std::optional<std::string> report = TRY(sandbox.run_python(std::string(kTracer), folder));
  if (!report.has_value()) return std::optional<double>();
  const std::size_t slash = report->find('/');
  if (slash == std::string::npos) return std::optional<double>();
  const double excess = std::atof(report->c_str()), lines = std::atof(report->c_str() + slash + 1);
  return std::optional<double>(lines > 0 ? excess / lines : 0);
}

}  // namespace seedling::cli
