#include "engine/sampler/constraint.h"

#include <algorithm>
#include <array>

#include "engine/sampler/edges.h"

namespace seedling {
namespace {

// Further behind the hole nothing is looked for: what it leaves open is closed nearby or nowhere.
constexpr std::size_t kMostSuffixBytes = 2 << 10;

// How much smaller, in nats, the logit of what is preferred may be, as measured. Members: at 200 places
// behind an object, in Python and in scripts that the model had not seen, by 1 took exact match from 2.5
// to 3.0 % and from 3.0 to 3.0, similarity from 0.288 to 0.295 and from 0.318 to 0.327; by 2 gave no more;
// where the object's class is known, so that few of its members can be missing, by more.
// Members by 2 and names by 1 change not one of 250 answers to santacoder_fim in Python, and no exact match
// in JavaScript. Brackets, JavaScript there: 28 % of the lines did not parse without (400 cases), 6 % do not
// with (250); 19.5 and 25.2 % are exact.
constexpr float kMemberLead = 1, kKnownMemberLead = 3, kNameLead = 1, kBracketLead = 8;

// Lines that declare what is missing or return what nothing reads, and values that nothing reads. One line
// out of each function, one token after the other, the same weights: of santacoder_fim in Python (675) exact
// match went from 8.3 to 15.4 %, similarity from 0.372 to 0.488; of whole files of packages that neither the
// model nor these rules had seen (1,125 lines of Python, JavaScript and TypeScript) from 4.5 to 5.6 % and
// from 0.348 to 0.373. What a name begins as: 19.0 to 20.3 % with later weights. Leads from 4 to 12 differ
// little; a line that opens a block may be many things besides a loop.
constexpr float kDeclarationLead = 8, kOpenerLead = 5, kStartLead = 4, kReturnLead = 8, kEndLead = 3,
                kUnreadLead = 2;

// Nobody writes such lines: the code was minified, and one misread byte would spoil all of it.
constexpr std::size_t kLongestLine = 400;

// Languages whose strings and comments Scanner knows.
constexpr std::array<std::string_view, 9> kReadable = {
    "python", "c", "cpp", "javascript", "typescript", "typescriptreact", "javascriptreact", "java", "go"};

bool is_readable(std::string_view language) {
  return std::find(kReadable.begin(), kReadable.end(), language) != kReadable.end();
}

// Where a preprocessor chooses between branches, each of them may open the bracket that is closed once.
bool has_branches(std::string_view text, std::string_view language) {
  return language.starts_with('c') &&
         (text.find("#el") != std::string_view::npos || text.find("# el") != std::string_view::npos);
}

// Whether a line end would end the string or comment that the scanner stands in.
bool ends_with_line(const Scanner& scanner) {
  Scanner copy = scanner;
  copy.step("\n", 0);
  return copy.is_in_code();
}

std::string_view first_line_of(std::string_view text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t") == std::string_view::npos;
}

bool is_word(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_identifier_byte);
}

}  // namespace

Constraint::Constraint(const Tokenizer& tokenizer, std::shared_ptr<const LexemeTable> lexemes, HoleText hole,
                       TokenId end)
    : tokenizer_(tokenizer),
      lexemes_(std::move(lexemes)),
      end_(end),
      hole_(std::move(hole)),
      before_(hole_.language),
      is_python_(hole_.language == "python"),
      is_inert_(!is_readable(hole_.language)) {
  if (is_inert_) return;
  // What the hole has to declare first is none of the names that may be used in it.
  const GapNames& gap = hole_.names.gap;
  std::erase_if(hole_.names.names, [&](const std::string& name) {
    return std::ranges::find(gap.missing, name) != gap.missing.end();
  });
  if (!hole_.names.names.empty())
    name_rule_.emplace(*lexemes_, hole_.language, std::move(hole_.names.names), hole_.names.are_all);
  members_.emplace(*lexemes_, std::move(hole_.names.receivers));
  unread_.emplace(tokenizer_, *lexemes_, gap.unread);
  read_prefix();
  read_suffix();
  prefer_lines();
  const State state = state_after(line_);
  const bool is_in_text =
      !state.scanner.is_in_code() && !(state.scanner.is_in_comment() && ends_with_line(state.scanner));
  is_inert_ = is_in_text;
  if (is_inert_) return;
  if (is_python_)
    try_widths();
  else
    balance_brackets();
}

