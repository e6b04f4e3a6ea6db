#include "os/load.hpp"

#include "os/file.hpp"

namespace cleave::os {

Result<plan::LoadReading> load_average() {
  const auto loadavg = read_file("/proc/loadavg");
  if (!loadavg) return loadavg.error();
  // Not there without PSI, and EOPNOTSUPP where it was switched off at boot.
  const auto pressure = read_file("/proc/pressure/cpu");
  return plan::parse_load(*loadavg, pressure ? *pressure : "");
}

}  // namespace cleave::os
