// What a programmer really wrote is never ruled out: nodes of real files are deleted at random, and the text
// that stood there has to pass at every position.
//   The files are those of this repository; SEEDLING_TEST_SOURCES names a folder with more, and
//   SEEDLING_TEST_HOLES how many holes a file gets (default 3).
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "engine/hole_check.h"
#include "engine/sampler/constraint.h"
#include "engine/sampler/edges.h"
#include "engine/sampler/layout.h"
#include "engine/structure/syntax.h"
#include "engine/tokenizer/special_tokens.h"
#include "tests/support/random.h"

using namespace seedling;

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostHoleBytes = 1500, kMostFileBytes = 120'000;

const Tokenizer& tokenizer() {
  static const std::shared_ptr<const Tokenizer> loaded =
      Tokenizer::load(std::string(SEEDLING_SOURCE_DIR) + "/models/tokenizer.json").value();
  return *loaded;
}

std::shared_ptr<const LexemeTable> lexemes_of(const std::string& language) {
  static std::map<std::string, std::shared_ptr<const LexemeTable>> all;
  std::shared_ptr<const LexemeTable>& found = all[language];
  if (!found) found = std::make_shared<const LexemeTable>(tokenizer(), language, tokenizer().vocab_size());
  return found;
}

struct File {
  std::string path, language, text;
};

void add_files(const fs::path& folder, std::vector<File>& files) {
  for (auto entry = fs::recursive_directory_iterator(folder); entry != fs::recursive_directory_iterator();
       ++entry) {
    const std::string name = entry->path().filename().string();
    if (entry->is_directory() && (name == "node_modules" || name == "build" || name.starts_with(".")))
      entry.disable_recursion_pending();
    const std::string language(language_of_path(entry->path().string()));
    if (!entry->is_regular_file() || language.empty() || entry->file_size() > kMostFileBytes) continue;
    std::ifstream stream(entry->path(), std::ios::binary);
    files.push_back({entry->path().string(), language, {std::istreambuf_iterator<char>(stream), {}}});
  }
}

// Nodes that are sound in themselves, and so is the outermost construct around them: the holes that somebody
// could have filled. Further away a text may be broken.
std::vector<ByteRange> holes_of(const File& file) {
  std::vector<ByteRange> holes;
  const Result<SyntaxTree> tree = parse(file.text, file.language);
  REQUIRE(tree.ok());
  const bool is_broken = ts_node_has_error(tree->root());
  walk(tree->root(), [&](TSNode node) {
    if (same_node(node, tree->root())) return !ts_node_is_error(node);
    const ByteRange range = range_of(node);
    // Where a construct is broken already, how the parser mends it decides what another piece makes of it.
    if (ts_node_has_error(node)) return false;
    // What is a construct of its own may end or begin a broken one beside it.
    const bool is_outermost = same_node(ts_node_parent(node), tree->root());
    if (range.size() > 0 && range.size() <= kMostHoleBytes && !(is_broken && is_outermost))
      holes.push_back(range);
    return true;
  });
  return holes;
}

// The first token of the true text that is ruled out, as "token behind what"; empty if there is none.
std::string ruled_out(const File& file, ByteRange hole, DocumentTree& tree) {
  const std::string_view prefix = std::string_view(file.text).substr(0, hole.begin.value);
  const std::string_view middle = std::string_view(file.text).substr(hole.begin.value, hole.size());
  const std::string_view suffix = std::string_view(file.text).substr(hole.end.value);
  const PartialWords words = partial_words(tokenizer(), prefix, suffix);
  const std::vector<TokenId> tokens = middle_tokens(tokenizer(), words, middle);
  const std::string_view before = prefix.substr(0, prefix.size() - words.left.size());
  HoleText text{before,
                suffix.substr(words.right.size()),
                file.language,
                tree.calm_before({static_cast<std::uint32_t>(before.size())}),
                middle.find('\n') == std::string_view::npos && (suffix.empty() || suffix.starts_with('\n')),
                {}};
  text.names = tree.names_around(hole.begin).value();
  const Constraint constraint(tokenizer(), lexemes_of(file.language), text, special::kEnd);
  Canvas canvas;
  canvas.mask = special::kMask;
  canvas.end = special::kEnd;
  for (const TokenId token : tokens) {
    open_block(canvas, 1);
    TokenSet allowed(tokenizer().vocab_size());
    for (TokenId other = 0; other < tokenizer().vocab_size(); ++other) allowed.insert(other);
    constraint.restrict(canvas, allowed);
    if (!allowed.contains(token)) {
      return "'" + std::string(token == special::kEnd ? "<end>" : tokenizer().bytes(token)) + "' behind '" +
             std::string(before.substr(before.size() - std::min<std::size_t>(before.size(), 80))) + "|" +
             spell(tokenizer(), canvas, 0, canvas.size() - 1) + "' and before '" +
             std::string(suffix.substr(0, 60)) + "'";
    }
    commit(canvas, canvas.size() - 1, token, 1);
  }
  return {};
}

}  // namespace

TEST_CASE("real text: what stood in a hole passes at every position, and as a whole") {
  const std::uint64_t seed = test_seed();
  INFO(repeat_with(seed));
  std::mt19937_64 random(seed);
  std::vector<File> files;
  for (const char* folder : {"/engine", "/cli", "/editors", "/lsp", "/kernels", "/scripts"})
    add_files(std::string(SEEDLING_SOURCE_DIR) + folder, files);
  CHECK(files.size() > 100);
  const char* more = std::getenv("SEEDLING_TEST_SOURCES");
  if (more != nullptr) add_files(more, files);
  const char* count = std::getenv("SEEDLING_TEST_HOLES");
  const int holes_each = count != nullptr ? std::atoi(count) : 3;
  int tried = 0, refused = 0;
  for (const File& file : files) {
    const std::vector<ByteRange> holes = holes_of(file);
    for (int i = 0; i < holes_each && !holes.empty(); ++i) {
      const ByteRange hole = holes[pick(random, holes.size())];
      std::string without = file.text;
      without.erase(hole.begin.value, hole.size());
      Result<DocumentTree> tree = DocumentTree::open(without, file.language, file.path);
      REQUIRE(tree.ok());
      ++tried;
      std::string problem = ruled_out(file, hole, *tree);
      const std::string middle = file.text.substr(hole.begin.value, hole.size());
      const HoleVerdict verdict = HoleCheck(*tree, hole.begin.value).judge(middle, {}).value();
      if (problem.empty() && verdict.fit == Fit::worse)
        problem = "the whole is judged worse than nothing: " + middle;
      if (problem.empty()) continue;
      ++refused;
      problem = file.path + ", byte " + std::to_string(hole.begin.value) + ": " + problem;
      FAIL_CHECK(problem);
    }
  }
  CHECK(tried > 300);
  MESSAGE(tried, " holes, ", refused, " refused");
}
