// engine/train/peers_torch.h
//
// Peers: the processes that train one model together, started as torchrun starts them: RANK, WORLD_SIZE,
// MASTER_ADDR and MASTER_PORT in the environment. Without them a process trains alone, and every call below
// does nothing.
//   Each process works on rows of its own and holds all parameters; gradients are summed over all of them, so
//   that the parameters stay the same everywhere, bit for bit. gloo carries what lies in memory, NCCL what
//   lies on CUDA devices if the build has it (else it goes through memory).
//   Loop thread only; every process makes the same calls in the same order. Errors: join() returns
//   invalid_input with what is wrong with the environment; a peer that is lost throws c10::Error, which ends
//   the run: its checkpoint stays.
#pragma once

#include <ATen/ATen.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/result.h"

namespace seedling {

// The device of this process: of "cuda" the one that LOCAL_RANK names, if it is set.
std::string own_device(const std::string& device);

class Peers {
 public:
  Peers();  // alone
  // Returns when all are there.
  static Result<Peers> join(at::Device device);
  Peers(Peers&&) noexcept;
  Peers& operator=(Peers&&) noexcept;
  ~Peers();

  int rank() const { return rank_; }
  int count() const { return count_; }
  bool is_first() const { return rank_ == 0; }

  // In place, over all processes.
  void sum(std::vector<at::Tensor>& tensors);
  void sum(std::vector<double>& numbers);
  void wait();  // until every process is here

 private:
  struct Group;

  std::unique_ptr<Group> group_;  // null: alone
  int rank_ = 0, count_ = 1;
};

}  // namespace seedling
