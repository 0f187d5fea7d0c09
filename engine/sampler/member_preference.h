// engine/sampler/member_preference.h
//
// MemberPreference: behind an object whose members the text knows (`self.`, `this.`, `x.`, `x->`), the tokens
// that write one of these.
//   One hole, one thread. Token by token; it prefers and rules out nothing, because no text shows all
//   members.
#pragma once

#include <string_view>
#include <vector>

#include "engine/sampler/lexeme_table.h"
#include "engine/sampler/preference.h"
#include "engine/structure/hole_names.h"

namespace seedling {

class MemberPreference {
 public:
  // receivers: sorted by object.
  MemberPreference(const LexemeTable& lexemes, std::vector<Receiver> receivers)
      : lexemes_(lexemes), receivers_(std::move(receivers)) {}

  // Sets what is preferred behind a line of code, by so much more than others, or by `known_lead` where the
  // object's class is known. False if the line does not end behind such an object.
  bool prefer(std::string_view line, float lead, float known_lead, Preference& preference) const;

 private:
  const Receiver* receiver_before(std::string_view line) const;

  const LexemeTable& lexemes_;
  std::vector<Receiver> receivers_;
};

}  // namespace seedling
