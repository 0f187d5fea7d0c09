// The torch backend, reached the way the program reaches it: through the plug-in beside the executable.
#include "tests/engine/model/backend_check.h"

namespace seedling {
namespace {

using namespace test;

const Backend& torch_backend() {
  const Result<const Backend*> loaded = load_torch_backend();
  REQUIRE_MESSAGE(loaded.ok(), (loaded.ok() ? "" : loaded.error().message));
  return **loaded;
}

TEST_CASE("torch backend") {
  check_backend(torch_backend());
}

TEST_CASE("torch and plain give the same logits") {
  for (const TinyModelOptions& options : shapes_to_check()) {
    const auto model = load_tiny_model(options);
    const auto context = random_tokens(300, model->config.vocab_size);
    const auto block = random_tokens(16, model->config.vocab_size, 4);
    INFO(repeat_with(test_seed()));
    Session torch(torch_backend(), model), plain(plain_backend(), model);
    require_close<float>(torch.extend(context), plain.extend(context), 5e-5);
    require_close<float>(torch.step(block), plain.step(block), 5e-5);
  }
}

TEST_CASE("a CUDA device is refused with one line where there is none") {
  BackendOptions options;
  options.device = "cuda";
  const auto prepared = torch_backend().prepare(load_tiny_model(), options);
  if (prepared.ok()) {
    torch_backend().release(*prepared);
  } else {
    CHECK(prepared.error().code == ErrorCode::unsupported);
    CHECK(prepared.error().message.find("CUDA") != std::string::npos);
  }
}

}  // namespace
}  // namespace seedling
