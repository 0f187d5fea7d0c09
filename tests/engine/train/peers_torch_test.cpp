// Several processes train one model: the built seedling-train, started as torchrun would start it.
#define DOCTEST_CONFIG_NO_SHORT_MACRO_NAMES
#include "engine/train/peers_torch.h"

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "engine/train/corpus/subprocess.h"
#include "tests/engine/train/tiny_corpus.h"

namespace {

using namespace seedling;
using nlohmann::json;

// A port that is free now.
std::string free_port() {
  const int handle = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  DOCTEST_REQUIRE(bind(handle, reinterpret_cast<sockaddr*>(&address), size) == 0);
  DOCTEST_REQUIRE(getsockname(handle, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  close(handle);
  return std::to_string(ntohs(address.sin_port));
}

struct Workspace {
  test::TinyCorpus corpus;
  std::string model = (corpus.root / "model").string();

  Workspace() {
    ShardWriter validation(corpus.root.string(), "validation", std::string(kTokenShardEnding));
    const auto files = ShardReader::read_token_shard(
        ShardReader::list(corpus.root.string(), "train", kTokenShardEnding).front());
    DOCTEST_REQUIRE(files.ok());
    DOCTEST_REQUIRE(validation.append(files->front()).ok());
    DOCTEST_REQUIRE(validation.finish().ok());
    test::TinyModelOptions options;
    options.config.hidden_size = 32;
    options.config.head_dim = 16;
    options.config.max_position_embeddings = 1024;
    test::write_tiny_model(model, options);
  }

  Command command(const std::string& out, int rows, int threads) const {
    Command command;
    command.words = {SEEDLING_TRAIN_BINARY,
                     "run",
                     "--stage",
                     "mask",
                     "--corpus",
                     corpus.root.string(),
                     "--tokenizer",
                     model + "/tokenizer.json",
                     "--start-from",
                     model,
                     "--out",
                     out,
                     "--steps",
                     "8",
                     "--rows",
                     std::to_string(rows),
                     "--clean",
                     "128",
                     "--noisy",
                     "128",
                     "--threads",
                     std::to_string(threads),
                     "--report-seconds",
                     "0"};
    return command;
  }
};

std::vector<json> log_of(const std::string& out) {
  std::vector<json> lines;
  std::ifstream log(out + "/log.jsonl");
  for (std::string line; std::getline(log, line);) lines.push_back(json::parse(line));
  return lines;
}

DOCTEST_TEST_CASE("two processes give the loss curve of one process with the doubled batch") {
  const Workspace w;
  const std::string alone = (w.corpus.root / "alone").string(), both = (w.corpus.root / "both").string();
  const auto one = run_command(w.command(alone, 4, 2));
  DOCTEST_REQUIRE_MESSAGE(one.ok(), (one.ok() ? "" : one.error().message));

  const std::string port = free_port();
  std::vector<Result<std::string>> ends(2, Result<std::string>(std::string()));
  {
    std::vector<std::jthread> starters;
    for (int rank = 0; rank < 2; ++rank) {
      starters.emplace_back([&, rank] {
        Command command = w.command(both, 2, 1);
        command.environment = {{"RANK", std::to_string(rank)},
                               {"WORLD_SIZE", "2"},
                               {"MASTER_ADDR", "127.0.0.1"},
                               {"MASTER_PORT", port},
                               {"GLOO_SOCKET_IFNAME", "lo"}};
        ends[static_cast<std::size_t>(rank)] = run_command(command);
      });
    }
  }
  for (const auto& end : ends) DOCTEST_REQUIRE_MESSAGE(end.ok(), (end.ok() ? "" : end.error().message));

  const std::vector<json> expected = log_of(alone), found = log_of(both);
  DOCTEST_REQUIRE(expected.size() == 9);  // a line a step, and validation
  DOCTEST_REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    DOCTEST_CAPTURE(i);
    DOCTEST_CHECK(found[i]["tokens"] == expected[i]["tokens"]);
    for (const char* kind : {"causal", "masked"}) {
      const double a = found[i][kind].get<double>(), b = expected[i][kind].get<double>();
      DOCTEST_CHECK(std::abs(a - b) < 0.01 * b);
    }
  }
  DOCTEST_CHECK(expected.front()["masked"].get<double>() > expected[7]["masked"].get<double>());
}

DOCTEST_TEST_CASE("an environment that is half set is refused with what is wrong") {
  const Workspace w;
  Command command = w.command((w.corpus.root / "none").string(), 2, 1);
  command.environment = {{"WORLD_SIZE", "2"}, {"RANK", "2"}, {"MASTER_PORT", "1234"}};
  const auto refused = run_command(command);
  DOCTEST_REQUIRE(!refused.ok());
  DOCTEST_CHECK(refused.error().message.find("RANK") != std::string::npos);
  DOCTEST_CHECK(refused.error().message.find("torchrun") != std::string::npos);
}

}  // namespace
