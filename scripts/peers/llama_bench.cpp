// Times llama.cpp on a model of our shapes with random weights. Compiled by scripts/compare-peers against the
// llama.cpp that it fetched.
//   llama_bench write FILE TYPE HIDDEN LAYERS HEADS KV_HEADS INTERMEDIATE VOCAB
//     a Qwen3-shaped GGUF; TYPE of its matrices: bf16, q8_0 or q4_0
//   llama_bench run FILE NAME SHAPE THREADS FLASH_ATTENTION(0|1) CONTEXT SECONDS M...
//     prints one JSON line for each M: a batch of M tokens behind CONTEXT cached ones, logits for all of
//     them, each seeing all; and one for tokens taken one after the other.
#include <ggml.h>
#include <gguf.h>
#include <llama.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kHeadDim = 64;
constexpr int kCausalTokens = 64;
constexpr int kMostTokens = 256;  // of one batch of the context
constexpr int kWarmUps = 3, kLeastTimes = 5;

[[noreturn]] void fail(const std::string& message) {
  std::fprintf(stderr, "llama_bench: %s\n", message.c_str());
  std::exit(1);
}

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Shape {
  int hidden, layers, heads, kv_heads, intermediate, vocab;
};

ggml_type type_of(const std::string& name) {
  if (name == "bf16") return GGML_TYPE_BF16;
  if (name == "q8_0") return GGML_TYPE_Q8_0;
  if (name == "q4_0") return GGML_TYPE_Q4_0;
  fail("no type " + name);
}

class GgufWriter {
 public:
  GgufWriter(const Shape& shape, ggml_type type) : type_(type) {
    const std::size_t weights =
        static_cast<std::size_t>(shape.vocab) * shape.hidden +
        static_cast<std::size_t>(shape.layers) * shape.hidden *
            (2 * shape.heads * kHeadDim + 2 * shape.kv_heads * kHeadDim + 3 * shape.intermediate);
    tensors_ = ggml_init({weights * 2 + (std::size_t{64} << 20), nullptr, false});
    file_ = gguf_init_empty();
  }

  void set(const char* key, std::uint32_t value) { gguf_set_val_u32(file_, key, value); }
  void set(const char* key, float value) { gguf_set_val_f32(file_, key, value); }
  void set(const char* key, const char* value) { gguf_set_val_str(file_, key, value); }

  void add_matrix(const std::string& name, int inputs, int outputs) {
    std::vector<float> values(static_cast<std::size_t>(inputs) * outputs);
    const float spread = std::sqrt(3.0f / static_cast<float>(inputs));
    for (float& value : values) value = spread * unit();
    ggml_tensor* tensor = ggml_new_tensor_2d(tensors_, type_, inputs, outputs);
    ggml_quantize_chunk(type_, values.data(), tensor->data, 0, outputs, inputs, nullptr);
    ggml_set_name(tensor, name.c_str());
    gguf_add_tensor(file_, tensor);
  }
  void add_ones(const std::string& name, int count) {
    ggml_tensor* tensor = ggml_new_tensor_1d(tensors_, GGML_TYPE_F32, count);
    std::fill_n(static_cast<float*>(tensor->data), count, 1.0f);
    ggml_set_name(tensor, name.c_str());
    gguf_add_tensor(file_, tensor);
  }
  bool write(const char* path) const { return gguf_write_to_file(file_, path, false); }

 private:
  float unit() {  // xorshift, in [-1, 1)
    state_ ^= state_ << 13;
    state_ ^= state_ >> 17;
    state_ ^= state_ << 5;
    return static_cast<float>(state_) * 0x1p-31f - 1.0f;
  }

  ggml_type type_;
  ggml_context* tensors_;
  gguf_context* file_;
  std::uint32_t state_ = 2463534242;
};