// What a line that the hole begins and ends does with the names of the gap.
void Constraint::prefer_lines() {
  if (!is_blank(rest_of_line_) && !may_be_whole_line_) return;
  const GapNames& gap = hole_.names.gap;
  const auto add = [&](std::span<const std::string_view> sections, const std::vector<std::string>& names,
                       float lead, float opener_lead) {
    LinePreference preference(tokenizer_, *lexemes_, hole_.language, sections, names);
    if (!preference.is_empty()) preferred_lines_.push_back({std::move(preference), lead, opener_lead});
  };
  constexpr std::array<std::string_view, 2> kDeclaring = {"declaring", "importing"};
  add(std::span(kDeclaring).first(gap.is_outermost ? 2 : 1), gap.missing, kDeclarationLead,
      is_python_ ? kOpenerLead : kDeclarationLead);
  add(std::array<std::string_view, 1>{"counting"}, gap.counted, kStartLead, kStartLead);
  add(std::array<std::string_view, 1>{"collecting"}, gap.collected, kStartLead, kStartLead);
  add(std::array<std::string_view, 1>{"returning"}, gap.returned, kReturnLead, kReturnLead);
  if (gap.may_return) add(std::array<std::string_view, 1>{"ending"}, {}, kEndLead, kEndLead);
}

// Python: how a missing line may be indented, so that those behind it are indented as they may be; and
// whether they are without it.
void Constraint::try_widths() {
  const int next = next_width_alone();
  if (!is_alone() || !is_suffix_sound_ || !demanded_.empty()) return;
  if (next < 0 && !is_suffix_whole_) return;
  const std::string_view read = hole_.suffix.substr(0, kMostSuffixBytes);
  const std::string_view suffix = is_suffix_whole_ ? read : read.substr(0, read.rfind('\n') + 1);
  const std::string_view behind = suffix.substr(may_be_whole_line_ ? 0 : suffix.find('\n') + 1);
  const auto fits = [&](std::string_view line) {
    PythonLines lines = python_before_;
    lines.read(line);
    const int problems = lines.problem_count();
    lines.read(behind);
    return lines.problem_count() == problems && (next >= 0 || !lines.expects_block());
  };
  for (int width = 0; width <= next; ++width)
    fitting_widths_.push_back(
        fits(std::string(static_cast<std::size_t>(width), ' ') + (width < next ? "if x:\n" : "x\n")));
  const bool is_any_fit = next < 0 || std::ranges::find(fitting_widths_, true) != fitting_widths_.end();
  if (!is_any_fit) fitting_widths_.clear();
  needs_line_ = is_any_fit && !fits("\n");
}

// Whether one line is missing, the whole of it.
bool Constraint::is_alone() const {
  return hole_.is_one_line && is_blank(line_) && (is_blank(rest_of_line_) || may_be_whole_line_);
}

// Where a whole line is missing, brackets and indentation say what it has to close or open.
void Constraint::balance_brackets() {
  if (!are_brackets_sound_) return;
  BracketBalance balance(hole_.prefix.substr(hole_.calm), hole_.suffix, hole_.language);
  const bool is_missing = !balance.missing_closers().empty() || balance.misses_openers();
  if (is_alone() && is_missing) balance_ = std::move(balance);
}

void Constraint::read_prefix() {
  const std::size_t newline = hole_.prefix.rfind('\n');
  const std::size_t line_begin = newline == std::string_view::npos ? 0 : std::max(newline + 1, hole_.calm);
  line_ = hole_.prefix.substr(line_begin);
  const std::string_view read = hole_.prefix.substr(hole_.calm, line_begin - hole_.calm);
  for (std::size_t at = 0; at < read.size();) {
    const std::size_t open = before_.open_brackets().size();
    const bool may_close = before_.is_in_code() && is_closer(read[at]);
    const std::size_t next = before_.step(read, at);
    if (may_close && before_.open_brackets().size() == open) are_brackets_sound_ = false;
    at = next;
  }
  if (has_branches(read, hole_.language)) are_brackets_sound_ = false;
  if (is_python_) python_before_.read(read);
}

