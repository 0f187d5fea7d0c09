// Model folders and safetensors files: what is read, and how each kind of damage is reported.
#include "engine/model/model.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "engine/model/safetensors.h"
#include "tests/support/tiny_model.h"

namespace seedling {
namespace {

using test::TemporaryFolder;

std::string file_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

void write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

// A safetensors file of a header and `data_size` zero bytes.
std::string with_header(const std::string& header, std::size_t data_size) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<char>(header.size() >> (8 * i)));
  return bytes + header + std::string(data_size, '\0');
}

Result<std::vector<NamedTensor>> parse(const std::string& bytes) {
  return parse_safetensors(std::as_bytes(std::span(bytes.data(), bytes.size())), "w.safetensors");
}

template <class T>
void check_refused(const Result<T>& result, ErrorCode code, std::initializer_list<std::string> words) {
  REQUIRE(!result.ok());
  INFO(result.error().message);
  CHECK(result.error().code == code);
  for (const std::string& word : words) {
    INFO("looking for: ", word);
    CHECK(result.error().message.find(word) != std::string::npos);
  }
}

TEST_CASE("safetensors: what is written is read back, aligned, whatever the order of types") {
  const TemporaryFolder folder;
  const std::string path = folder / "w.safetensors";
  const std::int8_t bytes[3] = {1, -2, 3};
  const float floats[4] = {1.5f, -2, 3e10f, 0};
  const std::uint16_t halves[2] = {0x3f80, 0xc000};
  const auto view = [](Dtype dtype, std::vector<std::int64_t> shape, const void* data, std::size_t size) {
    return TensorView{dtype, std::move(shape), static_cast<const std::byte*>(data), size};
  };
  const std::vector<NamedTensor> tensors = {{"bytes", view(Dtype::i8, {3}, bytes, 3)},
                                            {"halves", view(Dtype::bf16, {2, 1}, halves, 4)},
                                            {"nothing", view(Dtype::f32, {0, 7}, nullptr, 0)},
                                            {"floats", view(Dtype::f32, {2, 2}, floats, 16)}};
  REQUIRE(write_safetensors(path, tensors).ok());
  const auto file = SafetensorsFile::map(path);
  REQUIRE_MESSAGE(file.ok(), (file.ok() ? "" : file.error().message));
  CHECK((*file)->names().size() == 4);
  for (const NamedTensor& tensor : tensors) {
    const TensorView* read = (*file)->find(tensor.name);
    REQUIRE(read);
    CHECK(read->dtype == tensor.view.dtype);
    CHECK(read->shape == tensor.view.shape);
    REQUIRE(read->byte_count == tensor.view.byte_count);
    if (read->byte_count > 0) CHECK(std::memcmp(read->data, tensor.view.data, read->byte_count) == 0);
    CHECK(reinterpret_cast<std::uintptr_t>(read->data) % dtype_bytes(read->dtype) == 0);
  }
  CHECK((*file)->find("absent") == nullptr);
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()),
                      std::filesystem::directory_iterator()) == 1);
}

TEST_CASE("safetensors: a file that cannot be written is an error, and nothing is left behind") {
  const TemporaryFolder folder;
  check_refused(write_safetensors(folder / "missing/w.safetensors", {}), ErrorCode::invalid_input,
                {"cannot be written"});
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("safetensors: half-precision values") {
  const std::uint16_t f16[] = {0x3c00, 0xc000, 0x0001, 0x7bff, 0x8000, 0x7c00, 0x7e00};
  const TensorView view{Dtype::f16, {7}, reinterpret_cast<const std::byte*>(f16), sizeof f16};
  float values[7];
  read_f32(view, 0, values);
  CHECK(values[0] == 1.0f);
  CHECK(values[1] == -2.0f);
  CHECK(values[2] == std::ldexp(1.0f, -24));
  CHECK(values[3] == 65504.0f);
  CHECK(std::signbit(values[4]));
  CHECK(std::isinf(values[5]));
  CHECK(std::isnan(values[6]));
}

TEST_CASE("safetensors: damage is told apart, with expected and actual") {
  const auto refused = [](const std::string& bytes, std::initializer_list<std::string> words) {
    check_refused(parse(bytes), ErrorCode::invalid_input, words);
  };
  const std::string good = R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
  REQUIRE(parse(with_header(good, 8)).ok());
  refused("", {"at least 8 bytes", "found 0"});
  refused(std::string(8, '\xff'), {"header claims", "truncated"});
  refused(with_header(good, 8).substr(0, 20), {"header claims", "12 follow", "truncated"});
  refused(with_header(good, 7), {"\"a\"", "data byte 8", "only 7", "truncated"});
  refused(with_header(good, 9), {"describes 8", "holds 9"});
  refused(with_header("not json", 0), {"JSON"});
  refused(with_header("[1]", 0), {"JSON object"});
  refused(with_header(R"({"a":1})", 0), {"\"a\"", "object"});
  refused(with_header(R"({"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}})", 8), {"dtype", "F64"});
  refused(with_header(R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", 8), {"do not fit", "[3]"});
  refused(with_header(R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})", 8), {"shape"});
  refused(with_header(R"({"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}})", 0),
          {"do not fit"});
  refused(with_header(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})", 8), {"do not fit"});
  refused(with_header(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}})", 8), {"data_offsets"});
  refused(with_header(R"({"a":{"dtype":"I8","shape":[4],"data_offsets":[0,4]},)"
                      R"("b":{"dtype":"I8","shape":[4],"data_offsets":[2,6]}})",
                      6),
          {"\"b\"", "begins at data byte 2", "expected 4"});
  refused(with_header(R"({"a":{"dtype":"I8","shape":[4],"data_offsets":[2,6]}})", 6), {"expected 0"});
}

