// tests/stress/main.cpp
//
// Editor windows at work on the engine they share, while it is killed again and again: no edit may be lost,
// no request may stay without its one answer, no memory may grow.
//   usage: stress --server BINARY [options]; --help has them. Everything but the times follows from --seed.
//   Prints what it counted; exit 0 if all held, 1 with a line for everything that did not.
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <thread>

#include "tests/stress/memory.h"
#include "tests/stress/typist.h"
#include "tests/stress/window.h"

namespace {

using namespace seedling;
using namespace seedling::stress;
using std::chrono::milliseconds;
using std::chrono::seconds;

struct Options {
  std::string server, model;
  double minutes = 1;
  std::uint64_t seed = 1;
  int clients = 5;
  int documents = 20;
  double kill_seconds = 120;
  double calm_minutes = 0;      // at the end, without kills
  int cache_mib = -1;           // of the engine; -1: its default
  double keys_per_second = 10;  // in each window; 0: as fast as it goes
  bool also_hangs = false;
};

constexpr seconds kMostWait{60};
constexpr seconds kSampleInterval{5};
constexpr milliseconds kLookInterval{200};

class Stress {
 public:
  explicit Stress(Options options) : options_(std::move(options)), random_(options_.seed) {
    std::string folder = std::filesystem::temp_directory_path() / "seedling-stress-XXXXXX";
    if (!mkdtemp(folder.data())) std::abort();
    folder_ = folder;
    setenv("XDG_RUNTIME_DIR", folder_.c_str(), 1);
    std::vector<std::string> command = {options_.server,   "lsp",      "--stdio",
                                        "--document-hash", "--linger", "1"};
    if (!options_.model.empty()) command.insert(command.end(), {"--model", options_.model});
    if (options_.cache_mib >= 0)
      command.insert(command.end(), {"--cache-mib", std::to_string(options_.cache_mib)});
    for (int i = 0; i < options_.clients; ++i) {
      windows_.push_back(std::make_unique<Window>("window " + std::to_string(i + 1), command));
      const PositionEncoding encoding = i % 2 == 0 ? PositionEncoding::utf16 : PositionEncoding::utf8;
      const int files = std::max(1, options_.documents / options_.clients);
      typists_.push_back(std::make_unique<Typist>(*windows_.back(),
                                                  options_.seed * 1000 + static_cast<unsigned>(i),
                                                  static_cast<std::size_t>(files), encoding));
    }
    window_memory_.resize(windows_.size());
  }
  ~Stress() {
    windows_.clear();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  Stress(const Stress&) = delete;
  Stress& operator=(const Stress&) = delete;

  int run() {
    for (auto& typist : typists_) typist->start();
    work();
    settle();
    look_after_engine();
    for (auto& typist : typists_) typist->end();
    pump_until([this] { return owed() == 0; });
    await_end(engine());
    return report();
  }

 private:
  pid_t engine() const {
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / "seedling")) {
      if (entry.path().extension() != ".lock") continue;
      pid_t process = 0;
      std::ifstream(entry.path()) >> process;
      return process;
    }
    return 0;
  }

  // An engine that ends without being told to has crashed: its windows hide that.
  void look_after_engine() {
    const pid_t process = engine();
    if (process <= 0 || process == seen_engine_) return;
    if (seen_engine_ > 0 && seen_engine_ != disturbed_engine_)
      crashes_.push_back("engine " + std::to_string(seen_engine_) + " ended by itself" + last_words());
    seen_engine_ = process;
  }

