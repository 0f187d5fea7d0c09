// Matrices as floats and as int8 panels: what is read, what is refused, and that a mapping is read in place.
#include "engine/model/weights.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>

#include "engine/model/quantise.h"
#include "tests/support/tiny_model.h"

namespace seedling {
namespace {

using test::TemporaryFolder;
using test::TinyModelOptions;

// Awkward on purpose: no width is a multiple of 16 or 4 but the head's.
TinyModelOptions awkward() {
  TinyModelOptions options;
  options.config.vocab_size = 333;
  options.config.hidden_size = 18;
  options.config.head_dim = 6;
  options.config.num_attention_heads = 3;
  options.config.intermediate_size = 37;
  options.config.qkv_bias = true;
  options.config.tie_word_embeddings = false;
  return options;
}

std::string error_of(const Result<std::shared_ptr<const Model>>& model) {
  return model.ok() ? "no error" : model.error().message;
}

// A copy of the folder's tensors with one of them changed.
template <class Change>
std::string error_after(const std::string& folder, const std::string& name, Change change) {
  const auto file = SafetensorsFile::map(folder + "/model.safetensors");
  REQUIRE(file.ok());
  std::vector<NamedTensor> tensors;
  std::vector<std::byte> bytes;
  for (const std::string& each : (*file)->names()) {
    NamedTensor tensor{each, *(*file)->find(each)};
    if (each == name) {
      bytes.assign(tensor.view.data, tensor.view.data + tensor.view.byte_count);
      tensor.view.data = bytes.data();
      if (!change(tensor, bytes)) continue;
      tensor.view.data = bytes.data();
      tensor.view.byte_count = bytes.size();
    }
    tensors.push_back(tensor);
  }
  const TemporaryFolder changed;
  for (const char* other : {"config.json", "tokenizer.json"}) {
    std::filesystem::copy_file(folder + "/" + other, changed / other);
  }
  REQUIRE(write_safetensors(changed / "model.safetensors", tensors).ok());
  return error_of(Model::load(changed.path()));
}

TEST_CASE("weights: int8 panels give each row within half a step of what was quantised, in place") {
  for (const Dtype dtype : {Dtype::bf16, Dtype::f32}) {
    TinyModelOptions options = awkward();
    options.dtype = dtype;
    const TemporaryFolder from, to;
    test::write_tiny_model(from.path(), options);
    const auto model = Model::load(from.path());
    REQUIRE(model.ok());
    const auto report = quantise_model(**model, to.path());
    REQUIRE_MESSAGE(report.ok(), (report.ok() ? "" : report.error().message));
    const auto int8 = Model::load(to.path());
    REQUIRE_MESSAGE(int8.ok(), error_of(int8));
    CHECK((*int8)->config.has_int8_panels);
    CHECK((*int8)->weights->copied_bytes() == 0);
    REQUIRE(report->size() == (*model)->matrices.size());
    for (const QuantisedMatrix& matrix : *report) {
      CHECK(matrix.error.relative_rms() > 0);
      CHECK(matrix.error.relative_rms() < 0.01);
    }
    for (const auto& [name, matrix] : (*model)->matrices) {
      const WeightMatrix& packed = (*int8)->matrix(name);
      REQUIRE(packed.is_int8());
      CHECK_FALSE(matrix.is_int8());
      CHECK(packed.outputs == matrix.outputs);
      CHECK(packed.inputs == matrix.inputs);
      const kernels::Int8Matrix panels = packed.int8();
      CHECK(reinterpret_cast<std::uintptr_t>(panels.panels) % 64 == 0);
      std::vector<float> exact(static_cast<std::size_t>(matrix.inputs)), back(exact.size());
      for (int row = 0; row < matrix.outputs; ++row) {
        matrix.read_row(row, exact);
        packed.read_row(row, back);
        for (std::size_t i = 0; i < exact.size(); ++i) {
          CHECK(std::abs(exact[i] - back[i]) <= 0.5001f * panels.scales[row]);
        }
      }
    }
    for (const char* name : {"model.norm.weight", "model.layers.1.self_attn.k_proj.bias"}) {
      CHECK(read_vector(*(*model)->weights, name) == read_vector(*(*int8)->weights, name));
    }
  }
}

TEST_CASE("weights: int8 without its announcement, scales or shape is refused by name") {
  const TemporaryFolder from, to;
  test::write_tiny_model(from.path(), awkward());
  REQUIRE(quantise_model(**Model::load(from.path()), to.path()).ok());
  const std::string scale = "model.layers.0.mlp.up_proj.weight_scale",
                    weight = "model.layers.0.mlp.up_proj.weight";
  const auto contains = [](const std::string& message, const std::string& part) {
    INFO(message);
    CHECK(message.find(part) != std::string::npos);
  };
  contains(error_after(to.path(), scale, [](NamedTensor&, auto&) { return false; }),
           scale + "\": expected shape [37]");
  contains(error_after(to.path(), weight,
                       [](NamedTensor& t, auto&) {
                         t.view.shape = {5, 3, 16, 4};
                         return true;
                       }),
           "expected shape [3, 5, 16, 4], found [5, 3, 16, 4]");
  contains(error_after(to.path(), scale,
                       [](NamedTensor& t, auto&) {
                         t.view.shape = {37, 2};
                         t.view.dtype = Dtype::f16;
                         return true;
                       }),
           "expected shape [37], found [37, 2]");
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), -1.0f}) {
    contains(error_after(to.path(), scale,
                         [bad](NamedTensor&, std::vector<std::byte>& bytes) {
                           std::memcpy(bytes.data() + 36 * 4, &bad, 4);
                           return true;
                         }),
             "for row 36: the file is damaged");
  }
  // A config.json that says nothing of int8.
  std::filesystem::copy_file(from / "config.json", to / "config.json",
                             std::filesystem::copy_options::overwrite_existing);
  contains(error_of(Model::load(to.path())), "expected shape");
}

