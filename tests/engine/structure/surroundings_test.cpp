#include "engine/structure/surroundings.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace seedling;

namespace fs = std::filesystem;

TEST_CASE("surroundings: what a text depends on is read, and what cannot be read leaves it open") {
  const fs::path folder = fs::temp_directory_path() / "seedling-surroundings";
  fs::remove_all(folder);
  fs::create_directories(folder / "src" / "deep");
  fs::create_directories(folder / "include");
  const auto write = [&](const char* name, std::string_view text) { std::ofstream(folder / name) << text; };
  WorkspaceReader reader;
  const auto reported = [&](const char* name, std::string_view language, std::string text) {
    const Snapshot snapshot{(folder / name).string(), std::string(language), 0, std::move(text)};
    const auto around = reader.surroundings_of(snapshot);
    REQUIRE(around.ok());
    const auto problems = undeclared_uses(snapshot, {}, *around);
    REQUIRE(problems.ok());
    std::string all;
    for (const SyntaxProblem& problem : *problems) all += problem.message + "\n";
    return all;
  };
  write("include/a.h", "#include \"b.h\"\nint known(int);\n#define LIMIT inner\n");
  write("include/b.h", "#include \"a.h\"\ntypedef int number;\n");
  write("include/c.h", "#include <stdio.h>\n");
  write("include/broken.h", "int f( {{{\n");
  const std::string use = "number f(number x) { return known(x) + LIMIT + inner + wrong; }\n";
  CHECK(reported("src/deep/x.c", "c", "#include \"a.h\"\n" + use) == "'wrong' is not declared\n");
  CHECK(reported("src/deep/x.c", "c", "#include \"c.h\"\n" + use) == "");
  CHECK(reported("src/deep/x.c", "c", "#include \"missing.h\"\n" + use) == "");
  CHECK(reported("src/deep/x.c", "c", "#include \"broken.h\"\n" + use) == "");
  write("src/a.go", "package a\n\nfunc known() int { return 1 }\n");
  CHECK(reported("src/b.go", "go", "package a\n\nfunc f() int { return known() + wrong }\n") ==
        "'wrong' is not declared\n");
  // What is open counts as it stands in the editor, whether the file is older or not there yet.
  const auto open = [&](const char* name, const char* language, std::string text) {
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->language = language;
    snapshot->text = std::move(text);
    return OpenFile{(folder / name).string(), std::move(snapshot)};
  };
  const std::vector<OpenFile> files = {open("src/a.go", "go", "package a\n\nfunc newer() {}\n"),
                                       open("src/c.go", "go", "package a\n\nfunc unsaved() {}\n"),
                                       open("include/new.h", "c", "int fresh(int);\n")};
  reader.prefer(files);
  CHECK(reported("src/b.go", "go", "package a\n\nfunc f() { newer(); unsaved(); known() }\n") ==
        "'known' is not declared\n");
  CHECK(reported("src/deep/x.c", "c", "#include \"new.h\"\nint f(int x) { return fresh(x) + wrong; }\n") ==
        "'wrong' is not declared\n");
  reader.prefer({});
  CHECK(reported("src/b.go", "go", "package a\n\nfunc f() { known(); newer() }\n") ==
        "'newer' is not declared\n");
  write("package.json", "{}");
  write("include/all.d.ts", "type Known = string;\ndeclare module 'x' { }\n");
  write("include/own.d.ts", "export type Hidden = string;\n");
  CHECK(reported("src/deep/a.ts", "typescript", "export const f = (x: Known, y: Hidden): Wrong => x;\n") ==
        "'Hidden' is not declared\n'Wrong' is not declared\n");
  fs::remove_all(folder);
}