TEST_CASE("safetensors: every truncation of a real file is refused") {
  const TemporaryFolder folder;
  test::write_tiny_model(folder.path());
  const std::string bytes = file_bytes(folder / "model.safetensors");
  REQUIRE(parse(bytes).ok());
  for (std::size_t size = 0; size < bytes.size(); size += size < 64 ? 1 : 97) {
    CAPTURE(size);
    REQUIRE(!parse(bytes.substr(0, size)).ok());
  }
}

TEST_CASE("a tiny model loads, and the same seed gives the same files") {
  const TemporaryFolder first, second, third;
  test::write_tiny_model(first.path());
  test::write_tiny_model(second.path());
  test::TinyModelOptions other;
  other.seed = 2;
  test::write_tiny_model(third.path(), other);
  for (const char* name : {"config.json", "tokenizer.json", "model.safetensors"}) {
    CHECK(file_bytes(first / name) == file_bytes(second / name));
  }
  CHECK(file_bytes(first / "model.safetensors") != file_bytes(third / "model.safetensors"));
  const auto model = Model::load(first.path());
  REQUIRE_MESSAGE(model.ok(), (model.ok() ? "" : model.error().message));
  CHECK((*model)->tokenizer->vocab_size() == 320);
  const std::string text = "def f(self):\n    return name\n";
  CHECK((*model)->tokenizer->decode((*model)->tokenizer->encode(text)) == text);
  CHECK((*model)->tokenizer->encode(text).size() < text.size());
}

TEST_CASE("a folder that is missing or incomplete says where it looked and what to do") {
  check_refused(Model::load("/nonexistent/model"), ErrorCode::not_found,
                {"/nonexistent/model", "--model DIR"});
  for (const char* name : {"config.json", "tokenizer.json", "model.safetensors"}) {
    const TemporaryFolder folder;
    test::write_tiny_model(folder.path());
    std::filesystem::remove(folder / name);
    check_refused(Model::load(folder.path()), ErrorCode::not_found, {folder.path(), name, "--model DIR"});
  }
}

TEST_CASE("weights that do not belong to the configuration are refused, with both shapes") {
  const TemporaryFolder folder, other;
  test::write_tiny_model(folder.path());
  const auto load_with = [&](auto change) {
    test::TinyModelOptions options;
    change(options.config);
    write_bytes(folder / "config.json", options.config.to_json());
    return Model::load(folder.path());
  };
  const auto refused = [&](auto change, std::initializer_list<std::string> words) {
    check_refused(load_with(change), ErrorCode::invalid_input, words);
  };
  refused([](ModelConfig& c) { c.intermediate_size = 41; },
          {"model.layers.0.mlp.gate_proj.weight", "expected shape [41, 16]", "found [40, 16]"});
  refused([](ModelConfig& c) { c.num_hidden_layers = 3; },
          {"model.layers.2.input_layernorm.weight", "no such tensor"});
  refused([](ModelConfig& c) { c.tie_word_embeddings = false; }, {"lm_head.weight", "no such tensor"});
  refused([](ModelConfig& c) { c.qkv_bias = true; }, {"q_proj.bias", "expected shape [16]"});
  refused([](ModelConfig& c) { c.vocab_size = 319; }, {"tokenizer.json has 320", "319"});
  refused([](ModelConfig& c) { c.vocab_size = 321; }, {"embed_tokens", "[321, 16]", "[320, 16]"});
  CHECK(load_with([](ModelConfig&) {}).ok());

  const std::string bytes = file_bytes(folder / "model.safetensors");
  write_bytes(folder / "model.safetensors", bytes.substr(0, bytes.size() - 100));
  check_refused(Model::load(folder.path()), ErrorCode::invalid_input,
                {"truncated", "copy or download it again"});
}

}  // namespace
}  // namespace seedling