TEST_CASE("weights: a file whose tensors are not aligned is copied once and works the same") {
  const TemporaryFolder from, to;
  test::write_tiny_model(from.path(), awkward());
  REQUIRE(quantise_model(**Model::load(from.path()), to.path()).ok());
  const auto aligned = Model::load(to.path());
  REQUIRE(aligned.ok());
  // The same file with a header that is three bytes longer.
  const std::string path = to / "model.safetensors";
  std::ifstream in(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  bytes.insert(8 + static_cast<std::uint8_t>(bytes[0]) + 256 * static_cast<std::uint8_t>(bytes[1]), "   ");
  const unsigned length = static_cast<std::uint8_t>(bytes[0]) + 256 * static_cast<std::uint8_t>(bytes[1]) + 3;
  bytes[0] = static_cast<char>(length & 255);
  bytes[1] = static_cast<char>(length >> 8);
  std::filesystem::remove(path);  // the mapping of the first one stays
  std::ofstream(path, std::ios::binary) << bytes;
  const auto shifted = Model::load(to.path());
  REQUIRE_MESSAGE(shifted.ok(), error_of(shifted));
  CHECK((*shifted)->weights->copied_bytes() > 0);
  for (const auto& [name, matrix] : (*aligned)->matrices) {
    const kernels::Int8Matrix a = matrix.int8(), b = (*shifted)->matrix(name).int8();
    CHECK(reinterpret_cast<std::uintptr_t>(b.panels) % 64 == 0);
    CHECK(reinterpret_cast<std::uintptr_t>(b.scales) % 4 == 0);
    CHECK(std::memcmp(a.panels, b.panels, kernels::int8_panel_bytes(a.outputs, a.inputs)) == 0);
    CHECK(std::memcmp(a.scales, b.scales, static_cast<std::size_t>(a.outputs) * sizeof(float)) == 0);
  }
}

TEST_CASE("quantise: what is no model is not overwritten, and a model twice is refused") {
  const TemporaryFolder from, to, full;
  test::write_tiny_model(from.path());
  const auto model = Model::load(from.path());
  REQUIRE(model.ok());
  const auto error = [](const auto& result) { return result.ok() ? "no error" : result.error().message; };
  std::ofstream(full / "notes.txt") << "x";
  CHECK(error(quantise_model(**model, full.path())).find("holds files, but no model") != std::string::npos);
  CHECK(error(quantise_model(**model, full / "notes.txt")).find("is a file") != std::string::npos);
  CHECK(error(quantise_model(**model, from.path())).find("is the model itself") != std::string::npos);
  CHECK(error(quantise_model(**model, to.path())) == "no error");
  CHECK(error(quantise_model(**model, to.path())) == "no error");  // an older result may be replaced
  const auto int8 = Model::load(to.path());
  REQUIRE(int8.ok());
  CHECK(error(quantise_model(**int8, to / "again")).find("is int8 already") != std::string::npos);
}

TEST_CASE("quantise: a matrix with a NaN is refused by name and row") {
  Int8Tensors tensors;
  const auto row = [](int n, std::span<float> out) {
    for (float& value : out) value = n == 2 ? std::numeric_limits<float>::quiet_NaN() : 0.0f;
  };
  const auto added = tensors.add_matrix("w", 3, 5, row);
  REQUIRE_FALSE(added.ok());
  CHECK(added.error().message.find("\"w\": row 2 holds values that are not finite") != std::string::npos);
  // A matrix of zeros has no error.
  const auto zeros = tensors.add_matrix("z", 2, 5, row);
  REQUIRE(zeros.ok());
  CHECK(zeros->relative_rms() == 0);
}

}  // namespace
}  // namespace seedling
