#include "tests/support/transcript.h"

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>
#include <utility>

#include "lsp/position.h"
#include "tests/support/annotations.h"
#include "tests/support/lsp_client.h"

namespace seedling {
namespace {

constexpr const char* kRangeMark = "⟦⟧";

bool is_part_of(const json& part, const json& whole) {
  if (part.is_object()) {
    if (!whole.is_object()) return false;
    for (const auto& [key, value] : part.items()) {
      if (!whole.contains(key) || !is_part_of(value, whole[key])) return false;
    }
    return true;
  }
  if (part.is_array()) {
    if (!whole.is_array() || part.size() != whole.size()) return false;
    for (std::size_t i = 0; i < part.size(); ++i) {
      if (!is_part_of(part[i], whole[i])) return false;
    }
    return true;
  }
  return part == whole;
}

std::string unescape(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      plain.push_back(text[i]);
      continue;
    }
    const char next = text[++i];
    plain.push_back(next == 'n' ? '\n' : next == 'r' ? '\r' : next == 't' ? '\t' : next);
  }
  return plain;
}

std::string language_of(const std::string& file) {
  const std::string suffix = file.substr(file.find_last_of('.') + 1);
  if (suffix == "py") return "python";
  if (suffix == "ts") return "typescript";
  if (suffix == "js") return "javascript";
  return suffix;
}

std::string uri_of(const std::string& file) {
  return "file:///w/" + file;
}

// The next word of `rest`, which loses it.
std::string take_word(std::string_view& rest) {
  const std::size_t end = std::min(rest.find(' '), rest.size());
  std::string word(rest.substr(0, end));
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return word;
}

void replace_range_mark(json& value, const json& range) {
  if (value == kRangeMark) {
    value = range;
  } else if (value.is_structured()) {
    for (json& inner : value) replace_range_mark(inner, range);
  }
}

class Play {
 public:
  explicit Play(bool is_relayed) : is_relayed_(is_relayed) {}

  // Does what one "-->" or "generator:" line says; returns what is wrong with the line itself.
  std::optional<std::string> act(std::string_view line);
  // What the server sent since, as lines of a transcript, and as JSON to compare with.
  std::vector<std::string> take_lines();
  static bool matches(std::string_view expected, std::string_view actual);
  std::vector<std::string> end();

 private:
  LspClient& client() {
    if (!client_) client_.emplace(std::exchange(missing_, std::nullopt), is_relayed_);
    return *client_;
  }
  std::optional<std::string> act_engine(std::string_view rest);
  std::optional<std::string> act_generator(std::string_view rest);
  std::optional<std::string> act_client(std::string_view rest);
  std::optional<std::string> act_request(const json& id, const std::string& method, std::string_view rest);
  void set_text(const std::string& file, const std::string& marked);
  void initialize(const json& id, std::string_view rest);
  json range() const;
  json position() const { return range()["start"]; }
  json document() const { return {{"uri", uri_of(file_)}}; }

  struct File {
    std::string text;
    int version = 1;
  };

  const bool is_relayed_;
  std::optional<Error> missing_;
  std::optional<LspClient> client_;
  std::map<std::string, File> files_;
  std::string file_;
  ByteRange selection_;
  PositionEncoding encoding_ = PositionEncoding::utf16;
  json last_list_ = json::array();
  std::map<std::string, json> asked_;  // by method: the id of what the server asked last
  bool has_exit_line_ = false;
};

json Play::range() const {
  const std::string& text = files_.at(file_).text;
  return to_json(to_range(text, LineIndex(text), selection_, encoding_));
}

void Play::set_text(const std::string& file, const std::string& marked) {
  const Annotations annotated(unescape(marked));
  file_ = file;
  files_[file].text = annotated.text;
  if (!annotated.points.empty()) selection_ = {annotated.point(), annotated.point()};
  if (!annotated.ranges.empty()) selection_ = annotated.range();
}

void Play::initialize(const json& id, std::string_view rest) {
  json params = {{"processId", nullptr}, {"rootUri", "file:///w"}, {"capabilities", json::object()}};
  if (!rest.empty()) params.merge_patch(json::parse(rest));
  client().request(id, "initialize", std::move(params));
}

std::optional<std::string> Play::act(std::string_view line) {
  if (line.starts_with("generator: ")) return act_generator(line.substr(11));
  if (line.starts_with("engine: ")) return act_engine(line.substr(8));
  return act_client(line.substr(4));
}

std::optional<std::string> Play::act_engine(std::string_view rest) {
  if (!is_relayed_) return "an engine dies behind a relay only";
  if (rest == "dies") {
    client().engine_dies();
  } else if (rest == "returns") {
    client().engine_returns();
  } else {
    return "no such direction: " + std::string(rest);
  }
  return std::nullopt;
}

