#include "run/failure.hpp"

#include <cstdio>

namespace cleave::run {

int fail(const Error& error) {
  std::fprintf(stderr, "cleave: %s\n", error.what.c_str());
  switch (error.kind) {
    case Errc::usage: return kUsage;
    case Errc::nothing_to_run: return kNothingToRun;
    case Errc::broken:
    case Errc::system:
    case Errc::corrupt: return kBroken;
  }
  return kBroken;
}

void warn(const std::string& what) { std::fprintf(stderr, "cleave: warning: %s\n", what.c_str()); }

Error nothing_selected(const RunContext& context) {
  const std::size_t count = context.frame.list.tests.size();
  if (count == 0) return Error{Errc::nothing_to_run, "nothing to run: this binary has no tests", 0};
  if (context.frame.list.repeat == 0)
    return Error{Errc::nothing_to_run, "nothing to run: it is to be repeated 0 times", 0};
  return Error{Errc::nothing_to_run,
               "nothing to run: the filter selects none of the " + std::to_string(count) +
                   (count == 1 ? " test" : " tests") + " of this binary",
               0};
}

}  // namespace cleave::run
