#pragma once

#include <string>

namespace cleave::cli {

/// What came of a command: what it says, and with which exit status the tool ends.
struct Done {
  std::string text;
  int code = 0;
};

}  // namespace cleave::cli
