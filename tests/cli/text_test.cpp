// The pure parts of the command line: places, diffs, what other tools print, JSON and the view of the steps.
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>

#include "cli/diagnostics_input.h"
#include "cli/document.h"
#include "cli/json_object.h"
#include "cli/steps_view.h"
#include "cli/unified_diff.h"
#include "tests/cli/program.h"

using namespace seedling;
using namespace seedling::test;
using namespace seedling::cli;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    lines.push_back(text.substr(at, end - at));
    at = end;
  }
  return lines;
}

// A patch program of its own: every line of context and every removed line has to stand where the diff says.
std::string patched(const std::string& before, const std::string& diff) {
  const std::vector<std::string> old_lines = lines_of(before), rows = lines_of(diff);
  std::string after;
  std::size_t at = 0;
  for (std::size_t i = 2; i < rows.size(); ++i) {
    if (rows[i].starts_with("@@")) {
      std::size_t first = 0, length = 1;
      const int found = std::sscanf(rows[i].c_str(), "@@ -%zu,%zu", &first, &length);
      REQUIRE(found >= 1);
      const std::size_t begin = found == 2 && length == 0 ? first : first - 1;
      REQUIRE(begin >= at);
      while (at < begin) after += old_lines.at(at++);
      continue;
    }
    std::string line = rows[i].substr(1);
    if (i + 1 < rows.size() && rows[i + 1].starts_with("\\")) line.pop_back();
    if (rows[i][0] == '+') after += line;
    if (rows[i][0] == ' ' || rows[i][0] == '-') {
      REQUIRE(at < old_lines.size());
      REQUIRE(old_lines[at] == line);
      if (rows[i][0] == ' ') after += line;
      ++at;
    }
  }
  while (at < old_lines.size()) after += old_lines[at++];
  return after;
}

Snapshot python(const std::string& text) {
  Snapshot snapshot;
  snapshot.path = "pkg/a.py";
  snapshot.language = "python";
  snapshot.text = text;
  return snapshot;
}

// Each as LINE:COL+LENGTH [code] message.
std::vector<std::string> said(const std::string& output, const Snapshot& snapshot) {
  std::vector<std::string> result;
  for (const Diagnostic& diagnostic : diagnostics_in(output, snapshot)) {
    const LineColumn at = position_of(snapshot.text, diagnostic.range.begin);
    std::ostringstream text;
    text << at.line << ":" << at.column << "+" << diagnostic.range.size() << " ";
    if (!diagnostic.code.empty()) text << "[" << diagnostic.code << "] ";
    text << diagnostic.message;
    result.push_back(text.str());
  }
  return result;
}

}  // namespace

TEST_CASE("place: file, line and column from the right") {
  const auto place = parse_place("C:/odd:name.py:12:5");
  REQUIRE(place.ok());
  CHECK(place.value().file == "C:/odd:name.py");
  CHECK(place.value().begin.line == 12);
  CHECK(place.value().begin.column == 5);
  CHECK_FALSE(place.value().end.has_value());
  const auto range = parse_place("my-file.py:1:2-3:4");
  REQUIRE(range.ok());
  CHECK(range.value().file == "my-file.py");
  CHECK(range.value().end->line == 3);
  for (const char* wrong :
       {"", "a.py", "a.py:1", ":1:2", "a.py:1:x", "a.py:1:-2", "a.py:1:2-3", "a.py:99999999999:1"}) {
    CHECK_MESSAGE(!parse_place(wrong).ok(), wrong);
  }
}

TEST_CASE("position: columns count characters, lines may end with CR LF") {
  const Snapshot snapshot = python("a = 'ä🌱'\r\nb\r\n");
  CHECK(offset_of(snapshot, {1, 8}).value().value == 11);
  CHECK(offset_of(snapshot, {1, 9}).value().value == 12);
  CHECK_FALSE(offset_of(snapshot, {1, 10}).ok());
  CHECK(offset_of(snapshot, {3, 1}).value().value == snapshot.text.size());
  CHECK_FALSE(offset_of(snapshot, {4, 1}).ok());
  CHECK(clamped_offset_of(snapshot, {1, 99}).value == 12);
  CHECK(clamped_offset_of(snapshot, {99, 1}).value == snapshot.text.size());
  const LineColumn back = position_of(snapshot.text, ByteOffset{11});
  CHECK(back.line == 1);
  CHECK(back.column == 8);
}

