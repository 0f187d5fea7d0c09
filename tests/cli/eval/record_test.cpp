// What a run that was broken off finds again.
#include "cli/eval/record.h"

#include "tests/cli/program.h"

using namespace seedling;
using namespace seedling::cli;
using namespace seedling::test;

namespace {

EvalCase named(const std::string& id) {
  EvalCase made;
  made.id = id;
  return made;
}

EvalRecord full_record(const EvalCase& eval_case) {
  EvalRecord record;
  record.id = eval_case.id;
  record.key = record_key("s", eval_case);
  record.answer = {"a\n\"b\"", 3, 2, 1, 4, 1.5, 0.5, -0.25, {}};
  record.judgement = {true, 0.75, false, "fails", true, 0.5};
  return record;
}

RecordFile open(const std::string& path) {
  Result<RecordFile> file = RecordFile::open(path, false, EvalKind::fix);
  REQUIRE(file.ok());
  return std::move(file).value();
}

}  // namespace

TEST_CASE("eval records: a line says everything, and a torn one is written anew") {
  TemporaryFolder folder;
  const std::string path = folder / "r.jsonl";
  const EvalCase a = named("a"), b = named("b");
  const std::string line = line_of(full_record(a), EvalKind::fix);
  {
    RecordFile file = open(path);
    REQUIRE(file.add(full_record(a)).ok());
  }
  CHECK(read_text(path) == line);
  write_text(path, line + "{\"id\":\"b\",\"te");
  {
    RecordFile file = open(path);
    const EvalRecord* known = file.find(record_key("s", a));
    REQUIRE(known != nullptr);
    CHECK(line_of(*known, EvalKind::fix) == line);
    CHECK(file.find(record_key("s", b)) == nullptr);
    REQUIRE(file.add(full_record(b)).ok());
  }
  CHECK(read_text(path) == line + line_of(full_record(b), EvalKind::fix));
}

TEST_CASE("eval records: answers made in another way are not taken for these") {
  TemporaryFolder folder;
  const std::string path = folder / "r.jsonl";
  const std::vector<EvalCase> cases = {named("a"), named("c")};
  write_text(path, line_of(full_record(cases[0]), EvalKind::fix));
  const RecordFile file = open(path);
  const std::vector<std::string> same = {record_key("s", cases[0]), record_key("s", cases[1])};
  const std::vector<std::string> other = {record_key("t", cases[0]), record_key("t", cases[1])};
  CHECK(file.check(cases, same).ok());
  const Status refused = file.check(cases, other);
  REQUIRE(!refused.ok());
  CHECK(refused.error().message.find("another answer to a") != std::string::npos);
  CHECK(file.check(std::span(cases).last(1), std::span(other).last(1)).ok());

  write_text(path, "{\"id\":1}\n");
  CHECK(RecordFile::open(path, false, EvalKind::fix).error().message.find("line 1: no answer") !=
        std::string::npos);
  CHECK(RecordFile::open(path, true, EvalKind::fix).ok());
  CHECK(read_text(path).empty());
  CHECK(!RecordFile::open(folder / "absent/r", false, EvalKind::fix).ok());
}

TEST_CASE("eval records: keys depend on the whole case") {
  EvalCase made = named("a");
  const std::string key = record_key("s", made);
  made.prefix = "x";
  const std::string with_prefix = record_key("s", made);
  CHECK(with_prefix != key);
  made.prefix.clear();
  made.suffix = "x";
  CHECK(record_key("s", made) != with_prefix);
  made.suffix.clear();
  CHECK(record_key("s", made) == key);
}
