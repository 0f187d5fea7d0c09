// kernels/cpu/huge_array.h
//
// Bytes on huge pages where the system has them: weights are read from end to end at every step, and 20 MB
// are 5,000 ordinary pages but ten huge ones.
//   Owned by its holder; moves, does not copy. Zeroed. Throws std::bad_alloc.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

namespace seedling::kernels {

class HugeArray {
 public:
  HugeArray() = default;
  explicit HugeArray(std::size_t size) : size_(size) {
    const std::size_t rounded = (size + kPage - 1) / kPage * kPage;
    data_.reset(static_cast<std::uint8_t*>(std::aligned_alloc(kPage, rounded)));
    if (!data_) throw std::bad_alloc();
#if defined(MADV_HUGEPAGE)
    madvise(data_.get(), rounded, MADV_HUGEPAGE);  // a wish: nothing depends on it
#endif
    std::memset(data_.get(), 0, rounded);
  }

  std::uint8_t* data() {
    return data_.get();
  }
  const std::uint8_t* data() const {
    return data_.get();
  }
  std::size_t size() const {
    return size_;
  }

 private:
  static constexpr std::size_t kPage = std::size_t{2} << 20;
  struct Free {
    void operator()(std::uint8_t* data) const { std::free(data); }
  };
  std::unique_ptr<std::uint8_t, Free> data_;
  std::size_t size_ = 0;
};

}  // namespace seedling::kernels
