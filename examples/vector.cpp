// A growable row of numbers.
#include <cstddef>
#include <vector>

class Row {
 public:
  explicit Row(std::size_t size) : values_(size) {}

  double sum() const {
    double total = 0;
    for (double value : values_) total += value;
    return
  }

  std::size_t size() const {
    return values_.size();
  }

 private:
  std::vector<double> values_;
};