void Constraint::read_suffix() {
  const std::string_view suffix = hole_.suffix.substr(0, kMostSuffixBytes);
  is_suffix_whole_ = suffix.size() == hole_.suffix.size();
  rest_of_line_ = first_line_of(suffix);
  const std::size_t line_end = std::min(suffix.find('\n'), suffix.size());
  Scanner scanner(hole_.language);
  for (std::size_t at = 0; at < suffix.size();) {
    if (at == line_end && scanner.is_in_string()) is_suffix_sound_ = false;
    const std::size_t open = scanner.open_brackets().size();
    const bool may_close = scanner.is_in_code() && is_closer(suffix[at]);
    const std::size_t next = scanner.step(suffix, at);
    if (may_close && scanner.open_brackets().size() == open) {
      demanded_ += suffix[at];
      if (at < line_end) demanded_nearby_ = demanded_.size();
    }
    at = next;
  }
  if (!scanner.is_in_code() && !ends_with_line(scanner)) is_suffix_sound_ = false;
  if (line_.size() + rest_of_line_.size() > kLongestLine) are_brackets_sound_ = false;
  if (!is_suffix_sound_ || has_branches(suffix, hole_.language)) are_brackets_sound_ = false;
  if (!is_python_) return;
  const std::string_view after = suffix.substr(std::min(line_end + 1, suffix.size()));
  next_width_ = next_width_by_newline_ = first_line_width(after);
  may_be_whole_line_ = line_.empty() && !is_blank(rest_of_line_);
  if (may_be_whole_line_) next_width_by_newline_ = first_line_width(suffix);
}

Constraint::State Constraint::state_after(std::string_view line) const {
  State state{before_, before_.open_brackets().size(), 0};
  for (std::size_t at = 0; at < line.size();) {
    const bool was_in_code = state.scanner.is_in_code();
    const char c = line[at];
    at = state.scanner.step(line, at);
    if (was_in_code && state.scanner.is_in_string()) state.string_quote = c;
    state.outer_brackets = std::min(state.outer_brackets, state.scanner.open_brackets().size());
  }
  return state;
}

// What the hole or its line has opened is closed, and the brackets that the rest of the line closes are open.
bool Constraint::is_closed(const State& state) const {
  const std::string& open = state.scanner.open_brackets();
  for (std::size_t i = 0; i + state.outer_brackets < open.size(); ++i) {
    if (i >= demanded_.size()) return !is_suffix_whole_;
    if (!is_pair(open[open.size() - 1 - i], demanded_[i])) return false;
  }
  return true;
}

bool Constraint::misses_opener(const State& state) const {
  const std::string& open = state.scanner.open_brackets();
  for (std::size_t i = 0; i < demanded_nearby_; ++i) {
    if (i >= open.size() || !is_pair(open[open.size() - 1 - i], demanded_[i])) return true;
  }
  return false;
}

bool Constraint::breaks_balance(const State& state) const {
  return balance_ && !balance_->is_even(state.scanner.open_brackets());
}

// Python: whether the hole's line can end like that, and the next one is indented as one may be behind it.
bool Constraint::fits_next_line(std::string_view line, bool by_newline) const {
  const int next = by_newline ? next_width_by_newline_ : next_width_;
  const bool is_last = hole_.is_one_line && is_suffix_whole_ && next < 0;
  if (!is_python_) return true;
  PythonLines lines = python_before_;
  const bool reads_on = !(by_newline && may_be_whole_line_) && !is_blank(rest_of_line_);
  lines.read(std::string(line) + (reads_on ? rest_of_line_ : std::string()));
  if (!lines.is_plain() && !lines.scanner().is_in_comment()) return true;
  if (!reads_on && lines.lacks_operand()) return false;
  lines.read("\n");
  if (is_last) return !lines.expects_block();
  // Whether a shallower line meets one of the blocks around it was decided before the hole.
  if (next < 0 || !lines.is_at_line_start() || lines.line_width() < 0) return true;
  return next > lines.line_width() ? lines.may_begin_at(next) : lines.may_begin_at(lines.line_width());
}

