#include "engine/model/backend.h"

#include <dlfcn.h>

#include <filesystem>

namespace seedling {
namespace {

constexpr const char* kPlugin = "libseedling_torch.so";
constexpr const char* kPluginEntry = "seedling_torch_backend";

// The folder of the file that this code was linked into: the executable, or the library that embeds the
// engine.
std::filesystem::path own_folder() {
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(&own_folder), &info) != 0 && info.dli_fname) {
    std::error_code ignored;
    const std::filesystem::path file = std::filesystem::canonical(info.dli_fname, ignored);
    if (!file.empty()) return file.parent_path();
  }
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
}

}  // namespace

Result<const Backend*> load_torch_backend() {
  const std::filesystem::path file = own_folder() / kPlugin;
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) {
    return unsupported("the torch backend was not built: " + file.string() +
                       " is missing; build with -DSEEDLING_TORCH=ON and libtorch, or use --backend cpu");
  }
  // Never closed: libtorch's own threads and static objects do not survive that.
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char* reason = dlerror();
    return unsupported("the torch backend cannot be loaded: " + std::string(reason ? reason : file.string()) +
                       "; use --backend cpu");
  }
  using Entry = const Backend* (*)();
  const auto entry = reinterpret_cast<Entry>(dlsym(library, kPluginEntry));
  if (!entry)
    return unsupported(file.string() + " has no " + kPluginEntry + ": rebuild it with this seedling");
  return entry();
}

Result<const Backend*> find_backend(const std::string& name) {
  if (name == "cpu" || name == "auto") return &cpu_backend();
  if (name == "plain") return &plain_backend();
  if (name == "torch") return load_torch_backend();
  return invalid_input("no backend \"" + name + "\": choose cpu, plain, torch or auto");
}

}  // namespace seedling