TEST_CASE("unified diff: a worked example") {
  CHECK(unified_diff("a\nb\n", "a\nb\n", "x").empty());
  CHECK(unified_diff("1\n2\n3\n4\n5\n", "1\n2\n3\n4\nfive", "./d/x.py") ==
        "--- a/d/x.py\n+++ b/d/x.py\n@@ -2,4 +2,4 @@\n 2\n 3\n 4\n-5\n+five\n\\ No newline at end of file\n");
  CHECK(unified_diff("", "a\n", "/x") == "--- /x\n+++ /x\n@@ -0,0 +1 @@\n+a\n");
}

TEST_CASE("unified diff: patching gives the new text") {
  const std::uint64_t seed = 20261123;
  MESSAGE("seed ", seed);
  std::mt19937_64 random(seed);
  const auto text = [&](int lines) {
    std::string result;
    for (int i = 0; i < lines; ++i) result += std::string(1, static_cast<char>('a' + random() % 4)) + "\n";
    if (random() % 3 == 0 && !result.empty()) result.pop_back();
    return result;
  };
  for (int round = 0; round < 500; ++round) {
    const std::string before = text(static_cast<int>(random() % 40));
    std::vector<std::string> lines = lines_of(before);
    for (int change = 0; change < 3; ++change) {
      const std::size_t at = lines.empty() ? 0 : random() % lines.size();
      if (random() % 2 == 0 && !lines.empty())
        lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(at));
      else
        lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at), "new\n");
    }
    std::string after;
    for (const std::string& line : lines) after += line;
    const std::string diff = unified_diff(before, after, "x");
    INFO("round ", round, "\n", diff);
    CHECK(patched(before, diff) == after);
    const std::string other = text(20);
    CHECK(patched(before, unified_diff(before, other, "x")) == other);
  }
}

TEST_CASE("diagnostics: what compilers and linters print") {
  const Snapshot snapshot = python("import os\n\ndef f(price):\n    return prise * 2\n");
  using Said = std::vector<std::string>;
  CHECK(said("pkg/a.py:4:12: error: use of undeclared 'prise'\n", snapshot) ==
        Said{"4:12+0 use of undeclared 'prise'"});
  CHECK(said("pkg/a.py:4:12: F821 Undefined name `prise`\npkg/a.py:4:12: note: here\nFound 1 error.\n",
             snapshot) == Said{"4:12+0 [F821] Undefined name `prise`"});
  CHECK(said("\033[1mpkg/a.py\033[0m:4: undefined name 'prise'\n", snapshot) ==
        Said{"4:12+5 undefined name 'prise'"});
  CHECK(said("pkg/a.py(4,12): error TS2304: Cannot find name 'prise'.\n", snapshot) ==
        Said{"4:12+0 [TS2304] Cannot find name 'prise'."});
  CHECK(said("other/a.py:4:12: error: no\nb.py:1:1: no\nbuilding: 100 %\n12:30:01 done\n", snapshot).empty());
  CHECK(said("pkg/a.py:99:1: error: past the end\n", snapshot) == Said{"5:1+0 past the end"});
  // In the order of the text, without repetitions.
  CHECK(said("pkg/a.py:4: b\npkg/a.py:1: a\npkg/a.py:4: b\n", snapshot) == Said{"1:1+9 a", "4:5+16 b"});
}

