// engine/model_directory.h
//
// Where the model stands when nobody says: in the repository that the executable was built in, or beside an
// installed one. Reads the file system, never the environment. Any thread.
#pragma once

#include <string>

namespace seedling {

// <executable>/../../../models if it holds a config.json (build/<preset>/bin/seedling), else
// <executable>/../share/seedling/model; the first of the two if neither does, so that errors name it.
std::string default_model_directory();

}  // namespace seedling
