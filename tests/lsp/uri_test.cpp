// URIs and the paths that the model sees.

#include "lsp/uri.h"

#include <doctest/doctest.h>

#include <vector>

namespace seedling {
namespace {

TEST_CASE("uri: paths") {
  CHECK(path_of_uri("file:///a/b.py") == "/a/b.py");
  CHECK(path_of_uri("file:///a/b%20c%C3%A9.py") == "/a/b c\u00e9.py");
  CHECK(path_of_uri("file://host/a.py") == "/a.py");
  CHECK(path_of_uri("file:/a.py") == "/a.py");
  CHECK(path_of_uri("untitled:Untitled-1") == "Untitled-1");
  CHECK(path_of_uri("vscode-notebook-cell:/a/b.ipynb#W0") == "/a/b.ipynb");
  CHECK(path_of_uri("file:///a/100%") == "/a/100%");
  CHECK(path_of_uri("file:///a/%zz%00") == "/a/%zz%00");
  CHECK(path_of_uri("") == "");
  CHECK(path_of_uri("file://") == "");
}

TEST_CASE("uri: relative to the workspace") {
  const std::vector<std::string> one = {"/w"};
  CHECK(workspace_path("/w/src/a.py", one) == "src/a.py");
  CHECK(workspace_path("/water/a.py", one) == "/water/a.py");
  CHECK(workspace_path("/w", one) == "/w");
  CHECK(workspace_path("Untitled-1", one) == "Untitled-1");
  CHECK(workspace_path("/w/a.py", std::vector<std::string>{}) == "/w/a.py");
  CHECK(workspace_path("/w/a.py", std::vector<std::string>{"/w/"}) == "a.py");
  // With several folders the same name in two of them stays two names.
  const std::vector<std::string> several = {"/w/one", "/w/two", "/w/one/inner"};
  CHECK(workspace_path("/w/one/a.py", several) == "one/a.py");
  CHECK(workspace_path("/w/two/a.py", several) == "two/a.py");
  CHECK(workspace_path("/w/one/inner/a.py", several) == "inner/a.py");
}

}  // namespace
}  // namespace seedling
