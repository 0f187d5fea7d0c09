// `seedling eval offers`: how often a completion that is shown while typing is what was written, by how sure
// the model was of it; and how sure it has to be.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>

#include "cli/command.h"
#include "cli/infill_cases.h"
#include "cli/interrupt.h"
#include "cli/json_object.h"
#include "engine/engine.h"
#include "engine/model/fingerprint.h"

namespace seedling::cli {
namespace {

// A wrong offer costs a glance, a right one saves a line: one right one among three pays.
constexpr double kShareToBeWorthIt = 1.0 / 3;
constexpr std::size_t kLeastOffers = 20;  // fewer say nothing about a share

struct Offered {
  float confidence = 0;
  bool is_right = false;
};

struct Offers {
  std::size_t asked = 0;
  std::vector<Offered> shown;  // the surest first
};

struct Row {
  float confidence = 0;  // offers that are at least so sure
  std::size_t count = 0;
  double shown = 0;  // share of the places
  double right = 0;  // share of the offers
};

// The first line that says something, which is what somebody reads before the key is pressed.
std::string_view first_said_line(std::string_view text) {
  const std::string_view said = stripped(text);
  return stripped(said.substr(0, said.find('\n')));
}

CompleteRequest request_at(const InfillCase& infill, std::string_view written, std::string path) {
  CompleteRequest request;
  std::string before = infill.prefix + std::string(written);
  request.cursor = {static_cast<std::uint32_t>(before.size())};
  request.snapshot = std::make_shared<const Snapshot>(
      Snapshot{std::move(path), infill.language, 0, std::move(before) + infill.suffix});
  request.is_automatic = true;
  request.least_confidence = 0;
  return request;
}

// Asked where the line begins, and in the middle of it, as somebody who types does.
Status ask(Engine& engine, const InfillCase& infill, std::size_t number, std::stop_token stop,
           Offers& offers) {
  const std::string_view expected = *infill.expected;
  const std::string_view line =
      expected.substr(0, expected.find('\n', expected.find_first_not_of(" \t\r\n")));
  std::size_t half = line.size() / 2;
  while (half < line.size() && (static_cast<unsigned char>(line[half]) & 0xC0) == 0x80) ++half;
  for (const std::size_t written : {std::size_t{0}, half}) {
    const std::string_view wanted = first_said_line(expected.substr(written));
    if (wanted.empty() || (written == 0 && half == 0)) continue;
    // A path of its own for each case: nothing that was offered before may be gone on with.
    const CompleteRequest request =
        request_at(infill, expected.substr(0, written), "case" + std::to_string(number));
    const std::vector<Completion> found = TRY(engine.complete(request, stop));
    ++offers.asked;
    if (!found.empty())
      offers.shown.push_back({found[0].confidence, first_said_line(found[0].text) == wanted});
    engine.forget(request.snapshot->path);
  }
  return Done{};
}

std::vector<Row> rows_of(const Offers& offers) {
  std::vector<Row> rows;
  for (const float least : {0.0f, 0.3f, 0.4f, 0.5f, 0.6f, 0.65f, 0.7f, 0.75f, 0.8f, 0.85f, 0.9f, 0.925f,
                            0.95f, 0.97f, 0.98f, 0.99f}) {
    Row row{least};
    std::size_t right = 0;
    for (const Offered& offered : offers.shown) {
      row.count += offered.confidence >= least ? 1 : 0;
      right += offered.confidence >= least && offered.is_right ? 1 : 0;
    }
    if (row.count == 0) break;
    row.shown = static_cast<double>(row.count) / static_cast<double>(offers.asked);
    row.right = static_cast<double>(right) / static_cast<double>(row.count);
    rows.push_back(row);
  }
  return rows;
}

// The lowest from which on every one is worth it; where none is, the one that comes nearest.
float least_confidence(std::span<const Row> rows) {
  float least = 1;
  double best = -1;
  for (const Row& row : rows) {
    if (row.count < kLeastOffers) break;
    if (row.right >= kShareToBeWorthIt) return row.confidence;
    if (row.right > best) {
      best = row.right;
      least = row.confidence;
    }
  }
  return least;
}

std::string table_of(std::span<const Row> rows, float chosen) {
  std::string table = "confidence   offers    shown    right\n";
  for (const Row& row : rows) {
    char line[120];
    std::snprintf(line, sizeof line, "%10.3f %8zu %6.1f %% %6.1f %%%s\n", static_cast<double>(row.confidence),
                  row.count, 100 * row.shown, 100 * row.right,
                  row.confidence == chosen ? "  <- shown from here on" : "");
    table += line;
  }
  return table;
}

std::string json_of(std::span<const Row> rows, float chosen, std::size_t asked,
                    const std::string& fingerprint) {
  std::vector<std::string> lines;
  for (const Row& row : rows) {
    lines.push_back(JsonObject()
                        .add("confidence", row.confidence)
                        .add("offers", row.count)
                        .add("shown", row.shown)
                        .add("right", row.right)
                        .text());
  }
  return JsonObject()
      .add("weights", fingerprint)
      .add("least_confidence", chosen)
      .add("places", asked)
      .add_json("rows", json_array(lines))
      .text();
}

}  // namespace

Result<int> run_eval_offers(const EvalOffersOptions& options, const GlobalOptions& global) {
  const std::vector<InfillCase> cases =
      TRY(read_infill_cases(options.cases, options.language, options.limit));
  const std::unique_ptr<Engine> engine =
      TRY(Engine::open(engine_options(global, options.decode, Usual::adaptive)));
  const Interrupt interrupt;
  const bool is_terminal = ::isatty(STDERR_FILENO) == 1;
  Offers offers;
  std::size_t number = 0;
  for (const InfillCase& infill : cases) {
    if (interrupt.is_requested()) break;
    if (!infill.expected)
      return invalid_input(infill.id + ": without what was written nothing can be judged");
    TRY(ask(*engine, infill, ++number, {}, offers));
    if (is_terminal) std::cerr << "\r\033[Kcase " << number << "/" << cases.size() << std::flush;
  }
  if (is_terminal && number > 0) std::cerr << "\n";
  const std::vector<Row> rows = rows_of(offers);
  const float chosen = least_confidence(rows);
  (options.is_json ? std::cerr : std::cout) << table_of(rows, chosen);
  if (options.is_json)
    std::cout << json_of(rows, chosen, offers.asked, fingerprint_of(*engine->model().weights)) << "\n";
  return 0;
}

}  // namespace seedling::cli
