#include "cli/engine_process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "engine/engine.h"
#include "engine/model/fingerprint.h"

extern char** environ;

namespace seedling::cli {
namespace {

constexpr int kSocket = 3;  // the first descriptor behind the standard ones
constexpr std::uintmax_t kMostLogBytes = std::uintmax_t{1} << 20;
constexpr std::size_t kKeyDigits = 16;

Result<std::string> run_folder() {
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  if (runtime != nullptr && runtime[0] == '/') return private_folder(std::string(runtime) + "/seedling");
  if (cache_folder().empty())
    return not_found("neither XDG_RUNTIME_DIR nor HOME says where its socket can be");
  return private_folder(cache_folder() + "/run");
}

// Changes with the binary: a new build does not talk to the engine of the one before.
std::string identity_of_binary() {
  struct stat status {};
  if (::stat("/proc/self/exe", &status) != 0) return SEEDLING_VERSION;
  return std::string(SEEDLING_VERSION) + " " + std::to_string(status.st_dev) + " " +
         std::to_string(status.st_ino) + " " + std::to_string(status.st_size) + " " +
         std::to_string(status.st_mtim.tv_sec) + "." + std::to_string(status.st_mtim.tv_nsec);
}

using Words = std::vector<std::string>;

void add(Words& words, const char* name, const std::string& value) {
  words.emplace_back(name);
  words.push_back(value);
}

// What makes an engine another engine.
Words engine_words(const LspOptions& options, const GlobalOptions& global) {
  std::error_code problem;
  const std::string model = engine_options(global).model_directory;
  const std::string whole_path = std::filesystem::absolute(model, problem).string();
  Words words = {"lsp"};
  add(words, "--model", problem ? model : whole_path);
  add(words, "--backend", global.backend);
  add(words, "--device", global.device);
  if (global.threads > 0) add(words, "--threads", std::to_string(global.threads));
  if (global.cache_mib >= 0) add(words, "--cache-mib", std::to_string(global.cache_mib));
  if (global.neighbour_tokens > 0) add(words, "--neighbour-tokens", std::to_string(global.neighbour_tokens));
  if (options.logs_text) words.emplace_back("--log-text");
  if (options.answers_document_hash) words.emplace_back("--document-hash");
  return words;
}

}  // namespace

Result<EngineProcess> shared_engine(const LspOptions& options, const GlobalOptions& global) {
  EngineProcess engine;
  engine.arguments = engine_words(options, global);
  std::string key = identity_of_binary();
  for (const std::string& word : engine.arguments) key += '\n' + word;
  const std::string base = TRY(run_folder()) + "/" + digest_of(key).substr(0, kKeyDigits);
  engine.socket_path = base + ".sock";
  engine.log_path = base + ".log";
  // As the window that starts it has them; later ones do not ask for another engine because of them.
  add(engine.arguments, "--log-level", options.log_level);
  add(engine.arguments, "--linger", std::to_string(options.linger_seconds));
  add(engine.arguments, "--engine", engine.socket_path);
  return engine;
}

Result<pid_t> start(const EngineProcess& engine, const Descriptor& listening) {
  std::error_code ignored;
  const bool is_long = std::filesystem::file_size(engine.log_path, ignored) > kMostLogBytes && !ignored;
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, engine.log_path.c_str(),
                                     O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | (is_long ? O_TRUNC : 0),
                                     0600);
  ::posix_spawn_file_actions_adddup2(&actions, listening.get(), kSocket);
  ::posix_spawn_file_actions_addclosefrom_np(&actions, kSocket + 1);
  ::posix_spawn_file_actions_addchdir_np(&actions, "/");
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);

  std::string self = "/proc/self/exe";
  std::vector<std::string> copies = engine.arguments;
  std::string name = "seedling";
  std::vector<char*> words = {name.data()};
  for (std::string& word : copies) words.push_back(word.data());
  words.push_back(nullptr);
  pid_t process = 0;
  const int problem = ::posix_spawn(&process, self.c_str(), &actions, &attributes, words.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  if (problem == 0) return process;
  return Error{ErrorCode::internal,
               "the engine cannot be started: " + std::generic_category().message(problem)};
}

Result<Descriptor> handed_over_socket() {
  int is_listening = 0;
  socklen_t size = sizeof is_listening;
  const bool is_socket = ::getsockopt(kSocket, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &size) == 0;
  if (!is_socket || is_listening == 0)
    return invalid_input("--engine is for seedling itself: start seedling lsp");
  ::fcntl(kSocket, F_SETFD, FD_CLOEXEC);
  return Descriptor(kSocket);
}

}  // namespace seedling::cli