std::optional<std::string> Play::act_generator(std::string_view rest) {
  if (rest.starts_with('"')) {
    client().script.on_complete = FakeGenerator::insert(json::parse(rest));
    if (!client().release()) return "nothing was held";
    return std::nullopt;
  }
  const std::string verb = take_word(rest);
  if (verb == "missing") {
    missing_ = not_found(std::string(rest));
    return std::nullopt;
  }
  FakeGenerator::Script& script = client().script;
  if (verb == "hold") {
    script.is_holding = true;
  } else if (verb == "release") {
    if (!client().release()) return "nothing was held";
  } else if (verb == "says") {
    script.on_complete = FakeGenerator::insert(json::parse(rest));
  } else if (verb == "fails") {
    script.on_complete = [message = std::string(rest)](const CompleteRequest&) {
      return invalid_input(message);
    };
  } else if (verb == "actions") {
    script.on_list = [list = json::parse(rest)](const ListActionsRequest& request) {
      std::vector<Action> actions;
      for (const json& entry : list) {
        const bool is_fix = entry["name"] == "fix";
        actions.push_back({is_fix ? Action::Kind::fix : Action::Kind::refactor, entry["name"], entry["title"],
                           request.selection, is_fix ? request.diagnostics : std::vector<Diagnostic>{}});
      }
      return actions;
    };
  } else if (verb == "edit") {
    script.on_resolve = [text = json::parse(rest).get<std::string>()](const ResolveActionRequest& request) {
      return ResolvedAction{{Edit{request.action.range, text}}, "", {}};
    };
  } else if (verb == "finds") {
    script.on_check = [list = json::parse(rest)](const CheckRequest& request) {
      std::vector<Diagnostic> found;
      for (const json& entry : list) {
        const std::string word = entry["word"];
        const auto at = static_cast<std::uint32_t>(request.snapshot->text.find(word));
        found.push_back({{{at}, {at + static_cast<std::uint32_t>(word.size())}},
                         entry["message"],
                         "seedling",
                         entry["code"]});
      }
      return found;
    };
  } else if (verb == "no") {
    take_word(rest);
    script.on_resolve = [reason = std::string(rest)](const ResolveActionRequest&) {
      return ResolvedAction{{}, reason, {}};
    };
  } else {
    return "no such direction: " + verb;
  }
  return std::nullopt;
}

std::optional<std::string> Play::act_client(std::string_view rest) {
  const std::string word = take_word(rest);
  const bool is_id = !word.empty() && word.find_first_not_of("0123456789") == std::string::npos;
  if (is_id) {
    const std::string method = take_word(rest);
    return act_request(std::stoi(word), method, rest);
  }
  if (word == "start") {
    initialize(0, rest);
    for (const json& message : client().take()) {
      if (message.value("/result/capabilities/positionEncoding"_json_pointer, "") == "utf-8") {
        encoding_ = PositionEncoding::utf8;
      }
    }
    client().notify("initialized", json::object());
  } else if (word == "open") {
    const std::string file = take_word(rest);
    set_text(file, std::string(rest.substr(2)));
    files_[file].version = 1;
    client().open(uri_of(file), language_of(file), files_[file].text);
  } else if (word == "change") {
    const std::string file = take_word(rest);
    const std::string before = files_[file].text;
    set_text(file, std::string(rest.substr(2)));
    const std::string& after = files_[file].text;
    const auto differ = std::mismatch(before.begin(), before.end(), after.begin(), after.end());
    const auto head = static_cast<std::size_t>(differ.first - before.begin());
    std::size_t tail = 0;
    while (tail < std::min(before.size(), after.size()) - head &&
           before[before.size() - 1 - tail] == after[after.size() - 1 - tail]) {
      ++tail;
    }
    const ByteRange changed{{static_cast<std::uint32_t>(head)},
                            {static_cast<std::uint32_t>(before.size() - tail)}};
    client().notify("textDocument/didChange",
                    {{"textDocument", {{"uri", uri_of(file)}, {"version", ++files_[file].version}}},
                     {"contentChanges",
                      {{{"range", to_json(to_range(before, LineIndex(before), changed, encoding_))},
                        {"text", after.substr(head, after.size() - tail - head)}}}}});
  } else if (word == "close") {
    client().notify("textDocument/didClose", {{"textDocument", {{"uri", uri_of(take_word(rest))}}}});
  } else if (word == "cancel") {
    client().notify("$/cancelRequest", {{"id", std::stoi(std::string(rest))}});
  } else if (word == "answer") {
    const auto asked = asked_.extract(take_word(rest));
    if (asked.empty()) return "the server has not asked for that";
    client().respond(asked.mapped(), json::parse(rest));
  } else if (word == "later") {
    if (!client().run_later()) return "nothing was put off";
  } else if (word == "minutes") {
    client().now += std::chrono::minutes(std::stoi(std::string(rest)));
  } else if (word == "raw") {
    client().send_text(rest);
  } else if (word == "end") {
    client().end_input();
  } else {
    client().notify(word, rest.empty() ? json(nullptr) : json::parse(rest));
  }
  return std::nullopt;
}

