#include "engine/train/corpus/diagnosed.h"

#include <doctest/doctest.h>

namespace {

using namespace seedling;

// The mistake that turns `right` into `wrong`, as small as can be.
Mistake between(std::string_view right, std::string_view wrong) {
  std::size_t front = 0, back = 0;
  while (front < std::min(right.size(), wrong.size()) && right[front] == wrong[front]) ++front;
  while (back < std::min(right.size(), wrong.size()) - front &&
         right[right.size() - 1 - back] == wrong[wrong.size() - 1 - back])
    ++back;
  return {MistakeKind::misspelt_name, front, right.size() - back,
          std::string(wrong.substr(front, wrong.size() - back - front))};
}

TEST_CASE(
    "a diagnosed mistake is cut as a fix cuts it: the statement with its draft, and the smallest hole") {
  const TextFile file{"python", "a/b.py", "p", "name = 1\nprint(name)\nx = 2\n"};
  const Mistake mistake = between(file.text, "name = 1\nprint(nmae)\nx = 2\n");
  const std::vector<Sample> samples = samples_of(file, mistake, {2, 7, "undefined name 'nmae'"});
  REQUIRE(samples.size() == 2);
  CHECK(samples[0].draft == "print(nmae)");
  CHECK(samples[0].middle == "print(name)");
  CHECK(samples[0].message == "undefined name 'nmae'");
  CHECK(samples[0].path == "a/b.py");
  CHECK(samples[1].draft == "");
  CHECK(samples[1].middle == "name");
  for (const Sample& sample : samples) CHECK(sample.prefix + sample.middle + sample.suffix == file.text);
}

TEST_CASE("what is missing belongs into the hole where a tool looks for it") {
  const TextFile file{"python", "a.py", "p", "def f(a):\n    return (a + 1)\n\ny = 2\n"};
  const Mistake mistake = between(file.text, "def f(a)\n    return (a + 1)\n\ny = 2\n");
  const std::vector<Sample> samples = samples_of(file, mistake, {1, 9, "expected ':'"});
  REQUIRE(!samples.empty());
  for (const Sample& sample : samples) CHECK(sample.prefix + sample.middle + sample.suffix == file.text);
  CHECK(samples.back().middle == ":");
}

TEST_CASE("a message far from its mistake, or none at all, teaches nothing") {
  const TextFile file{"python", "a.py", "p", "a = (1)\nb = 2\nc = 3\nd = 4\ne = 5\n"};
  const Mistake mistake = between(file.text, "a = (1\nb = 2\nc = 3\nd = 4\ne = 5\n");
  CHECK(samples_of(file, mistake, {5, 3, "invalid syntax"}).empty());
  CHECK(samples_of(file, mistake, {}).empty());
  CHECK(samples_of(file, mistake, {900, 900, "beyond the end"}).empty());
}

TEST_CASE("a tool says what is new in a mistaken version, and nothing of what was there before") {
  // Python and g++ are there wherever this is built.
  const ToolJob python{"python", "a = 1\nb = a\n", {"a = (1\nb = a\n", "a = 1\nb = a\n", "a = 1\nif b\n"}};
  const auto said = diagnose(DiagnosingTool::python, {python}, 60, {});
  REQUIRE(said.ok());
  REQUIRE(said.value().size() == 1);
  CHECK(said.value()[0][0].text == "'(' was never closed");
  CHECK(said.value()[0][0].line == 1);
  CHECK(said.value()[0][0].column == 5);
  CHECK(said.value()[0][1].line == 0);
  CHECK(said.value()[0][2].line == 2);

  const ToolJob cpp{
      "cpp",
      "#include \"not/there.h\"\n#include <stddef.h>\nmissing_type y;\nsize_t f(int a) { return a; }\n",
      {"#include \"not/there.h\"\n#include <stddef.h>\nmissing_type y;\nsize_t f(int a) { return b; }\n"}};
  const auto gcc = diagnose(DiagnosingTool::gcc, {cpp}, 60, {});
  REQUIRE(gcc.ok());
  CHECK(gcc.value()[0][0].line == 4);
  CHECK(gcc.value()[0][0].text.find("'b' was not declared in this scope") != std::string::npos);
}

TEST_CASE("samples are made of files; a tool's budget ends it") {
  std::vector<TextFile> files;
  for (int i = 0; i < 6; ++i) {
    std::string text = "import os\n\n\ndef f" + std::to_string(i) + "(path, mode):\n";
    for (int line = 0; line < 8; ++line)
      text +=
          "    value_" + std::to_string(line) + " = os.path.join(path, [mode], " + std::to_string(i) + ")\n";
    files.push_back({"python", "a.py", "p", text + "    return mode\n"});
  }
  DiagnoseOptions options;
  options.tools = {DiagnosingTool::python};
  std::size_t mistakes = 0;
  options.progress = [&](DiagnosingTool, std::size_t made, std::size_t) { mistakes = made; };
  const auto samples = diagnosed_samples(files, options);
  REQUIRE(samples.ok());
  CHECK(mistakes > 12);
  CHECK(samples.value().size() > 4);
  for (const Sample& sample : samples.value()) {
    CHECK(!sample.message.empty());
    CHECK((sample.draft.empty() || sample.draft != sample.middle));
  }
  options.minutes = 0;
  CHECK(diagnosed_samples(files, options).value().empty());
}

}  // namespace
