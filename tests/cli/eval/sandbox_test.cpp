// Programs that are right, wrong, greedy or sly, in every language that is here; and the confined child.
#include "cli/eval/sandbox.h"

#include "cli/eval/excess_code.h"
#include "tests/cli/program.h"

using namespace seedling;
using namespace seedling::test;
using namespace seedling::cli;

namespace {

const Sandbox& sandbox() {
  static const std::unique_ptr<Sandbox> opened = Sandbox::open();
  return *opened;
}

// "" where the program passes, else why not.
std::string fate_of(Runner runner, const std::string& program, std::vector<InputOutput> tests = {}) {
  const Result<ProgramRun> run = sandbox().run(runner, program, tests);
  REQUIRE(run.ok());
  CHECK(run->passed == run->why.empty());
  return run->why;
}

}  // namespace

TEST_CASE("sandbox: a Python program passes if it comes to its end") {
  CHECK(fate_of(Runner::python, "assert 1 + 1 == 2\n").empty());
  CHECK(fate_of(Runner::python, "assert 1 + 1 == 3\n") == "fails");
  CHECK(fate_of(Runner::python, "x = (\n") == "fails");
  CHECK(fate_of(Runner::python, "raise SystemExit(0)\n") == "leaves early");
  CHECK(fate_of(Runner::python, "import os; os._exit(0)\n") == "leaves early");
  CHECK(fate_of(Runner::python, "x = bytearray(1 << 33)\n") == "fails");
  CHECK(fate_of(Runner::python_syntax, "undeclared\n").empty());
  CHECK(fate_of(Runner::python_syntax, "x = (\n") == "fails");
}

TEST_CASE("sandbox: a program reads its input and prints, compared word by word") {
  const std::string doubles = "print(2 * int(input()), end=' \\n\\n')\n";
  CHECK(fate_of(Runner::python, doubles, {{"1", "2"}, {"4", "8\n"}}).empty());
  CHECK(fate_of(Runner::python, doubles, {{"1", "2"}, {"4", "9"}}) == "wrong output");
  CHECK(fate_of(Runner::python, "import sys; print('note', file=sys.stderr); print(1)", {{"", "1"}}).empty());
}

TEST_CASE("sandbox: compiled and other languages, where they are here") {
  if (sandbox().can_run(Runner::cpp)) {
    const std::string sum =
        "#include <bits/stdc++.h>\nint main() { int a, b; std::cin >> a >> b; std::cout << a + b; }\n";
    CHECK(fate_of(Runner::cpp, sum, {{"1 2", "3"}}).empty());
    CHECK(fate_of(Runner::cpp, "int main() { return 1; }\n") == "fails");
    CHECK(fate_of(Runner::cpp_syntax, "int main() { return x; }\n") == "does not compile");
    CHECK(fate_of(Runner::cpp_syntax, sum).empty());
  }
  if (sandbox().can_run(Runner::javascript)) {
    CHECK(fate_of(Runner::javascript, "console.assert(1 === 1)\n").empty());
    CHECK(fate_of(Runner::javascript, "console.assert(1 === 2)\n") == "fails");
    CHECK(fate_of(Runner::javascript, "process.exit(0)\n") == "leaves early");
    CHECK(fate_of(Runner::javascript_syntax, "let = = 1\n") == "fails");
  }
  if (sandbox().can_run(Runner::java)) {
    const std::string head = "public class Main { public static void main(String[] a) { ";
    CHECK(fate_of(Runner::java, head + "if (1 > 2) throw new AssertionError(); } }\n").empty());
    CHECK(fate_of(Runner::java, head + "throw new AssertionError(); } }\n") == "fails");
    CHECK(fate_of(Runner::java, head + "x } }\n") == "does not compile");
  }
}

TEST_CASE("sandbox: programs see neither our environment nor the network nor each other's files") {
  CHECK(fate_of(Runner::python, "import os; assert sorted(os.environ)[:2] == ['HOME', 'LANG'], os.environ\n")
            .empty());
  CHECK(fate_of(Runner::python, "import os; assert os.listdir('.') == ['program.py']; open('x', 'w')\n")
            .empty());
  CHECK(fate_of(Runner::python, "import os; assert os.listdir('.') == ['program.py']\n").empty());
  if (!sandbox().is_offline()) return;
  const std::string connects =
      "import socket\n"
      "try: socket.create_connection(('127.0.0.1', 9), 1)\n"
      "except ConnectionRefusedError: raise SystemExit(1)\n"
      "except OSError: pass\n";
  CHECK(fate_of(Runner::python, connects).empty());  // unreachable, not refused
}

TEST_CASE("child process: limits hold and output comes back") {
  ChildCommand command;
  command.arguments = {"/bin/sh", "-c", "cat; echo out; echo err >&2; echo report >&3; exit 3"};
  command.keeps_output = command.keeps_report = true;
  TemporaryFolder folder;
  write_text(folder / "in", "given\n");
  command.input_file = folder / "in";
  const auto said = run_child(command);
  REQUIRE(said.ok());
  CHECK(said.value().exit_code == 3);
  CHECK(said.value().output == "given\nout\nerr\n");
  CHECK(said.value().report == "report\n");
  command.drops_errors = true;
  CHECK(run_child(command).value().output == "given\nout\n");

  ChildCommand slow;
  slow.arguments = {"/bin/sh", "-c", "sleep 600 & sleep 600"};
  slow.wall_seconds = 1;
  CHECK(run_child(slow).value().timed_out);
  ChildCommand busy;
  busy.arguments = {"/bin/sh", "-c", "while :; do :; done"};
  busy.cpu_seconds = 1;
  const auto killed = run_child(busy);
  CHECK(killed.value().exit_code == -1);
  CHECK_FALSE(killed.value().timed_out);
}

TEST_CASE("excess code: the new lines that no test runs") {
  EvalCase edit;
  edit.language = "python";
  edit.text = "def f(x):\n    return x\n";
  edit.test = TestFrame{Runner::python, "import math\n", "\nassert f(1) == 2\n", {}};
  const auto excess = [&](const std::string& answer) { return excess_code(edit, answer, sandbox()).value(); };
  CHECK(excess("def f(x):\n    return x + 1\n") == 0.0);
  const std::string half = "def f(x):\n    if x > 5:\n        return 9\n    return x + 1\n";
  CHECK(*excess(half) == doctest::Approx(1.0 / 3));
  CHECK(excess("def f(x):\n    # note\n    return x\n") == std::nullopt);  // its test fails
}