TEST_CASE("diagnostics: what Python and pytest print") {
  using Said = std::vector<std::string>;
  const Snapshot names = python("def f(price):\n    return prise * 2\n\nf(1)\n");
  CHECK(said("Traceback (most recent call last):\n"
             "  File \"pkg/a.py\", line 4, in <module>\n    f(1)\n"
             "  File \"pkg/a.py\", line 2, in f\n    return prise * 2\n           ^^^^^\n"
             "NameError: name 'prise' is not defined\n",
             names) == Said{"2:12+5 NameError: name 'prise' is not defined"});
  CHECK(said("E   NameError: name 'prise' is not defined\n\npkg/a.py:2: NameError\n", names) ==
        Said{"2:12+5 NameError: name 'prise' is not defined"});
  const Snapshot broken = python("if True:\n    print(1\n");
  CHECK(said("  File \"pkg/a.py\", line 2\n    print(1\n         ^\nSyntaxError: '(' was never closed\n",
             broken) == Said{"2:10+0 SyntaxError: '(' was never closed"});
  CHECK(said("  File \"/usr/lib/x.py\", line 2\nSyntaxError: no\n", broken).empty());
}

TEST_CASE("json: what is written is read back") {
  JsonObject object;
  object.add("text", std::string("a\"\\\n\t\x01 ä🌱")).add("bad", std::string("\xff\xc3")).add("yes", true);
  object.add("count", 3).add("share", 0.25).add("none", std::optional<double>()).add("inf", 1.0 / 0.0);
  const nlohmann::json read = nlohmann::json::parse(object.text());
  CHECK(read["text"] == "a\"\\\n\t\x01 ä🌱");
  CHECK(read["bad"] == "\uFFFD\uFFFD");
  CHECK(read["yes"] == true);
  CHECK(read["count"] == 3);
  CHECK(read["share"] == 0.25);
  CHECK_FALSE(read.contains("none"));
  CHECK(read["inf"].is_null());
}

TEST_CASE("steps: masks, new tokens and control characters") {
  const auto model = load_tiny_model();
  const Tokenizer& tokenizer = *model->tokenizer;
  const DiffusionConfig& special = model->config.diffusion;
  Canvas canvas{special.mask, special.end, {}, {}, {}, 0};
  open_block(canvas, 4);
  StepsView plain(tokenizer, false), colored(tokenizer, true);
  commit(canvas, 1, tokenizer.encode("\033").front(), 0.05f);
  CHECK(plain.line_of({canvas, 0, 0}) == "step   1  block  1    1/4    0.05  ░\uFFFD░░\n");
  CHECK(colored.line_of({canvas, 0, 0}).find("\033[1;38;5;196m\uFFFD\033[0m") != std::string::npos);
  commit(canvas, 0, tokenizer.encode("\n").front(), 0.95f);
  commit(canvas, 2, special.end, 0.5f);
  CHECK(plain.line_of({canvas, 0, 1}) == "step   2  block  1    3/3    0.50  ⏎\uFFFD■\n");
  const std::string second = colored.line_of({canvas, 0, 1});
  CHECK(second.find("\033[1;38;5;46m⏎") != std::string::npos);
  CHECK(second.find("\033[38;5;196m\uFFFD") != std::string::npos);
  // A character of two tokens comes out whole.
  Canvas umlaut{special.mask, special.end, {}, {}, {}, 0};
  open_block(umlaut, 2);
  const std::vector<TokenId> pieces = tokenizer.encode("ä");
  REQUIRE(pieces.size() == 2);
  commit(umlaut, 0, pieces[0], 0.5f);
  StepsView halves(tokenizer, false);
  CHECK(halves.line_of({umlaut, 0, 0}).ends_with("  \uFFFD░\n"));
  commit(umlaut, 1, pieces[1], 0.5f);
  CHECK(halves.line_of({umlaut, 0, 1}).ends_with("  ä\n"));
}

TEST_CASE("steps: the completed text in its surroundings") {
  const std::string text = "1\n2\n3\n4\nx = \n6\n7\n8\n9\n";
  CHECK(surroundings_of(text, 12, "f(\n)", false) ==
        "    2   2\n    3   3\n    4   4\n    5 + x = f(\n    6 + )\n    7   6\n    8   7\n    9   8\n");
  CHECK(surroundings_of(text, 12, "f()", true).find("x = \033[1;32mf()\033[0m\n") != std::string::npos);
  CHECK(surroundings_of("", 0, "a", false) == "    1 + a\n");
}