std::optional<std::string> Play::act_request(const json& id, const std::string& method,
                                             std::string_view rest) {
  if (method == "initialize") {
    initialize(id, rest);
  } else if (method == "inlineCompletion") {
    json context = {{"triggerKind", rest.starts_with("invoked") ? 1 : 2}};
    if (rest.starts_with("invoked")) take_word(rest);
    json params = {{"textDocument", document()}, {"position", position()}};
    if (rest.starts_with("selected ")) {
      take_word(rest);
      context["selectedCompletionInfo"] = {{"range", range()}, {"text", json::parse(rest)}};
      params["position"] = range()["end"];
    }
    params["context"] = std::move(context);
    client().request(id, "textDocument/inlineCompletion", std::move(params));
  } else if (method == "codeAction") {
    json context = rest.empty() ? json({{"diagnostics", json::array()}}) : json::parse(rest);
    replace_range_mark(context, range());
    client().request(id, "textDocument/codeAction",
                     {{"textDocument", document()}, {"range", range()}, {"context", std::move(context)}});
  } else if (method == "completion") {
    client().request(id, "textDocument/completion", {{"textDocument", document()}, {"position", position()}});
  } else if (method == "diagnostic") {
    json params = {{"textDocument", document()}};
    if (!rest.empty()) params["previousResultId"] = json::parse(rest);
    client().request(id, "textDocument/diagnostic", std::move(params));
  } else if (method == "run") {
    const std::size_t index = std::stoul(std::string(rest));
    if (index >= last_list_.size()) return "the last list has no such action";
    json params = last_list_[index]["command"];
    client().request(id, "workspace/executeCommand", std::move(params));
  } else if (method == "resolve") {
    const std::size_t index = std::stoul(std::string(rest));
    if (index >= last_list_.size()) return "the last list has no such action";
    client().request(id, "codeAction/resolve", last_list_[index]);
  } else {
    client().request(id, method, rest.empty() ? json(nullptr) : json::parse(rest));
  }
  return std::nullopt;
}

std::vector<std::string> Play::take_lines() {
  std::vector<std::string> lines;
  if (!client_) return lines;
  for (const json& message : client_->take()) {
    if (message.contains("method")) {
      if (message.contains("id")) asked_[message["method"]] = message["id"];
      lines.push_back("<-- " + message["method"].get<std::string>() + " " + dump(message["params"]));
    } else if (message.contains("error")) {
      lines.push_back("<-- " + dump(message["id"]) + " error " + dump(message["error"]["code"]) + " " +
                      dump(message["error"]["message"]));
    } else {
      if (message["result"].is_array()) last_list_ = message["result"];
      lines.push_back("<-- " + dump(message["id"]) + " " + dump(message["result"]));
    }
  }
  if (client_->exit_code() && !std::exchange(has_exit_line_, true)) {
    lines.push_back("<-- exit " + std::to_string(*client_->exit_code()));
  }
  return lines;
}

bool Play::matches(std::string_view expected, std::string_view actual) {
  expected.remove_prefix(4);
  actual.remove_prefix(4);
  if (take_word(expected) != take_word(actual)) return false;
  if (expected.starts_with("error ") || actual.starts_with("error ")) {
    if (take_word(expected) != take_word(actual) || take_word(expected) != take_word(actual)) return false;
    if (expected.empty() || expected.front() == '#') return true;
    return json::parse(actual).get<std::string>().find(json::parse(expected).get<std::string>()) !=
           std::string::npos;
  }
  return is_part_of(json::parse(expected), json::parse(actual));
}

std::vector<std::string> Play::end() {
  if (!client_) return {};
  std::vector<std::string> failures = client_->violations;
  for (const std::string& id : client_->unanswered())
    failures.push_back("request " + id + " was never answered");
  return failures;
}

}  // namespace

TranscriptRun run_transcript(const std::string& name, const std::string& text, bool is_relayed) {
  TranscriptRun run;
  Play play(is_relayed);
  std::vector<std::string> actual;
  std::size_t next = 0;
  int number = 0;
  const auto fail = [&](const std::string& what) {
    run.failures.push_back(name + ":" + std::to_string(number) + ": " + what);
  };
  const auto end_of_answers = [&] {
    for (; next < actual.size(); ++next) {
      fail("not expected: " + actual[next]);
      run.rewritten += actual[next] + "\n";
    }
  };

  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.starts_with("<-- ")) {
      if (next == actual.size()) {
        fail("did not come: " + line);
        continue;
      }
      const std::string& came = actual[next++];
      const bool is_same = Play::matches(line, came);
      if (!is_same) fail("expected " + line + "\n  came " + came);
      run.rewritten += (is_same ? line : came) + "\n";
      continue;
    }
    if (line.starts_with("--> ") || line.starts_with("generator: ") || line.starts_with("engine: ")) {
      end_of_answers();
      if (const auto wrong = play.act(line)) fail(*wrong);
      actual = play.take_lines();
      next = 0;
    } else if (!line.empty() && line.front() != '#') {
      fail("not a line of a transcript: " + line);
    }
    run.rewritten += line + "\n";
  }
  end_of_answers();
  for (const std::string& failure : play.end()) fail(failure);
  return run;
}

}  // namespace seedling
