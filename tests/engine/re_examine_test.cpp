#include "engine/re_examine.h"

#include <doctest/doctest.h>

#include "engine/engine.h"
#include "engine/sampler/edit_labels.h"
#include "engine/tokenizer/special_tokens.h"
#include "tests/engine/scripted_backend.h"
#include "tests/support/tiny_model.h"

using namespace seedling;
using namespace seedling::test;

namespace {

std::shared_ptr<const Model> model(bool edits) {
  auto copy = std::make_shared<Model>(*load_tiny_model());
  copy->config.diffusion.edits = edits;
  return copy;
}

constexpr std::string_view kText = "def f(a):\n    return b\n\n\nx = f(1)\n";

SnapshotPtr snapshot() {
  auto made = std::make_shared<Snapshot>();
  made->path = "a.py";
  made->language = "python";
  made->text = kText;
  return made;
}

ByteRange lines_two_to_two() {
  return {ByteOffset{16}, ByteOffset{20}};
}

// A model that would write `target` in place of what it sees, and finds `likely` the likeliest.
void set_editor(const std::string& target, const std::string& likely) {
  const auto tokenizer = load_tiny_model()->tokenizer;
  const std::vector<TokenId> answer = tokenizer->encode(target);
  const Script scored = knows(tokenizer->encode(likely), special::kMiddle, special::kEnd);
  set_script([=](std::span<const TokenId> cached, std::span<const TokenId> block, int index) -> Scripted {
    if (block.empty()) return scored(cached, block, index);
    std::size_t start = cached.size();
    while (cached[start - 1] != special::kMiddle) --start;
    const std::vector<TokenId> shown(block.begin(), std::find(block.begin(), block.end(), special::kEnd));
    const std::vector<TokenId> labels =
        edit_labels(shown, std::span(answer).subspan(std::min(cached.size() - start, answer.size())),
                    {special::kMask, special::kEnd, special::kDelete, special::kInsert});
    const auto at = static_cast<std::size_t>(index);
    return {at < labels.size() ? labels[at] : special::kEnd, 0.99f};
  });
}

// The edits of the action, if it is offered.
std::optional<std::vector<Edit>> re_examined(bool edits) {
  Result<std::unique_ptr<Engine>> engine = Engine::open(model(edits), scripted_backend(), {});
  REQUIRE(engine.ok());
  const auto actions = engine.value()->list_actions({snapshot(), lines_two_to_two(), {}}, {});
  REQUIRE(actions.ok());
  for (const Action& action : actions.value()) {
    if (action.name != kReExamineName) continue;
    const auto resolved = engine.value()->resolve_action({snapshot(), action}, {});
    REQUIRE(resolved.ok());
    CHECK(resolved.value().edits.empty() == !resolved.value().reason.empty());
    return resolved.value().edits;
  }
  return std::nullopt;
}

}  // namespace

TEST_CASE("re-examine: what the model would write otherwise is one small edit") {
  set_editor("return a", "return a");
  const auto edits = re_examined(true);
  REQUIRE(edits.has_value());
  REQUIRE(edits->size() == 1);
  CHECK(edits->front().text == "a");
  CHECK(edits->front().range.size() == 1);
}

TEST_CASE("re-examine: text that the model finds likelier as it is, or that would not parse, stays") {
  set_editor("return a", "return b");
  CHECK(re_examined(true)->empty());
  set_editor("return (", "return (");
  CHECK(re_examined(true)->empty());
  set_editor("return unknown", "return unknown");  // a name that nothing declares
  CHECK(re_examined(true)->empty());
  set_editor("return b", "return b");
  CHECK(re_examined(true)->empty());
}

TEST_CASE("re-examine: not offered by a model that does not edit, nor without a selection") {
  set_editor("return a", "return a");
  CHECK(!re_examined(false).has_value());
  const ByteRange nothing{ByteOffset{3}, ByteOffset{3}}, blank{ByteOffset{23}, ByteOffset{24}};
  CHECK(!offer_re_examine(*snapshot(), nothing, model(true)->config).has_value());
  CHECK(!offer_re_examine(*snapshot(), blank, model(true)->config).has_value());
  CHECK(offer_re_examine(*snapshot(), lines_two_to_two(), model(true)->config).has_value());
}