void write_model(const char* path, ggml_type type, const Shape& shape) {
  GgufWriter out(shape, type);
  const int q = shape.heads * kHeadDim, kv = shape.kv_heads * kHeadDim;
  out.set("general.architecture", "qwen3");
  out.set("tokenizer.ggml.model", "none");
  const auto u32 = [](int value) { return static_cast<std::uint32_t>(value); };
  out.set("qwen3.vocab_size", u32(shape.vocab));
  out.set("qwen3.context_length", 8192u);
  out.set("qwen3.embedding_length", u32(shape.hidden));
  out.set("qwen3.block_count", u32(shape.layers));
  out.set("qwen3.feed_forward_length", u32(shape.intermediate));
  out.set("qwen3.attention.head_count", u32(shape.heads));
  out.set("qwen3.attention.head_count_kv", u32(shape.kv_heads));
  out.set("qwen3.attention.key_length", u32(kHeadDim));
  out.set("qwen3.attention.value_length", u32(kHeadDim));
  out.set("qwen3.attention.layer_norm_rms_epsilon", 1e-6f);
  out.set("qwen3.rope.freq_base", 10000.0f);
  out.add_matrix("token_embd.weight", shape.hidden, shape.vocab);
  out.add_ones("output_norm.weight", shape.hidden);
  for (int layer = 0; layer < shape.layers; ++layer) {
    const std::string prefix = "blk." + std::to_string(layer) + ".";
    out.add_ones(prefix + "attn_norm.weight", shape.hidden);
    out.add_matrix(prefix + "attn_q.weight", shape.hidden, q);
    out.add_matrix(prefix + "attn_k.weight", shape.hidden, kv);
    out.add_matrix(prefix + "attn_v.weight", shape.hidden, kv);
    out.add_matrix(prefix + "attn_output.weight", q, shape.hidden);
    out.add_ones(prefix + "attn_q_norm.weight", kHeadDim);
    out.add_ones(prefix + "attn_k_norm.weight", kHeadDim);
    out.add_ones(prefix + "ffn_norm.weight", shape.hidden);
    out.add_matrix(prefix + "ffn_gate.weight", shape.hidden, shape.intermediate);
    out.add_matrix(prefix + "ffn_up.weight", shape.hidden, shape.intermediate);
    out.add_matrix(prefix + "ffn_down.weight", shape.intermediate, shape.hidden);
  }
  if (!out.write(path)) fail(std::string("cannot write ") + path);
}

struct RunOptions {
  std::string file, name, shape;
  int threads = 1, context = 0;
  bool uses_flash_attention = false;
  double seconds = 0;
  std::vector<int> sizes;
};

class Runner {
 public:
  explicit Runner(const RunOptions& options) : options_(options) {
    llama_log_set([](ggml_log_level, const char*, void*) {}, nullptr);
    llama_backend_init();
    llama_model_params model_params = llama_model_default_params();
    model_ = llama_model_load_from_file(options.file.c_str(), model_params);
    if (model_ == nullptr) fail("cannot load " + options.file);
    llama_context_params params = llama_context_default_params();
    params.n_ctx = static_cast<std::uint32_t>(options.context + 512);
    params.n_batch = params.n_ubatch = kMostTokens;
    params.n_threads = params.n_threads_batch = options.threads;
    params.flash_attn_type =
        options.uses_flash_attention ? LLAMA_FLASH_ATTN_TYPE_ENABLED : LLAMA_FLASH_ATTN_TYPE_DISABLED;
    context_ = llama_init_from_model(model_, params);
    if (context_ == nullptr) fail("no context");
    vocab_ = llama_vocab_n_tokens(llama_model_get_vocab(model_));
    batch_ = llama_batch_init(kMostTokens, 0, 1);
    for (int at = 0; at < options.context; at += kMostTokens) {
      decode(at, std::min(kMostTokens, options.context - at), false);
    }
  }