// What the hole has opened may have been closed behind it from the start: `f(|", "b")` lacks but one quote.
bool Constraint::may_end_behind_hole(const State& state) const {
  const std::string_view behind = hole_.suffix.substr(0, kMostSuffixBytes);
  if (state.scanner.is_in_comment()) return behind.find("*/") != std::string_view::npos;
  const std::string_view reach = ends_with_line(state.scanner) ? std::string_view(rest_of_line_) : behind;
  return reach.find(state.string_quote) != std::string_view::npos;
}

void Constraint::restrict_brackets(const State& state, TokenSet& allowed) const {
  if (!are_brackets_sound_) return;
  const std::string& open = state.scanner.open_brackets();
  for (const LexemeTable::Closing& row : lexemes_->closing()) {
    bool fits = row.closers.size() <= open.size();
    for (std::size_t i = 0; fits && i < row.closers.size(); ++i)
      fits = is_pair(open[open.size() - 1 - i], row.closers[i]);
    if (!fits) allowed.erase_all(row.tokens);
  }
}

// What a line that has to open a block may begin with.
void Constraint::restrict_to_opener(std::string_view word, TokenSet& allowed) const {
  TokenSet towards(allowed.vocab_size());
  bool is_opener = false;
  for (const std::string_view opener : python_openers()) {
    lexemes_->add_towards(opener, word, towards);
    is_opener = is_opener || opener == word;
  }
  if (is_opener)
    allowed.erase_unless(lexemes_->going_on_with_word(), towards);
  else
    allowed.keep_only(towards);
}

// Python: where a line begins, and what it may begin with.
void Constraint::restrict_indentation(std::string_view line, TokenSet& allowed) const {
  PythonLines lines = python_before_;
  lines.read(line);
  // A hole of one line before a deeper one has to open its block.
  const int next = next_width_alone();
  const bool is_before_line = is_alone() && next >= 0;
  if (!lines.is_at_line_start()) {
    const std::size_t begin = std::min(line.find_first_not_of(' '), line.size());
    const std::string_view word = line.substr(begin);
    if (is_before_line && lines.is_plain() && lines.line_width() < next && is_word(word) &&
        lines.line_width() == static_cast<int>(begin))
      restrict_to_opener(word, allowed);
    return;
  }
  const auto may_be = [&](int width) {
    if (!lines.may_begin_at(width)) return false;
    if (!is_before_line) return true;
    if (width > next) return lines.has_level(next);
    return fitting_widths_.empty() || fitting_widths_[static_cast<std::size_t>(width)];
  };
  const auto may_become = [&](int width) {
    for (int wider = width; wider <= width + PythonLines::kMostIndentation; ++wider)
      if (may_be(wider)) return true;
    return false;
  };
  for (const LexemeTable::Indenting& row : lexemes_->indenting()) {
    const int width = lines.width() + row.blanks;
    if (!may_become(width)) allowed.erase_all(row.only_blanks);
    if (!may_be(width)) allowed.erase_all(row.and_more);
    if (is_before_line && may_be(width) && width < next && row.blanks <= 1)
      allowed.erase_unless(row.and_more, lexemes_->towards_opener(row.blanks == 1));
  }
  if (needs_line_) allowed.erase_all(lexemes_->opening_comment());
}

