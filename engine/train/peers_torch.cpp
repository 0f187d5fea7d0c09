#include "engine/train/peers_torch.h"

#include <cstdlib>
#include <optional>
#include <string>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

// libtorch does not say which of these it was built with; those are used whose own headers are installed.
#if __has_include(<gloo/transport/device.h>)
#define SEEDLING_GLOO
#ifndef USE_C10D_GLOO
#define USE_C10D_GLOO
#endif
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#endif
#if __has_include(<nccl.h>)
#define SEEDLING_NCCL
#ifndef USE_C10D_NCCL
#define USE_C10D_NCCL
#endif
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

namespace seedling {
namespace {

constexpr std::chrono::minutes kPatience{30};  // for a peer that saves, validates or draws trajectories

std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr || *value == '\0' ? std::nullopt : std::optional<std::string>(value);
}

Result<int> number(const char* name, int least, int most) {
  const std::optional<std::string> text = variable(name);
  char* end = nullptr;
  const long value = text ? std::strtol(text->c_str(), &end, 10) : 0;
  if (!text || *end != '\0' || value < least || value > most)
    return invalid_input("WORLD_SIZE is set, so " + std::string(name) + " has to be a number from " +
                         std::to_string(least) + " to " + std::to_string(most) + ", not '" +
                         text.value_or("") + "': start the processes with torchrun, or unset WORLD_SIZE");
  return static_cast<int>(value);
}

}  // namespace

struct Peers::Group {
  c10::intrusive_ptr<c10d::Store> store;
  at::Device device = at::kCPU;  // where the processes meet
#ifdef SEEDLING_GLOO
  c10::intrusive_ptr<c10d::ProcessGroupGloo> memory;
#endif
#ifdef SEEDLING_NCCL
  c10::intrusive_ptr<c10d::ProcessGroupNCCL> devices;
#endif

  Status open(at::Device wanted, int rank, int count) {
    (void)wanted, (void)rank, (void)count;
#ifdef SEEDLING_NCCL
    if (wanted.is_cuda()) {
      device = wanted;
      devices = c10::make_intrusive<c10d::ProcessGroupNCCL>(store, rank, count);
      return Done{};
    }
#endif
#ifdef SEEDLING_GLOO
    auto options = c10d::ProcessGroupGloo::Options::create(kPatience);
    options->devices.push_back(c10d::ProcessGroupGloo::createDefaultDevice());
    memory = c10::make_intrusive<c10d::ProcessGroupGloo>(store, rank, count, options);
    return Done{};
#else
    return unsupported("this build cannot train with several processes on " + wanted.str() +
                       ": install gloo's headers (Debian: libgloo-dev) and build again");
#endif
  }

  void sum(at::Tensor& flat) {
    std::vector<at::Tensor> there = {flat.to(device)};
#ifdef SEEDLING_NCCL
    if (devices) devices->allreduce(there)->wait();
#endif
#ifdef SEEDLING_GLOO
    if (memory) memory->allreduce(there)->wait();
#endif
    if (!there[0].is_same(flat)) flat.copy_(there[0]);
  }
};

std::string own_device(const std::string& device) {
  return device == "cuda" ? device + ":" + variable("LOCAL_RANK").value_or("0") : device;
}

Peers::Peers() = default;
Peers::Peers(Peers&&) noexcept = default;
Peers& Peers::operator=(Peers&&) noexcept = default;
Peers::~Peers() = default;

Result<Peers> Peers::join(at::Device device) {
  Peers peers;
  if (!variable("WORLD_SIZE")) return peers;
  peers.count_ = TRY(number("WORLD_SIZE", 1, 4096));
  if (peers.count_ == 1) return peers;
  peers.rank_ = TRY(number("RANK", 0, peers.count_ - 1));
  const int port = TRY(number("MASTER_PORT", 1, 65535));
  const std::string address = variable("MASTER_ADDR").value_or("127.0.0.1");
  try {
    c10d::TCPStoreOptions meeting;
    meeting.port = static_cast<std::uint16_t>(port);
    // torchrun's agent may have opened the store already, and says so.
    meeting.isServer = peers.is_first() && variable("TORCHELASTIC_USE_AGENT_STORE").value_or("") != "True";
    meeting.numWorkers = peers.count_;
    auto group = std::make_unique<Group>();
    group->store = c10::make_intrusive<c10d::PrefixStore>(
        "seedling", c10::make_intrusive<c10d::TCPStore>(address, meeting));
    TRY(group->open(device, peers.rank_, peers.count_));
    peers.group_ = std::move(group);
  } catch (const std::exception& problem) {
    const std::string what = problem.what();
    return invalid_input("cannot meet the other processes at " + address + ":" + std::to_string(port) + ": " +
                         what.substr(0, what.find('\n')));
  }
  return peers;
}

void Peers::sum(std::vector<at::Tensor>& tensors) {
  if (!group_ || tensors.empty()) return;
  const at::NoGradGuard no_gradients;
  std::vector<at::Tensor> parts;
  for (const at::Tensor& tensor : tensors) parts.push_back(tensor.reshape({-1}));
  at::Tensor flat = at::cat(parts);
  group_->sum(flat);
  std::int64_t at = 0;
  for (at::Tensor& tensor : tensors) {
    tensor.copy_(flat.narrow(0, at, tensor.numel()).view(tensor.sizes()));
    at += tensor.numel();
  }
}

void Peers::sum(std::vector<double>& numbers) {
  if (!group_ || numbers.empty()) return;
  at::Tensor flat = at::from_blob(numbers.data(), {static_cast<std::int64_t>(numbers.size())}, at::kDouble);
  group_->sum(flat);
}

void Peers::wait() {
  std::vector<double> here = {1};
  sum(here);
}

}  // namespace seedling
