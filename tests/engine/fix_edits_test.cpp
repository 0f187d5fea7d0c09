#include "engine/fix_edits.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "engine/candidate_check.h"

using namespace seedling;

namespace {

struct Complaint {
  Snapshot snapshot;
  Diagnostic diagnostic;
};

// '^' marks the place.
Complaint complaint(std::string_view marked, std::string message, std::string language = "cpp") {
  Complaint made;
  const auto place = static_cast<std::uint32_t>(marked.find('^'));
  made.snapshot.text = std::string(marked.substr(0, place)) + std::string(marked.substr(place + 1));
  made.snapshot.language = std::move(language);
  made.snapshot.path = "a";
  made.diagnostic.range = {ByteOffset{place}, ByteOffset{place}};
  made.diagnostic.message = std::move(message);
  return made;
}

bool reaches(const Complaint& c, std::string_view wanted, bool due = false) {
  const SmallEdits small = small_edits(c.snapshot, c.diagnostic);
  return std::ranges::any_of(small.edits, [&](const Edit& edit) {
    return with_edit(c.snapshot.text, edit) == wanted && (!due || small.is_due(edit));
  });
}

}  // namespace

TEST_CASE("small edits: what is missing is inserted with the blanks of the text") {
  CHECK(reaches(complaint("int f(int n) {\n  cin >> ^;\n}\n", "expected primary-expression before ';' token"),
                "int f(int n) {\n  cin >> n ;\n}\n"));
  CHECK(
      reaches(complaint("int f(int* a, int i) { return a[^]; }\n", "expected primary-expression before ']'"),
              "int f(int* a, int i) { return a[i]; }\n", true));
  CHECK(reaches(complaint("int f(int i) {\n  int k = i\n  ^return k;\n}\n", "expected ';' before 'return'"),
                "int f(int i) {\n  int k = i;\n  return k;\n}\n"));
}

TEST_CASE("small edits: a token is deleted or another one, also with its comma") {
  CHECK(reaches(complaint("int a , b ,^ , c ;\n", "expected unqualified-id before ',' token"),
                "int a , b , c ;\n"));
  CHECK(reaches(complaint("int l, r, n, ^r;\n", "redeclaration of 'int r'"), "int l, r, n;\n", true));
  CHECK(reaches(
      complaint("void f() { cout ^< 1; }\n", "no match for \xE2\x80\x98operator<\xE2\x80\x99 (operand"),
      "void f() { cout << 1; }\n", true));
}

TEST_CASE("small edits: an undeclared name is declared, or is one that is declared and never used") {
  const Complaint loop = complaint("int f(int n) {\n  for (int t; ^i < n; i++) {}\n  return n;\n}\n",
                                   "'i' was not declared in this scope");
  CHECK(reaches(loop, "int f(int n) {\n  for (int i; i < n; i++) {}\n  return n;\n}\n", true));
  CHECK(reaches(loop, "int f(int n) {\n  int i = 0;\n  for (int t; i < n; i++) {}\n  return n;\n}\n", true));
  // It stands again, so that another word at one place leaves the mistake.
  CHECK(!reaches(loop, "int f(int n) {\n  for (int t; n < n; i++) {}\n  return n;\n}\n", true));
  CHECK(reaches(complaint("int main() {\n  ^x = 1;\n}\n", "'x' was not declared"),
                "int main() {\n  int x = 1;\n}\n", true));
  CHECK(!reaches(complaint("int main() {\n  ^x = 1;\n}\n", "'x' was not declared"),
                 "int x() {\n  x = 1;\n}\n"));
  // Where it is rather to be imported, and where there would be nothing left, nothing is made up.
  const Complaint script = complaint("def f():\n    print(^y)\n", "undefined name 'y'", "python");
  CHECK(!reaches(script, "def f():\n    y = None\n    print(y)\n"));
  CHECK(!reaches(script, "def f():\n    print()\n", true));
}

TEST_CASE("small edits: what the tool asks whether it was meant is among them, and known") {
  const Complaint typo =
      complaint("let n = w.^lenght;\n",
                "Property 'lenght' does not exist on type 'string'. Did you mean 'length'?", "typescript");
  CHECK(reaches(typo, "let n = w.length;\n", true));
  const SmallEdits small = small_edits(typo.snapshot, typo.diagnostic);
  CHECK(small.suggested == "length");
  CHECK(std::ranges::count_if(small.edits, [&](const Edit& e) { return small.is_suggested(e); }) == 1);
  const auto suggested = [](const char* message) {
    const Complaint c = complaint("int f() { return ^fo; }\n", message);
    return small_edits(c.snapshot, c.diagnostic).suggested;
  };
  CHECK(suggested("'fo' was not declared in this scope; did you mean 'foo'?") == "foo");
  CHECK(suggested("\xE2\x80\x98"
                  "fo\xE2\x80\x99 undeclared; did you mean \xE2\x80\x98"
                  "f\xE2\x80\x99?") == "f");
  CHECK(suggested("name 'fo' is not defined. Did you mean: 'foo'?") == "foo");
  CHECK(suggested("'fo' is odd; did you mean it?").empty());
  CHECK(suggested("'other' is odd; did you mean 'foo'?").empty());
}

TEST_CASE("small edits: their number is bounded, they lie in their lines, and any place will do") {
  std::string text;
  for (int i = 0; i < 400; ++i)
    text += "name" + std::to_string(i) + " = value + name" + std::to_string(i / 2) + ";\n";
  for (const std::size_t place : {std::size_t{0}, text.size() / 2, text.size(), text.size() + 9}) {
    Complaint c = complaint("^", "");
    c.snapshot.text = text;
    c.diagnostic.range.begin = c.diagnostic.range.end = ByteOffset{static_cast<std::uint32_t>(place)};
    const SmallEdits small = small_edits(c.snapshot, c.diagnostic);
    CHECK(small.edits.size() < 400);
    for (const Edit& edit : small.edits) {
      CHECK(edit.range.begin >= small.lines.begin);
      CHECK(edit.range.end <= small.lines.end);
    }
  }
  CHECK(small_edits(complaint("^", "").snapshot, complaint("^", "").diagnostic).edits.empty());
  CHECK(small_edits(complaint(" \n^ \n", "").snapshot, complaint(" \n^ \n", "").diagnostic).edits.empty());
}