  std::string last_words() const {
    std::string words;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / "seedling")) {
      if (entry.path().extension() != ".log") continue;
      std::ifstream log(entry.path());
      for (std::string line; std::getline(log, line);) words += "\n  " + line;
    }
    return words;
  }

  void work() {
    const auto begin = Clock::now();
    const auto end = begin + std::chrono::duration_cast<Clock::duration>(
                                 std::chrono::duration<double>(options_.minutes * 60));
    const std::chrono::duration<double> between_kills(options_.kill_seconds);
    auto next_kill = begin + std::chrono::duration_cast<Clock::duration>(between_kills);
    const std::chrono::duration<double> calm(options_.calm_minutes * 60);
    auto next_sample = begin, next_look = begin;
    std::vector<Clock::time_point> next_key(windows_.size(), begin);
    while (Clock::now() < end && faults().empty()) {
      pump(milliseconds(options_.keys_per_second > 0 ? 5 : 0));
      const auto now = Clock::now();
      for (std::size_t i = 0; i < typists_.size(); ++i) {
        // No more is asked of a window than it answers, or an engine at its end would be all that is seen.
        if (!typists_[i]->is_started() || now < next_key[i] || windows_[i]->owed() > 50) continue;
        typists_[i]->step();
        if (options_.keys_per_second <= 0) continue;
        const double wait =
            (0.2 + 1.6 * static_cast<double>(random_() % 1000) / 1000) / options_.keys_per_second;
        next_key[i] = now + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(wait));
      }
      if (now >= next_look) {
        look_after_engine();
        next_look = now + kLookInterval;
      }
      if (now >= next_kill) {
        if (end - now > calm) disturb();
        next_kill = now + std::chrono::duration_cast<Clock::duration>(between_kills);
      }
      if (now >= next_sample) {
        sample();
        next_sample = now + kSampleInterval;
      }
    }
  }

  void disturb() {
    look_after_engine();
    const pid_t process = engine();
    if (process <= 0) return;
    disturbed_engine_ = process;
    const bool hangs = options_.also_hangs && kills_ % 3 == 2;
    kill(process, hangs ? SIGSTOP : SIGKILL);
    ++(hangs ? hangs_ : kills_);
    if (hangs) ++kills_;
  }

  void sample() {
    for (std::size_t i = 0; i < windows_.size(); ++i) window_memory_[i].sample(windows_[i]->process());
    const pid_t process = engine();
    if (engine_memory_.empty() || process != last_engine_) engine_memory_.emplace_back();
    last_engine_ = process;
    engine_memory_.back().sample(process);
    for (auto& window : windows_) {
      const std::vector<double> more = window->take_latencies();
      latencies_.insert(latencies_.end(), more.begin(), more.end());
    }
  }

  // An engine goes when its windows have gone.
  void await_end(pid_t engine) {
    const auto is_running = [engine] {
      std::ifstream maps("/proc/" + std::to_string(engine) + "/maps");
      return maps.peek() != std::ifstream::traits_type::eof();
    };
    const auto end = Clock::now() + kMostWait;
    while (is_running() && Clock::now() < end) std::this_thread::sleep_for(milliseconds(20));
    has_ended_ = !is_running();
    if (!has_ended_ && engine > 0) kill(engine, SIGKILL);
  }

  // Everything is answered, and every document is compared, in peace.
  void settle() {
    pump_until([this] { return owed() == 0; });
    for (auto& typist : typists_) typist->compare_all();
    pump_until([this] {
      for (auto& typist : typists_) typist->compare_again();
      return owed() == 0;
    });
  }

  void pump_until(const std::function<bool()>& is_done) {
    const auto end = Clock::now() + kMostWait;
    while (!is_done() && Clock::now() < end && faults().empty()) pump(milliseconds(10));
  }

  void pump(milliseconds most_wait) {
    std::vector<pollfd> waits;
    for (const auto& window : windows_) waits.push_back({window->readable(), POLLIN, 0});
    poll(waits.data(), waits.size(), static_cast<int>(most_wait.count()));
    for (auto& window : windows_) {
      window->pump();
      longest_wait_ = std::max(longest_wait_, window->longest_wait());
    }
  }

  std::size_t owed() const {
    std::size_t count = 0;
    for (const auto& window : windows_) count += window->owed();
    return count;
  }

  std::vector<std::string> faults() const {
    std::vector<std::string> all;
    for (const auto& window : windows_) all.insert(all.end(), window->faults.begin(), window->faults.end());
    for (const auto& typist : typists_) all.insert(all.end(), typist->lost.begin(), typist->lost.end());
    all.insert(all.end(), crashes_.begin(), crashes_.end());
    return all;
  }

  static bool tell_memory(const std::string& whose, const Memory& memory) {
    const std::optional<Memory::Growth> growth = memory.growth();
    if (!growth) return true;
    std::printf("memory of %s: %ld kB after warm-up, %ld kB at the end, %+.1f %%%s\n", whose.c_str(),
                growth->from_kb, growth->to_kb, growth->percent(), growth->is_flat() ? "" : ": GROWS");
    return growth->is_flat();
  }

  int report() {
    sample();
    std::size_t edits = 0, comparisons = 0, again = 0, answers = 0, errors = 0;
    std::map<int, std::size_t> codes;
    for (const auto& typist : typists_) {
      edits += typist->edits;
      comparisons += typist->comparisons;
      again += typist->asked_again;
    }
    for (const auto& window : windows_) {
      answers += window->answers;
      errors += window->errors;
      for (const auto& [code, count] : window->error_codes) codes[code] += count;
    }
    std::printf(
        "edits %zu, comparisons %zu (%zu asked again), requests answered %zu (%zu with an error), kills %d, "
        "hangs %d, longest wait for an answer %lld ms\n",
        edits, comparisons, again, answers, errors, kills_ - hangs_, hangs_,
        static_cast<long long>(longest_wait_.count()));
    for (const auto& [code, count] : codes) std::printf("error %d: %zu\n", code, count);
    if (!latencies_.empty()) {
      std::sort(latencies_.begin(), latencies_.end());
      std::printf("completions that were not overtaken: %zu, p50 %.1f ms, p95 %.1f ms\n", latencies_.size(),
                  latencies_[latencies_.size() / 2], latencies_[latencies_.size() * 95 / 100]);
    }
    bool is_flat = true;
    for (std::size_t i = 0; i < window_memory_.size(); ++i)
      is_flat = tell_memory("window " + std::to_string(i + 1), window_memory_[i]) && is_flat;
    for (std::size_t i = 0; i < engine_memory_.size(); ++i)
      is_flat = tell_memory("engine " + std::to_string(i + 1), engine_memory_[i]) && is_flat;
    const std::vector<std::string> wrong = faults();
    for (const std::string& fault : wrong) std::printf("FAULT: %s\n", fault.c_str());
    if (owed() > 0) std::printf("FAULT: %zu requests were never answered\n", owed());
    if (comparisons == 0) std::printf("FAULT: nothing was compared\n");
    if (!has_ended_) std::printf("FAULT: the engine outlives its windows\n");
    return has_ended_ && wrong.empty() && owed() == 0 && is_flat && comparisons > 0 ? 0 : 1;
  }

  const Options options_;
  std::mt19937_64 random_;
  std::filesystem::path folder_;
  std::vector<std::unique_ptr<Window>> windows_;
  std::vector<std::unique_ptr<Typist>> typists_;
  std::vector<Memory> window_memory_;
  std::vector<Memory> engine_memory_;  // of one after the other
  std::vector<double> latencies_;
  std::vector<std::string> crashes_;
  pid_t last_engine_ = 0, seen_engine_ = 0, disturbed_engine_ = 0;
  bool has_ended_ = false;  // the last engine, after its windows
  int kills_ = 0, hangs_ = 0;
  milliseconds longest_wait_{0};
};

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Editor windows at work on one engine that is killed again and again", "stress");
  app.add_option("--server", options.server, "The binary seedling")->required();
  app.add_option("--model", options.model, "Model folder (default: the server's)");
  app.add_option("--minutes", options.minutes, "How long (default 1)");
  app.add_option("--seed", options.seed);
  app.add_option("--clients", options.clients, "Windows (default 5)")->check(CLI::Range(1, 100));
  app.add_option("--documents", options.documents, "Of all windows together (default 20)");
  app.add_option("--kill-seconds", options.kill_seconds, "From one kill -9 to the next (default 120)");
  app.add_option("--calm-minutes", options.calm_minutes, "At the end, without kills (default 0)");
  app.add_option("--cache-mib", options.cache_mib, "Of the engine: a small one is full after the warm-up");
  app.add_option("--keys-per-second", options.keys_per_second,
                 "In each window; 0: as fast as it goes (default 10)");
  app.add_flag("--hangs", options.also_hangs, "Every third time the engine is stopped instead of killed");
  CLI11_PARSE(app, argc, argv);
  signal(SIGPIPE, SIG_IGN);
  return Stress(options).run();
}
