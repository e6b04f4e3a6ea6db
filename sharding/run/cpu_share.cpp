#include <charconv>

#include "cleave/detail/fixture_api.hpp"
#include "os/machine.hpp"

namespace cleave::detail {

unsigned cpu_share() noexcept {
  static const unsigned share = [] {
    unsigned cpus = 0;
    if (const auto text = os::environment("CLEAVE_CPUS"))
      std::from_chars(text->data(), text->data() + text->size(), cpus);
    return cpus == 0 ? os::usable_cpus() : cpus;
  }();
  return share;
}

}  // namespace cleave::detail
