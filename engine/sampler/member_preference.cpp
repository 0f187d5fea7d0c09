#include "engine/sampler/member_preference.h"

#include <algorithm>

#include "engine/structure/lexical.h"

namespace seedling {
// What is known of the object that a line ends with; nothing of one that is a member itself.
const Receiver* MemberPreference::receiver_before(std::string_view line) const {
  const std::string_view object = last_word(line);
  const std::string_view before = line.substr(0, line.size() - object.size());
  if (object.empty() || before.ends_with('.') || before.ends_with("->")) return nullptr;
  const auto found = std::ranges::lower_bound(receivers_, object, {}, &Receiver::object);
  return found != receivers_.end() && found->object == object ? &*found : nullptr;
}

bool MemberPreference::prefer(std::string_view line, float lead, float known_lead,
                              Preference& preference) const {
  const std::string_view word = last_word(line);
  std::string_view before = line.substr(0, line.size() - word.size());
  if (before.ends_with("->") || before.ends_with("?.")) {
    before.remove_suffix(2);
  } else if (before.ends_with('.')) {
    before.remove_suffix(1);
  } else {
    // A token may begin with the dot.
    const Receiver* receiver = receiver_before(line);
    if (receiver == nullptr) return false;
    preference.tokens = lexemes_.dotted_starts_of(receiver->members);
    preference.rivals = lexemes_.starting_member();
    preference.lead = receiver->has_known_class ? known_lead : lead;
    return true;
  }
  const Receiver* receiver = receiver_before(before);
  if (receiver == nullptr) return false;
  const std::vector<std::string>& members = receiver->members;
  if (word.empty()) {
    preference.tokens = lexemes_.starts_of(members);
    preference.tokens.erase_all(lexemes_.word_behind_blank());
    preference.rivals = lexemes_.starting_word();
  } else {
    // A word that is a member may end; a piece of one goes on.
    if (std::ranges::binary_search(members, word)) return false;
    preference.tokens = TokenSet(lexemes_.starting_word().vocab_size());
    auto member = std::ranges::lower_bound(members, word);
    if (member == members.end() || !member->starts_with(word)) return false;
    for (; member != members.end() && member->starts_with(word); ++member)
      lexemes_.add_towards(*member, word, preference.tokens);
    preference.rivals = lexemes_.solid();
  }
  preference.lead = receiver->has_known_class ? known_lead : lead;
  return true;
}

}  // namespace seedling