void Constraint::restrict_in_code(const State& state, std::string_view line, TokenSet& allowed) const {
  restrict_brackets(state, allowed);
  if (is_python_) restrict_indentation(line, allowed);
  const bool is_first_line = line.find('\n') == std::string_view::npos;
  if (name_rule_ && is_first_line) name_rule_->restrict(line, state.scanner, allowed);
  if (breaks_balance(state)) allowed.erase_all(lexemes_->opening_comment());
  const bool breaks_brackets =
      are_brackets_sound_ && (!is_closed(state) || breaks_balance(state) ||
                              (misses_opener(state) && !misses_opener(state_after(line_))));
  // Where a line follows at once, the one that is missing ends with the hole.
  const bool ends_line = hole_.is_one_line && may_be_whole_line_;
  if (breaks_brackets || !fits_next_line(line, ends_line)) allowed.erase(end_);
  if (hole_.is_one_line && (breaks_brackets || !fits_next_line(line, true))) {
    allowed.erase_all(lexemes_->ending_line());
    if (is_python_) allowed.erase_all(lexemes_->opening_comment());
  }
}

void Constraint::erase_banned(const Canvas& canvas, TokenSet& allowed) const {
  const int position = first_masked(canvas);
  for (const Ban& ban : bans_) {
    if (static_cast<int>(ban.before.size()) != position) continue;
    if (std::equal(ban.before.begin(), ban.before.end(), canvas.tokens.begin())) allowed.erase(ban.token);
  }
}

// Whether the hole's line, of which this is the beginning, may open the block of the next one.
bool Constraint::may_open_block(std::string_view line) const {
  if (!is_python_ || (!is_alone() && next_width_alone() < 0)) return true;
  PythonLines lines = python_before_;
  lines.read(line);
  const int width = lines.is_at_line_start() ? lines.width() + 1 : lines.line_width();
  return next_width_alone() > width;
}

// Whether a statement may stand in the hole's first line.
bool Constraint::may_declare(const State& state, std::string_view line) const {
  const std::string& open = state.scanner.open_brackets();
  const bool is_in_brackets = is_python_ ? !open.empty() : open.ends_with('(') || open.ends_with('[');
  return !is_in_brackets && line.find('\n') == std::string_view::npos;
}

void Constraint::prefer_in_code(const State& state, std::string_view line, Preference& preference) const {
  if (breaks_balance(state) && is_blank(line)) {
    const std::string& closers = balance_->missing_closers();
    const TokenSet& wanted =
        closers.empty() ? lexemes_->opening_block() : lexemes_->starting_closer(closers.front());
    preference = {wanted, lexemes_->solid(), kBracketLead};
    return;
  }
  if (!preferred_lines_.empty() && may_declare(state, line)) {
    const bool opens = may_open_block(line);
    for (const PreferredLine& one : preferred_lines_)
      if (one.preference.prefer(line, opens, opens ? one.opener_lead : one.lead, preference)) return;
  }
  if (members_->prefer(line, kMemberLead, kKnownMemberLead, preference)) return;
  if (unread_->prefer(line, kUnreadLead, preference)) return;
  if (name_rule_) name_rule_->prefer(line, state.scanner, kNameLead, preference);
}

void Constraint::restrict(const Canvas& canvas, TokenSet& allowed, Preference* preference) const {
  if (preference != nullptr) preference->lead = 0;
  const TokenSet everything = allowed;
  erase_banned(canvas, allowed);
  if (!is_inert_) {
    const std::string line = line_ + spell(tokenizer_, canvas, 0, first_masked(canvas));
    const State state = state_after(line);
    const bool is_in_line_comment = state.scanner.is_in_comment() && ends_with_line(state.scanner);
    if (state.scanner.is_in_code()) {
      restrict_in_code(state, line, allowed);
      if (preference != nullptr) prefer_in_code(state, line, *preference);
    } else if (!is_in_line_comment) {
      const bool is_one_line_string = state.string_quote == '"' || state.string_quote == '\'';
      if (is_suffix_sound_ && !may_end_behind_hole(state)) allowed.erase(end_);
      if (is_one_line_string && ends_with_line(state.scanner) && !line.ends_with('\\'))
        allowed.erase_all(lexemes_->ending_line());
    }
  }
  if (allowed.empty()) allowed = everything;
  if (preference != nullptr && !preference->is_empty()) preference->tokens.keep_only(allowed);
}

void Constraint::ban(const Canvas& canvas, int position, TokenId token) {
  bans_.push_back({{canvas.tokens.begin(), canvas.tokens.begin() + position}, token});
}

}  // namespace seedling