  void time_step(int m) {
    llama_set_causal_attn(context_, false);
    for (int i = 0; i < kWarmUps; ++i) step(m);
    std::vector<double> times;
    const Clock::time_point start = Clock::now();
    while (static_cast<int>(times.size()) < kLeastTimes || ms_since(start) < options_.seconds * 1e3) {
      times.push_back(step(m));
    }
    std::printf("{\"engine\":\"%s\",\"shape\":\"%s\",\"m\":%d,\"context\":%d,\"ms\":%.4f,\"n\":%zu}\n",
                options_.name.c_str(), options_.shape.c_str(), m, options_.context, median(times),
                times.size());
  }

  void time_causal() {
    llama_set_causal_attn(context_, true);
    std::vector<double> times;
    const Clock::time_point start = Clock::now();
    for (int run = 0; run < 3 || ms_since(start) < options_.seconds * 1e3; ++run) {
      const Clock::time_point run_start = Clock::now();
      llama_token token = 17;
      for (int i = 0; i < kCausalTokens; ++i) token = next(options_.context + i, token);
      if (run > 0) times.push_back(ms_since(run_start) / kCausalTokens);
      rewind();
    }
    std::printf("{\"engine\":\"%s\",\"shape\":\"%s\",\"context\":%d,\"tokens_per_s\":%.2f,\"n\":%zu}\n",
                options_.name.c_str(), options_.shape.c_str(), options_.context, 1e3 / median(times),
                times.size());
  }

 private:
  void rewind() { llama_memory_seq_rm(llama_get_memory(context_), 0, options_.context, -1); }

  void add(int row, llama_token token, int position, bool wants_logits) {
    batch_.token[row] = token;
    batch_.pos[row] = position;
    batch_.n_seq_id[row] = 1;
    batch_.seq_id[row][0] = 0;
    batch_.logits[row] = wants_logits;
    batch_.n_tokens = row + 1;
  }
  void run_batch() {
    if (llama_decode(context_, batch_) != 0) fail("llama_decode failed");
    llama_synchronize(context_);
  }
  void decode(int position, int count, bool wants_logits) {
    for (int i = 0; i < count; ++i) add(i, (position + i) * 7919 % vocab_, position + i, wants_logits);
    run_batch();
  }
  double step(int m) {
    const Clock::time_point start = Clock::now();
    decode(options_.context, m, true);
    const double ms = ms_since(start);
    if (!std::isfinite(llama_get_logits_ith(context_, m - 1)[0])) fail("the logits are not finite");
    rewind();
    return ms;
  }
  llama_token next(int position, llama_token token) {
    add(0, token, position, true);
    run_batch();
    const float* logits = llama_get_logits_ith(context_, 0);
    return static_cast<llama_token>(std::max_element(logits, logits + vocab_) - logits);
  }

  RunOptions options_;
  llama_model* model_;
  llama_context* context_;
  llama_batch batch_;
  int vocab_ = 0;
};

}  // namespace

int main(int count, char** words) {
  const std::vector<std::string> given(words + 1, words + count);
  if (given.size() == 9 && given[0] == "write") {
    const auto number = [&](std::size_t i) { return std::stoi(given[i]); };
    write_model(words[2], type_of(given[2]),
                {number(3), number(4), number(5), number(6), number(7), number(8)});
    return 0;
  }
  if (given.size() >= 9 && given[0] == "run") {
    RunOptions options{.file = given[1], .name = given[2], .shape = given[3]};
    options.threads = std::stoi(given[4]);
    options.uses_flash_attention = given[5] == "1";
    options.context = std::stoi(given[6]);
    options.seconds = std::stod(given[7]);
    for (std::size_t i = 8; i < given.size(); ++i) options.sizes.push_back(std::stoi(given[i]));
    Runner runner(options);
    for (const int m : options.sizes) runner.time_step(m);
    runner.time_causal();
    return 0;
  }
  fail(
      "write FILE TYPE HIDDEN LAYERS HEADS KV_HEADS INTERMEDIATE VOCAB, or run FILE NAME SHAPE THREADS "
      "FLASH_ATTENTION CONTEXT SECONDS M...");
}
