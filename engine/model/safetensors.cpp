#include "engine/model/safetensors.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <system_error>

#include "engine/assert.h"
#include "kernels/cpu/aligned.h"

namespace seedling {
namespace {

using nlohmann::json;

constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kFileAlignment = 64;            // a cache line: where kernels like to begin
constexpr std::size_t kMaxHeaderBytes = 100'000'000;  // the format's own bound

struct DtypeName {
  Dtype dtype;
  const char* name;
  std::size_t bytes;
};
constexpr DtypeName kDtypes[] = {{Dtype::f32, "F32", 4},
                                 {Dtype::bf16, "BF16", 2},
                                 {Dtype::f16, "F16", 2},
                                 {Dtype::i8, "I8", 1},
                                 {Dtype::u8, "U8", 1}};

const DtypeName& dtype_row(Dtype dtype) {
  for (const DtypeName& row : kDtypes) {
    if (row.dtype == dtype) return row;
  }
  SEEDLING_ASSERT(!"every Dtype has a row");
  return kDtypes[0];
}

// Byte count of a tensor; false when it does not fit 63 bits.
bool tensor_bytes(Dtype dtype, std::span<const std::int64_t> shape, std::size_t* bytes) {
  std::int64_t count = static_cast<std::int64_t>(dtype_bytes(dtype));
  for (const std::int64_t extent : shape) {
    if (__builtin_mul_overflow(count, extent, &count)) return false;
  }
  *bytes = static_cast<std::size_t>(count);
  return true;
}

Result<std::vector<std::int64_t>> parse_shape(const json& entry, const std::string& where) {
  const auto it = entry.find("shape");
  if (it == entry.end() || !it->is_array()) return invalid_input(where + "shape: expected a list of sizes");
  std::vector<std::int64_t> shape;
  for (const json& extent : *it) {
    if (!extent.is_number_integer() || extent.get<std::int64_t>() < 0) {
      return invalid_input(where + "shape: expected sizes of at least 0, found " + it->dump());
    }
    shape.push_back(extent.get<std::int64_t>());
  }
  return shape;
}

Result<Dtype> parse_dtype(const json& entry, const std::string& where) {
  const auto it = entry.find("dtype");
  for (const DtypeName& row : kDtypes) {
    if (it != entry.end() && *it == row.name) return row.dtype;
  }
  return invalid_input(where + "dtype: expected F32, BF16, F16, I8 or U8, found " +
                       (it == entry.end() ? std::string("nothing") : it->dump()));
}

// One entry of the header; data_bytes: what the file holds after the header.
Result<NamedTensor> parse_entry(const std::string& name, const json& entry, const std::byte* data,
                                std::size_t data_bytes, const std::string& origin) {
  const std::string where = origin + ": tensor \"" + name + "\": ";
  if (!entry.is_object()) return invalid_input(where + "expected an object, found " + entry.dump());
  NamedTensor tensor{name, {}};
  tensor.view.dtype = TRY(parse_dtype(entry, where));
  tensor.view.shape = TRY(parse_shape(entry, where));
  const auto offsets = entry.find("data_offsets");
  if (offsets == entry.end() || !offsets->is_array() || offsets->size() != 2 ||
      !(*offsets)[0].is_number_unsigned() || !(*offsets)[1].is_number_unsigned()) {
    return invalid_input(where + "data_offsets: expected [begin, end]");
  }
  const std::uint64_t begin = (*offsets)[0], end = (*offsets)[1];
  std::size_t expected = 0;
  if (!tensor_bytes(tensor.view.dtype, tensor.view.shape, &expected) || end < begin ||
      end - begin != expected) {
    return invalid_input(where + "data_offsets " + offsets->dump() + " do not fit " +
                         dtype_row(tensor.view.dtype).name + " " + shape_text(tensor.view.shape));
  }
  if (end > data_bytes) {
    return invalid_input(where + "ends at data byte " + std::to_string(end) + ", but the file holds only " +
                         std::to_string(data_bytes) + ": it is truncated; copy or download it again");
  }
  tensor.view.data = data + begin;
  tensor.view.byte_count = expected;
  return tensor;
}

}  // namespace

std::size_t dtype_bytes(Dtype dtype) {
  return dtype_row(dtype).bytes;
}

const char* dtype_name(Dtype dtype) {
  return dtype_row(dtype).name;
}

std::string shape_text(std::span<const std::int64_t> shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

namespace {
float f16_to_f32(std::uint16_t half) {
  const int exponent = (half >> 10) & 31;
  const float fraction = static_cast<float>(half & 1023) / 1024.0f;
  float value = exponent == 0 ? std::ldexp(fraction, -14) : std::ldexp(1.0f + fraction, exponent - 15);
  if (exponent == 31) value = half & 1023 ? NAN : INFINITY;
  return half & 0x8000 ? -value : value;
}
}  // namespace

void read_f32(const TensorView& view, std::size_t first, std::span<float> out) {
  const std::size_t width = dtype_bytes(view.dtype);
  SEEDLING_ASSERT(view.dtype != Dtype::i8 && view.dtype != Dtype::u8 &&
                  (first + out.size()) * width <= view.byte_count);
  const std::byte* data = view.data + first * width;
  if (view.dtype == Dtype::f32) {
    std::memcpy(out.data(), data, out.size_bytes());
    return;
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::uint16_t half;
    std::memcpy(&half, data + 2 * i, 2);
    out[i] = view.dtype == Dtype::bf16 ? std::bit_cast<float>(static_cast<std::uint32_t>(half) << 16)
                                       : f16_to_f32(half);
  }
}

Result<std::vector<NamedTensor>> parse_safetensors(std::span<const std::byte> file,
                                                   const std::string& origin) {
  if (file.size() < kLengthBytes) {
    return invalid_input(origin + ": expected a safetensors file of at least 8 bytes, found " +
                         std::to_string(file.size()));
  }
  std::uint64_t header_bytes = 0;
  for (std::size_t i = 0; i < kLengthBytes; ++i)
    header_bytes |= std::to_integer<std::uint64_t>(file[i]) << (8 * i);
  const std::size_t after_length = file.size() - kLengthBytes;
  if (header_bytes > kMaxHeaderBytes || header_bytes > after_length) {
    return invalid_input(origin + ": the header claims " + std::to_string(header_bytes) + " bytes, but " +
                         std::to_string(after_length) +
                         " follow: not a safetensors file, or truncated; copy or download it again");
  }
  const char* text = reinterpret_cast<const char*>(file.data()) + kLengthBytes;
  const json header = json::parse(text, text + header_bytes, nullptr, /*allow_exceptions=*/false);
  if (!header.is_object()) return invalid_input(origin + ": the safetensors header is not a JSON object");

  const std::byte* data = file.data() + kLengthBytes + header_bytes;
  const std::size_t data_bytes = after_length - header_bytes;
  std::vector<NamedTensor> tensors;
  for (const auto& [name, entry] : header.items()) {
    if (name != "__metadata__") tensors.push_back(TRY(parse_entry(name, entry, data, data_bytes, origin)));
  }
  // An empty tensor takes no room, so it goes before the one that begins at the same byte.
  std::sort(tensors.begin(), tensors.end(), [](const NamedTensor& a, const NamedTensor& b) {
    return std::pair(a.view.data, a.view.byte_count) < std::pair(b.view.data, b.view.byte_count);
  });
  const std::byte* used_up_to = data;
  for (const NamedTensor& tensor : tensors) {
    if (tensor.view.data != used_up_to) {
      return invalid_input(origin + ": tensor \"" + tensor.name + "\" begins at data byte " +
                           std::to_string(tensor.view.data - data) + ", expected " +
                           std::to_string(used_up_to - data) + ": tensors may not overlap or leave gaps");
    }
    used_up_to += tensor.view.byte_count;
  }
  if (used_up_to != data + data_bytes) {
    return invalid_input(origin + ": the header describes " + std::to_string(used_up_to - data) +
                         " bytes of data, the file holds " + std::to_string(data_bytes));
  }
  return tensors;
}

struct SafetensorsFile::Impl {
  std::string path;
  void* mapping = nullptr;
  std::size_t size = 0;
  std::vector<NamedTensor> tensors;                       // in file order
  std::map<std::string, std::size_t, std::less<>> index;  // name -> position in tensors
  std::vector<kernels::AlignedArray<std::byte>> copies;   // of tensors that the mapping does not align

  // Kernels read panels and scales in place.
  void align() {
    for (NamedTensor& tensor : tensors) {
      TensorView& view = tensor.view;
      const std::size_t wanted = view.dtype == Dtype::u8 ? kFileAlignment : view.dtype == Dtype::f32 ? 4 : 1;
      if (view.byte_count == 0 || reinterpret_cast<std::uintptr_t>(view.data) % wanted == 0) continue;
      kernels::AlignedArray<std::byte> copy(view.byte_count);
      std::memcpy(copy.data(), view.data, view.byte_count);
      view.data = copy.data();
      copies.push_back(std::move(copy));
    }
  }

  ~Impl() {
    if (mapping) munmap(mapping, size);
  }
};

SafetensorsFile::SafetensorsFile(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SafetensorsFile::~SafetensorsFile() = default;

Result<std::shared_ptr<const SafetensorsFile>> SafetensorsFile::map(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return not_found(path + ": cannot be opened: " + std::generic_category().message(errno));
  struct stat info {};
  const bool is_file = fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
  auto impl = std::make_unique<Impl>();
  impl->path = path;
  impl->size = is_file ? static_cast<std::size_t>(info.st_size) : 0;
  if (impl->size > 0) {
    void* mapping = mmap(nullptr, impl->size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (mapping != MAP_FAILED) {
      impl->mapping = mapping;
      madvise(mapping, impl->size, MADV_WILLNEED);  // read ahead while the caller does something else
    }
  }
  close(fd);  // the mapping keeps the file
  if (!is_file) return invalid_input(path + ": expected a safetensors file, found a folder or device");
  if (impl->size > 0 && !impl->mapping)
    return Error{ErrorCode::internal, path + ": cannot be mapped into memory"};

  impl->tensors = TRY(parse_safetensors({static_cast<const std::byte*>(impl->mapping), impl->size}, path));
  impl->align();
  for (std::size_t i = 0; i < impl->tensors.size(); ++i) impl->index[impl->tensors[i].name] = i;
  return std::shared_ptr<const SafetensorsFile>(new SafetensorsFile(std::move(impl)));
}

const std::string& SafetensorsFile::path() const {
  return impl_->path;
}

std::size_t SafetensorsFile::copied_bytes() const {
  std::size_t bytes = 0;
  for (const auto& copy : impl_->copies) bytes += copy.size();
  return bytes;
}

std::vector<std::string> SafetensorsFile::names() const {
  std::vector<std::string> names;
  for (const NamedTensor& tensor : impl_->tensors) names.push_back(tensor.name);
  return names;
}

const TensorView* SafetensorsFile::find(std::string_view name) const {
  const auto it = impl_->index.find(name);
  return it == impl_->index.end() ? nullptr : &impl_->tensors[it->second].view;
}

Result<const TensorView*> SafetensorsFile::require(std::string_view name,
                                                   std::span<const std::int64_t> shape) const {
  const TensorView* view = find(name);
  const std::string where =
      impl_->path + ": tensor \"" + std::string(name) + "\": expected shape " + shape_text(shape);
  if (!view) return invalid_input(where + ", but the file has no such tensor");
  if (!std::equal(view->shape.begin(), view->shape.end(), shape.begin(), shape.end())) {
    return invalid_input(where + ", found " + shape_text(view->shape) +
                         "; do config.json and the weights belong together?");
  }
  return view;
}

Status write_safetensors(const std::string& path, std::span<const NamedTensor> tensors) {
  // Whole cache lines first, then wider types, so that no tensor needs a gap, which the format does not have.
  std::vector<const NamedTensor*> ordered;
  for (const NamedTensor& tensor : tensors) ordered.push_back(&tensor);
  const auto rank = [](const NamedTensor* tensor) {
    const bool is_whole = tensor->view.byte_count % kFileAlignment == 0;
    return std::pair(is_whole ? 0 : 1, -static_cast<int>(dtype_bytes(tensor->view.dtype)));
  };
  std::stable_sort(ordered.begin(), ordered.end(),
                   [&](const NamedTensor* a, const NamedTensor* b) { return rank(a) < rank(b); });

  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  header["__metadata__"] = {{"format", "pt"}};  // Hugging Face's loaders ask for it
  std::size_t offset = 0;
  for (const NamedTensor* tensor : ordered) {
    std::size_t bytes = 0;
    SEEDLING_ASSERT(tensor_bytes(tensor->view.dtype, tensor->view.shape, &bytes) &&
                    bytes == tensor->view.byte_count);
    SEEDLING_ASSERT(!header.contains(tensor->name));
    header[tensor->name] = {{"dtype", dtype_row(tensor->view.dtype).name},
                            {"shape", tensor->view.shape},
                            {"data_offsets", {offset, offset + bytes}}};
    offset += bytes;
  }
  std::string text = header.dump();
  text.append((kFileAlignment - (kLengthBytes + text.size()) % kFileAlignment) % kFileAlignment, ' ');

  const std::string temporary = path + ".tmp" + std::to_string(getpid());
  std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
  for (std::size_t i = 0; i < kLengthBytes; ++i) file.put(static_cast<char>(text.size() >> (8 * i)));
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  for (const NamedTensor* tensor : ordered) {
    file.write(reinterpret_cast<const char*>(tensor->view.data),
               static_cast<std::streamsize>(tensor->view.byte_count));
  }
  file.close();
  if (!file || std::rename(temporary.c_str(), path.c_str()) != 0) {
    const std::string reason = std::generic_category().message(errno);
    std::remove(temporary.c_str());
    return Error{ErrorCode::invalid_input,
                 path + ": cannot be written: " + reason + "; is there room on the disk?"};
  }
  return Done{};
}

}  // namespace seedling
